#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/nn/lora.h"
#include "core/nn/unet_config.h"
#include "core/nn/weights.h"

#include <filesystem>

namespace c2c::nn {

/// diffusers' UNet2DConditionModel. Copies share their weights.
class UNet {
  public:
    /// `folder` holds config.json and the weights in any published spelling. Every tensor's shape is checked.
    static Result<UNet> load(const std::filesystem::path& folder, const Placement& placement);
    static Result<UNet> from(UNetConfig config, Weights weights, Placement placement);

    /// The network with a LoRA merged in; it shares all tensors that the LoRA leaves alone.
    Result<UNet> with_lora(const Lora& lora, double strength = 1.0) const;
    /// The same with the LoRA's work done beside the layers: the weights are held once (see attach_lora).
    Result<UNet> with_lora_beside(const Lora& lora, double strength = 1.0) const;
    /// The same network with its attention in slices: less memory at a time.
    UNet in_slices() const;

    /// x [B, in, h, w], timestep as in training (0..999), tokens [B, n, cross_attention_dim]; with text_time
    /// also pooled [B, p] and time_ids [B, 6] or [1, 6]. Returns fp32 [B, out, h, w]. A stop is heard within
    /// one block; numbers that are not finite are a Model error that names the tensor at fault, where one is.
    Result<at::Tensor> operator()(const at::Tensor& x, double timestep, const at::Tensor& tokens,
                                  const at::Tensor& pooled, const at::Tensor& time_ids,
                                  const StopToken& stop = {}) const;

    const UNetConfig& config() const { return config_; }
    const Weights& weights() const { return weights_; }
    const Placement& placement() const { return placement_; }

  private:
    UNet(UNetConfig config, Weights weights, Placement placement);
    UNetConfig config_;
    Weights weights_;
    Placement placement_;
    std::int64_t attention_rows_ = 0; ///< queries at a time, 0 for all
};

} // namespace c2c::nn
