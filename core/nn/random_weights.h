#pragma once

#include "core/base/result.h"
#include "core/nn/weights.h"

#include <cstdint>
#include <string_view>

namespace c2c::nn {

/// Weights for any list of shapes from our counter-based generator, the same on every machine and in
/// tests/parity/random_weights.py: stream = CRC-32 of the tensor's name; matrices and kernels n/√fan_in,
/// a norm's "weight" 1 + n/10, "running_var" 1 + |n|/10, the rest ("bias", "running_mean") n/10. fp32, CPU.
Weights random_weights(const Shapes& shapes, std::uint64_t seed);

std::uint32_t crc32(std::string_view text); ///< zlib's

/// Deviation and mean of a tensor of them: 1/√fan-in about 0 for matrices and kernels, 0.1 about 0 or 1 for
/// the rest.
struct RandomScale {
    double scale = 0.1, shift = 0;
};
RandomScale random_scale(std::string_view name, const std::vector<std::int64_t>& shape);

/// One tensor of them, [product of shape] numbers.
std::vector<float> random_tensor(std::string_view name, const std::vector<std::int64_t>& shape,
                                 std::uint64_t seed);

} // namespace c2c::nn
