#pragma once

#include "core/base/result.h"
#include "core/nn/weights.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace c2c::nn {

/// A level of the UNet: resnets, each followed by a transformer where `depths` says so, then a resampling.
struct UNetBlock {
    struct Channels {
        std::int64_t in = 0, out = 0;
    };
    std::string name; ///< "down_blocks.0", "mid_block", …
    std::vector<Channels> resnets;
    std::vector<std::int64_t> depths; ///< transformer layers behind each resnet; empty: no attention
    std::int64_t heads = 1;
    bool resample = false;
};

/// diffusers' UNet2DConditionModel as its config.json describes it (github huggingface/diffusers,
/// models/unets/unet_2d_condition.py), in the options that SDXL, SDXL-Turbo and nano use.
struct UNetConfig {
    std::int64_t in_channels = 4, out_channels = 4;
    std::int64_t base_channels = 320; ///< of the first level, conv_in and the sinusoids
    std::int64_t time_channels = 1280;
    std::int64_t cross_attention_dim = 1280;
    std::int64_t norm_groups = 32;
    double norm_eps = 1e-5;
    bool flip_sin_to_cos = true;
    double freq_shift = 0;
    bool linear_projection = false;    ///< else 1x1 convolutions around the transformers
    bool scale_shift = false;          ///< resnet_time_scale_shift "scale_shift", else the time is added
    bool text_time = false;            ///< addition_embed_type "text_time": pooled text and time_ids
    std::int64_t time_id_channels = 0; ///< sinusoids of each time_id
    std::int64_t added_channels = 0;   ///< pooled text and all time_ids' sinusoids
    std::vector<UNetBlock> down, up;
    UNetBlock mid;
};

/// A Model error names an option that is not supported, or a value that makes no sense.
Result<UNetConfig> read_unet_config(const std::filesystem::path& file);

Shapes unet_shapes(const UNetConfig& config);

} // namespace c2c::nn
