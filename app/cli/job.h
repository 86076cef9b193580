#pragma once

#include "app/cli/batch.h"
#include "app/cli/report.h"
#include "core/image/photo.h"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace c2c::cli {

using Clock = std::chrono::steady_clock;
inline double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// One input of a batch: what ageing a photo and ageing an aligned crop have in common.
struct Job {
    Studio& studio;
    const BatchPlan& plan;
    const std::filesystem::path& input;
    ProgressBar& bar;
    StopToken stop;
    std::vector<std::filesystem::path> outputs = {}; ///< one an age
    std::map<std::string, double> seconds = {}; ///< what is done once a photo, told with its first result
    BatchOutcome outcome = {};

    const AgeFlags& flags() const { return plan.flags; }
    Stage stage() const { return flags().draft ? Stage::Draft : Stage::Settled; }
};

/// Reads the input and plans the names of the outputs. Names are checked before the network runs: a clash at
/// the end would waste the work.
Result<Photo> read_input(Job& job);

/// `face`: what is estimated where the flags say nothing; null for an aligned crop.
PortraitSettings portrait_settings(const Job& job, const SceneFace* face);

Result<void> write_result(const Job& job, const Photo& photo, const std::filesystem::path& file,
                          const ModelInfo& model);

ResultLine start_line(Job& job, double age);
void finish(Job& job, const ResultLine& line);

Result<void> age_faces(Job& job); ///< of a whole photo: found, aged, put back
Result<void>
age_aligned(Job& job); ///< the input is the template crop already, the output the network's image

} // namespace c2c::cli
