#pragma once

// Private to this room: include it after Torch's headers (the precompiled header has them).

#include "core/aging/ager.h"
#include "core/nn/device.h"

#include <functional>
#include <vector>

namespace c2c {

/// One network call of pass 1 or 2: x0 = x − output_scale·unet(input_scale·x, timestep). Between calls the
/// sampler moves to x + (x − x0)/sigma·(sigma_down − sigma) and adds sigma_up of fresh noise (Euler
/// ancestral); the last call has sigma_down = 0, so its x0 is the result.
struct NoiseStep {
    double timestep = 0;
    double sigma = 0;
    double sigma_down = 0, sigma_up = 0;
    double input_scale = 1, output_scale = 1;
};

/// AdaNI (paper 3.2): gaps up to max_gap years get this much noise.
struct NoiseLevel {
    double max_gap = 0;
    std::vector<NoiseStep> steps;
};

struct Prompt {
    at::Tensor embeds; ///< [1, tokens, channels]
    at::Tensor pooled; ///< [1, channels]
};

/// A model taken apart into what the two passes need; nano and SDXL fill the same parts, so the passes exist
/// once. Images are [1, 3, H, W] RGB 0..1, latents and features fp32.
struct Parts {
    ModelInfo info;
    bool own_age_base = true; ///< false: the change is measured against decode(encode(crop))
    std::vector<std::int64_t> latent_shape;
    std::vector<NoiseLevel> pass1; ///< by rising max_gap
    NoiseLevel pass2;
    bool reencode = false; ///< pass 2 starts from encode(decode(z1)), as published; nano stays in latents

    std::function<Result<at::Tensor>(const at::Tensor& image)> encode;
    std::function<Result<at::Tensor>(const at::Tensor& latent)> decode;
    std::function<Prompt(Gender, double age)> prompt;
    using Unet = std::function<Result<at::Tensor>(const at::Tensor& x, double timestep, const Prompt&,
                                                  const StopToken&)>;
    Unet unet, unet_lora;
    /// SVR-ArcFace feature [1, D] of the source, and the CLIP image feature [1, C] of unit length.
    std::function<Result<at::Tensor>(const Image& crop, const Image& arcface_chip)> face_feature;
    std::function<Result<at::Tensor>(const at::Tensor& image, const at::Tensor& latent)> image_feature;
    std::function<at::Tensor(double age)> text_feature; ///< [1, C], unit length
    /// The two IDEmb tokens [1, 2, channels] of (SVR-ArcFace, Rotate-CLIP) features.
    std::function<Result<at::Tensor>(const at::Tensor& face, const at::Tensor& image)> idemb;
};

/// nano, or any folder with its kind of manifest.
Result<Parts> load_nano(const std::filesystem::path& folder, const EngineOptions& options,
                        const Progress& progress, const StopToken& stop);

at::Tensor to_tensor(const Image& image); ///< HWC → [1, 3, H, W], fp32
Image to_image(const at::Tensor& tensor); ///< [1, 3, H, W] → HWC, fp32

} // namespace c2c
