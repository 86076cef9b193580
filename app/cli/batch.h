#pragma once

#include "app/cli/options.h"
#include "app/cli/progress_bar.h"
#include "core/aging/studio.h"
#include "core/eval/meters.h"

#include <map>
#include <string>
#include <vector>

namespace c2c::cli {

/// Which faces of a photo are aged.
struct FaceChoice {
    enum class Kind { Largest, All, Number } kind = Kind::Largest;
    int number = 0; ///< from 1, counted from the left
};

struct BatchPlan {
    AgeFlags flags;
    std::vector<double> ages;
    std::vector<std::filesystem::path> inputs;
    FaceChoice faces;
    Meters* meters = nullptr;
    std::map<std::string, std::vector<float>> noise;
};

struct BatchOutcome {
    std::size_t written = 0;
    std::vector<Error> errors;
    bool cancelled = false;
};

Result<FaceChoice> parse_faces(const std::string& text);
Result<std::map<std::string, std::vector<float>>> read_noise(const std::filesystem::path& file);

/// All ages of one photo. An age that fails does not stop the others, unless the cause is the photo's.
BatchOutcome age_photo(Studio& studio, const BatchPlan& plan, const std::filesystem::path& input,
                       ProgressBar& bar, const StopToken& stop);

} // namespace c2c::cli
