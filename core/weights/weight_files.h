#pragma once

#include "core/weights/safetensors.h"

#include <filesystem>
#include <vector>

namespace c2c {

/// Which of two published files to take where a folder has both.
enum class Variant { Full, Half };

/// The weights of one network in a published folder, however they are spelled: diffusion_pytorch_model
/// (diffusers), model or pytorch_model (transformers); one .safetensors or shards with an index; as the
/// `.fp16.` variant; or PyTorch's .bin. `files` are what is there, all of them are needed.
struct WeightFiles {
    std::vector<std::filesystem::path> files;
    bool half = false;           ///< the `.fp16.` variant
    std::filesystem::path index; ///< of shards; else empty
};

/// A Model error when there are none, or an index names a shard that is missing.
Result<WeightFiles> find_weight_files(const std::filesystem::path& folder, Variant preferred = Variant::Full);

/// Opens them. A tensor that a shard's index promises and the shard lacks is a Model error.
Result<std::vector<TensorFile>> read_weight_files(const std::filesystem::path& folder,
                                                  Variant preferred = Variant::Full);

} // namespace c2c
