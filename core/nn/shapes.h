#pragma once

#include "core/nn/weights.h"

namespace c2c::nn {

// What the layers of ops.h need, written as the networks' shape lists are built.
enum class Bias { No, Yes };

inline void expect_linear(Shapes& shapes, const std::string& name, std::int64_t in, std::int64_t out,
                          Bias bias = Bias::Yes) {
    shapes[name + ".weight"] = {out, in};
    if (bias == Bias::Yes)
        shapes[name + ".bias"] = {out};
}

inline void expect_conv2d(Shapes& shapes, const std::string& name, std::int64_t in, std::int64_t out,
                          std::int64_t kernel, Bias bias = Bias::Yes) {
    shapes[name + ".weight"] = {out, in, kernel, kernel};
    if (bias == Bias::Yes)
        shapes[name + ".bias"] = {out};
}

/// Group, layer and (without its statistics) batch norms.
inline void expect_norm(Shapes& shapes, const std::string& name, std::int64_t channels) {
    shapes[name + ".weight"] = {channels};
    shapes[name + ".bias"] = {channels};
}

} // namespace c2c::nn
