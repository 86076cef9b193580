#include "app/cli/batch.h"

#include "app/cli/job.h"
#include "core/weights/safetensors.h"

#include <charconv>
#include <cstring>

namespace fs = std::filesystem;

namespace c2c::cli {

Result<FaceChoice> parse_faces(const std::string& text) {
    if (text == "largest")
        return FaceChoice{};
    if (text == "all")
        return FaceChoice{FaceChoice::Kind::All, 0};
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 1)
        return fail(ErrorKind::Usage, "--faces takes largest, all, or a number from 1, not \"{}\".", text);
    return FaceChoice{FaceChoice::Kind::Number, number};
}

Result<std::map<std::string, std::vector<float>>> read_noise(const fs::path& file) {
    C2C_TRY(const TensorFile tensors, read_safetensors(file));
    std::map<std::string, std::vector<float>> noise;
    for (const auto& [name, view] : tensors.tensors) {
        if (view.type != DType::F32)
            return fail(ErrorKind::Input, "The noise {} in {} is {}; F32 is wanted.", name, file.string(),
                        name_of(view.type));
        std::vector<float> values(view.bytes.size() / sizeof(float));
        std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
        noise.emplace(name, std::move(values));
    }
    return noise;
}

BatchOutcome age_photo(Studio& studio, const BatchPlan& plan, const fs::path& input, ProgressBar& bar,
                       const StopToken& stop) {
    Job job{studio, plan, input, bar, stop};
    if (const auto done = plan.flags.aligned ? age_aligned(job) : age_faces(job); !done)
        job.outcome.errors.push_back(done.error());
    return std::move(job.outcome);
}

} // namespace c2c::cli
