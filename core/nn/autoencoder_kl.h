#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/nn/weights.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace c2c::nn {

/// diffusers' AutoencoderKL, SDXL's VAE (Rombach et al., "Latent Diffusion", 2022). Latents are scaled by the
/// config's scaling_factor on the way out and back on the way in. Copies share their weights.
class AutoencoderKL {
  public:
    struct Config {
        std::vector<std::int64_t> channels; ///< of each level, full size first
        std::int64_t layers = 1, latent_channels = 4, norm_groups = 32;
        double scaling_factor = 0.18215;
        bool force_upcast = true; ///< the stock weights overflow in fp16: they then run in fp32
        bool quant_conv = true, post_quant_conv = true, mid_attention = true;

        std::int64_t downscale() const { return std::int64_t{1} << (channels.size() - 1); }
    };

    /// `folder` holds config.json and the weights, also with the attention's older names (query, proj_attn).
    static Result<AutoencoderKL> load(const std::filesystem::path& folder, const Placement& placement);
    static Result<AutoencoderKL> from(const std::filesystem::path& config_json, Weights weights,
                                      Placement placement);

    /// RGB 0..1 [B, 3, h, w], sides divisible by downscale() → fp32 latent [B, latent_channels, h/8, w/8]:
    /// the posterior's mean. `tile` > 0 works in overlapping squares of that many latent pixels, blended as
    /// diffusers' tiling does, which bounds the memory and changes the result a little; 0 is the whole
    /// picture at once.
    Result<at::Tensor> encode(const at::Tensor& rgb, std::int64_t tile = 0, const StopToken& stop = {}) const;
    /// The same, drawn from the posterior with N(0,1) `noise` of the latent's shape.
    Result<at::Tensor> encode_sampled(const at::Tensor& rgb, const at::Tensor& noise, std::int64_t tile = 0,
                                      const StopToken& stop = {}) const;
    /// Latent → fp32 RGB, about 0..1 and not clipped.
    Result<at::Tensor> decode(const at::Tensor& latent, std::int64_t tile = 0,
                              const StopToken& stop = {}) const;

    const Config& config() const { return config_; }
    const Placement& placement() const { return placement_; }

  private:
    AutoencoderKL(Config config, Weights weights, Placement placement);
    at::Tensor moments(const at::Tensor& rgb, std::int64_t tile, const StopToken& stop) const;
    Config config_;
    Weights weights_;
    Placement placement_;
};

Result<Shapes> autoencoder_kl_shapes(const std::filesystem::path& config_json);

} // namespace c2c::nn
