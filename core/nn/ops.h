#pragma once

#include "core/nn/weights.h"

#include <cstdint>

// The operations that the networks are written in. `w` is the branch that holds the layer's "weight" and,
// where the layer has one, "bias". Tensors are NCHW or [batch, tokens, channels]. They throw (see guard.h)
// and expect an InferenceMode guard around them. silu(x), gelu(x) and the like are ATen's own, found by their
// argument.

namespace c2c::nn {

/// Over the last dimension; weight [out, in]. Adds a LoRA that attach_lora put beside it.
at::Tensor linear(const Weights& w, const at::Tensor& x);

/// Weight [out, in, k, k]; padding −1 keeps the size at stride 1 (k / 2).
at::Tensor conv2d(const Weights& w, const at::Tensor& x, std::int64_t stride = 1, std::int64_t padding = -1);

/// What a convolution does in the same pass over memory.
struct ConvExtras {
    bool doubled = false;                 ///< first enlarges the picture twice by repetition
    const at::Tensor* residual = nullptr; ///< adds this
    bool relu = false;                    ///< last of all
};

/// A 3x3 convolution that keeps the size; by Winograd's way where `w` was prepared for it (see winograd.h).
at::Tensor conv3x3(const Weights& w, const at::Tensor& x, const ConvExtras& extras = {});

at::Tensor group_norm(const Weights& w, const at::Tensor& x, std::int64_t groups, double epsilon);
/// silu(group_norm(x)), the activation in place: a large picture's way to memory costs as much as its sums.
at::Tensor group_norm_silu(const Weights& w, const at::Tensor& x, std::int64_t groups, double epsilon);
at::Tensor layer_norm(const Weights& w, const at::Tensor& x,
                      double epsilon = 1e-5); ///< over the last dimension

at::Tensor quick_gelu(const at::Tensor& x); ///< x·σ(1.702x), CLIP-L's

enum class Mask { None, Causal };

/// softmax(q·kᵀ/√d)·v with `heads` heads side by side in the channels: q [B, n, C], k and v [B, m, C] → [B,
/// n, C]. Causal lets a token see itself and those before it (n = m). `rows` > 0 looks at that many queries
/// at a time, which bounds the memory for the scores.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads,
                     Mask mask = Mask::None, std::int64_t rows = 0);

/// Sinusoids of diffusers' get_timestep_embedding: t [B] → fp32 [B, channels]; frequencies
/// 10000^(−i / (channels/2 − freq_shift)), sines first unless flipped.
at::Tensor timestep_embedding(const at::Tensor& t, std::int64_t channels, bool flip_sin_to_cos,
                              double freq_shift);

at::Tensor upsample2x(const at::Tensor& x); ///< nearest, NCHW

} // namespace c2c::nn
