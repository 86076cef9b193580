#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/weights/model_folder.h"
#include "core/weights/safetensors.h"

#include <filesystem>

namespace c2c::nn {

struct RandomModel {
    DType type = DType::BF16; ///< of all weights: F16, BF16 or F32
    bool tiny = false;        ///< networks of the same kinds that take moments; else SDXL-Turbo's sizes
    std::uint64_t seed = 1;
};

/// Writes a model of random weights in the published layout (about 10 GB in 16 bits), so that the full method
/// can be timed and sized without its weights. A few megabytes of memory are used. The folder must be empty
/// or not there.
Result<void> write_random_model(const std::filesystem::path& folder, const RandomModel& kind,
                                const Progress& progress = {}, const StopToken& stop = {});

/// The networks' tensors against what their config.json asks for, from the files' headers alone. A Model
/// error names file, tensor and both shapes.
Result<void> check_model_shapes(const ModelFolder& model);

} // namespace c2c::nn
