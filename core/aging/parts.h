#pragma once

// Private to this room: include it after Torch's headers (the precompiled header has them).

#include "core/aging/ager.h"
#include "core/nn/device.h"
#include "core/nn/idemb.h"

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

/// SVR-ArcFace (paper 3.3.1) over the source's feature and those of `n` pass-1 images; −1 is off.
struct Svr {
    int n = -1;
    double alpha = 0.01, beta = 1.1;
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
    /// Makes do with less memory and says so in words; an empty text when there is no lower rung. May be
    /// empty.
    std::function<Result<std::string>()> step_down;
    std::vector<std::int64_t> latent_shape;
    std::vector<NoiseLevel> pass1; ///< by rising max_gap
    NoiseLevel pass2;
    NoiseLevel with_extra_prompt;      ///< pass 1's level when the portrait has a prompt of its own
    std::vector<NoiseLevel> strengths; ///< pass 1's levels that SVR with n = 3 runs, all of them
    bool reencode = false; ///< pass 2 starts from encode(decode(z1)), as published; nano stays in latents
    bool sample_posterior = false; ///< encode draws, so it is given noise
    bool extra_prompts = false;    ///< the prompt can be added to

    /// `noise` is undefined unless sample_posterior.
    std::function<Result<at::Tensor>(const at::Tensor& image, const at::Tensor& noise, const StopToken&)>
        encode;
    using Decoder = std::function<Result<at::Tensor>(const at::Tensor& latent, const StopToken&)>;
    Decoder decode;
    Decoder preview; ///< a quick decoder for drafts; may be empty
    std::function<Result<Prompt>(Gender, double age, const std::string& extra)> prompt;
    using Unet = std::function<Result<at::Tensor>(const at::Tensor& x, double timestep, const Prompt&,
                                                  const StopToken&)>;
    Unet unet, unet_lora;
    /// The ArcFace feature [1, D] of the source, as the network gives it.
    std::function<Result<at::Tensor>(const Image& crop, const Image& arcface_chip)> face_feature;
    /// The same of a pass-1 image; only there where SVR may ask for it.
    std::function<Result<at::Tensor>(const at::Tensor& image)> image_face_feature;
    /// The CLIP image feature [1, C] of unit length.
    std::function<Result<at::Tensor>(const at::Tensor& image, const at::Tensor& latent)> image_feature;
    std::function<Result<at::Tensor>(double age)> text_feature; ///< [1, C], unit length
    Svr svr;
    nn::RotateClip rotate = nn::RotateClip::Code;
    /// The two IDEmb tokens [1, 2, channels] of (SVR-ArcFace, Rotate-CLIP) features.
    std::function<Result<at::Tensor>(const at::Tensor& face, const at::Tensor& image)> idemb;
};

/// nano, or any folder with its kind of manifest.
Result<Parts> load_nano(const std::filesystem::path& folder, const EngineOptions& options,
                        const Progress& progress, const StopToken& stop);

/// A folder in the published layout, without a manifest: SDXL-Turbo with Cradle2Cane's parts.
Result<Parts> load_sdxl(const std::filesystem::path& folder, const EngineOptions& options,
                        const Progress& progress, const StopToken& stop);

/// Where the networks run and in which type, from what the user asks for.
Result<nn::Placement> choose_placement(const EngineOptions& options);
/// The SVR that is asked for, or the model's own; n must be −1, 0, 1 or 3.
Result<Svr> choose_svr(const MethodOptions& method, const Svr& own);
std::string text_of(DType precision); ///< "fp32", "bf16", "fp16"

at::Tensor to_tensor(const Image& image); ///< HWC → [1, 3, H, W], fp32
Image to_image(const at::Tensor& tensor); ///< [1, 3, H, W] → HWC, fp32

} // namespace c2c
