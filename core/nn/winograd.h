#pragma once

#include "core/nn/ops.h"
#include "core/nn/weights.h"

#include <functional>
#include <string_view>

// Winograd's F(4x4, 3x3) for the CPU: a 3x3 convolution in a quarter of the multiplications (Lavin & Gray,
// 2015), in fp32, over NHWC pictures, with what follows it in the same pass over memory. oneDNN's direct
// convolution already runs at the machine's peak, so only fewer multiplications are faster. The error is
// about 1e-5 of the largest output.

namespace c2c::nn {

/// The CPU has AVX2 with FMA, or AVX-512.
bool winograd_supported();

/// Adds "winograd" beside every 3x3 fp32 "weight" below `w` on the CPU whose in-channels are a multiple of
/// 16: the transformed kernel [36, in, out rounded up to 16]. Four times the memory of the weight, so for
/// networks whose pictures are large and channels few. Without a CPU that is supported, `w` itself.
/// `wanted`, where given, chooses by the name below `w`.
Weights with_winograd(const Weights& w, const std::function<bool(std::string_view)>& wanted = {});

/// conv3x3 of ops.h by such a kernel.
at::Tensor winograd_conv3x3(const Weights& w, const at::Tensor& x, const ConvExtras& extras);

} // namespace c2c::nn
