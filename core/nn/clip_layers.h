#pragma once

// For the .cpp files of this room: the transformer that both sides of CLIP are made of.

#include "core/nn/ops.h"
#include "core/nn/weights.h"
#include "core/weights/options.h"

#include <string>

namespace c2c::nn {

/// A stack of pre-norm layers (Radford et al., "Learning Transferable Visual Models", 2021), as transformers'
/// CLIPEncoder names and computes it.
struct ClipTower {
    std::int64_t width = 512, mlp = 2048, layers = 12, heads = 8;
    bool quick_gelu = true; ///< CLIP-L's activation; OpenCLIP's towers have the exact gelu
    double eps = 1e-5;
};

/// The keys that text and vision configs share; `otherwise` has the library's defaults.
ClipTower read_clip_tower(const Options& options, const ClipTower& otherwise);

/// Tensors of `prefix`encoder.layers.….
void expect_clip_tower(Shapes& shapes, const std::string& prefix, const ClipTower& tower);

/// One of its layers, `w` = encoder.layers.i, on [B, n, width].
at::Tensor clip_layer(const Weights& w, const ClipTower& tower, const at::Tensor& x, Mask mask);

} // namespace c2c::nn
