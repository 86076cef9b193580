#include "core/nn/random_weights.h"

#include "core/base/philox.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>

namespace c2c::nn {

std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = ~0u;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

RandomScale random_scale(std::string_view name, const std::vector<std::int64_t>& shape) {
    if (shape.size() >= 2) { // embeddings as well: their fan-in is their width
        const auto fan_in =
            std::accumulate(shape.begin() + 1, shape.end(), std::int64_t{1}, std::multiplies<>());
        return {1 / std::sqrt(static_cast<double>(fan_in)), 0};
    }
    return {0.1, name.ends_with("weight") || name.ends_with("running_var") ? 1.0 : 0.0};
}

std::vector<float> random_tensor(std::string_view name, const std::vector<std::int64_t>& shape,
                                 std::uint64_t seed) {
    const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    std::vector<float> values = normal_noise(seed, crc32(name), static_cast<std::size_t>(count));
    const auto [scale, shift] = random_scale(name, shape);
    const bool positive = name.ends_with("running_var");
    for (float& value : values)
        value = static_cast<float>(shift + scale * (positive ? std::abs(value) : value));
    return values;
}

Weights random_weights(const Shapes& shapes, std::uint64_t seed) {
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, shape] : shapes)
        tensors[name] = at::tensor(random_tensor(name, shape, seed)).view(shape);
    return Weights::from(std::move(tensors), "random weights");
}

} // namespace c2c::nn
