#pragma once

#include "core/base/result.h"
#include "core/nn/weights.h"

#include <filesystem>

namespace c2c::nn {

/// Nano's part of CLIP's vision: latents into a small space shared with ages. A 3x3 conv, residual blocks
/// x → (conv(silu(gn(conv(silu(gn(x)))))) + skip(x))/√2 with 16 groups, some halving the size by a 2x2 mean,
/// then silu, the mean over space and a linear layer. Widths are read from the tensors; a block halves where
/// it widens.
class ImageEncoder {
  public:
    static Result<ImageEncoder> load(const std::filesystem::path& safetensors, const Placement& placement);

    Result<at::Tensor>
    operator()(const at::Tensor& latent) const; ///< [B, c, h, w] → fp32 [B, 128], unit length

  private:
    ImageEncoder(Weights weights, std::size_t blocks, Placement placement);
    Weights weights_;
    std::size_t blocks_ = 0;
    Placement placement_;
};

} // namespace c2c::nn
