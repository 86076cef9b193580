#pragma once

// Torch before Catch: see tests/catch.h.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "tests/catch.h"

#include "core/base/files.h"
#include "core/nn/weights.h"
#include "tests/support.h"

namespace c2c::test {

/// Tensors of a safetensors file of the test data, in fp32.
inline nn::Weights reference(const std::string& file) {
    return value(nn::load_weights(data(file), nn::Placement{}));
}

/// max |a − b| over the largest magnitude of b; a shape that differs fails.
inline double relative_difference(const at::Tensor& a, const at::Tensor& b) {
    INFO(a.sizes() << " against " << b.sizes());
    REQUIRE(a.sizes() == b.sizes());
    const auto largest = b.abs().max().item<double>();
    REQUIRE(largest > 0);
    return (a - b).abs().max().item<double>() / largest;
}

inline std::filesystem::path nano(const std::string& file = {}) {
    return models_dir() / "nano" / file;
}

} // namespace c2c::test
