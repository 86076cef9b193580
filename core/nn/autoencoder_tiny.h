#pragma once

#include "core/base/result.h"
#include "core/nn/weights.h"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace c2c::nn {

/// TAESD and its kin (github madebyollin/taesd): an eighth of the size, 64 channels. Copies share their
/// weights.
class AutoencoderTiny {
  public:
    /// Pool: TAEF2's blocks at 1/8 size first add a 1x1 conv to 256, GroupNorm 4, ReLU, a 1x1 conv back.
    enum class MidBlock { Plain, Pool };
    struct Config {
        std::int64_t latent_channels = 4;
        MidBlock mid = MidBlock::Plain;
    };

    /// On a CPU without AMX it computes in fp32 even where bf16 is asked for: Winograd's way, which needs
    /// fp32, takes 100 ms of one core for nano's decoder and bf16 134 (Zen 4).
    ///
    /// Two files in TAESD's spelling (keys are indices of a sequence), or one in diffusers'
    /// (encoder.layers.N, decoder.layers.N) given twice.
    static Result<AutoencoderTiny> load(const std::filesystem::path& encoder,
                                        const std::filesystem::path& decoder, const Config& config,
                                        const Placement& placement);
    static Result<AutoencoderTiny> from(const Weights& encoder, const Weights& decoder, const Config& config,
                                        const Placement& placement);

    /// Of both halves, in diffusers' spelling.
    static Shapes shapes(const Config& config);

    /// RGB 0..1 [B, 3, h, w], sides divisible by 8 → fp32 latent [B, latent_channels, h/8, w/8].
    Result<at::Tensor> encode(const at::Tensor& rgb) const;
    /// Latent → RGB, fp32, about 0..1 and not clipped.
    Result<at::Tensor> decode(const at::Tensor& latent) const;

    const Config& config() const { return config_; }

  private:
    AutoencoderTiny(Config config, Weights encoder, Weights decoder, Placement placement);
    Config config_;
    Weights encoder_, decoder_; ///< the branch that holds the numbered layers
    Placement placement_;
};

} // namespace c2c::nn
