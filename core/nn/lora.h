#pragma once

#include "core/base/result.h"
#include "core/nn/weights.h"

#include <filesystem>
#include <optional>

namespace c2c::nn {

/// Low-rank changes of linear layers (Hu et al., "LoRA", 2021): W' = W + strength · alpha/rank · up·down, by
/// the name of the layer in the network ("down_blocks.1.….to_q").
struct Lora {
    struct Pair {
        std::string down, up; ///< names in `weights`: [rank, in] and [out, rank]
        double scale = 1;     ///< alpha / rank
    };
    Weights weights; ///< as the file has them, on the CPU
    std::map<std::string, Pair> layers;
};

/// Reads the spellings `<prefix>X.lora.down.weight` / `.lora.up.weight`, `X.lora_A.weight` / `.lora_B.weight`
/// (also with an adapter's name, `.lora_A.default.weight`) and `X.lora_down.weight`; `unet.` and
/// `base_model.model.` in front are dropped, tensors of text encoders left out. Alpha is the file's own
/// `X.alpha`, else the one given, else the rank.
Result<Lora> load_lora(const TensorFile& file, std::optional<double> alpha = {});
Result<Lora> load_lora(const std::filesystem::path& safetensors, std::optional<double> alpha = {});

/// The weights with the changes added, computed in fp32 and rounded once. A Model error names a layer that
/// the network lacks or that has another shape.
Result<Weights> merge_lora(const Weights& network, const Lora& lora, double strength);

/// The same network with the changes beside its layers, W·x + up·(down·x): no second set of weights, a little
/// more work. The same errors.
Result<Weights> attach_lora(const Weights& network, const Lora& lora, double strength);

} // namespace c2c::nn
