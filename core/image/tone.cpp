#include "core/image/tone.h"

#include <algorithm>
#include <cmath>

namespace c2c {
namespace {

float clipped(float x) {
    return x > 0.0f ? std::min(x, 1.0f) : 0.0f; // NaN is 0
}

template <class Function> std::vector<float> sampled(int intervals, Function function) {
    std::vector<float> values(std::size_t(intervals) + 1);
    for (int i = 0; i <= intervals; ++i)
        values[std::size_t(i)] = function(float(i) / float(intervals));
    return values;
}

} // namespace

Curve::Curve(std::vector<float> values) : values_(std::move(values)), scale_(float(values_.size() - 1)) {
    for (std::size_t i = 1; i < values_.size(); ++i)
        values_[i] = std::max(values_[i], values_[i - 1]);
}

float Curve::operator()(float x) const {
    const float at = clipped(x) * scale_;
    const std::size_t i = std::min(std::size_t(at), values_.size() - 2);
    return values_[i] + (at - float(i)) * (values_[i + 1] - values_[i]);
}

float Curve::inverse(float y) const {
    if (!(y > values_.front()))
        return 0.0f;
    if (y >= values_.back())
        return 1.0f;
    const auto above = std::lower_bound(values_.begin(), values_.end(), y);
    const float low = *(above - 1);
    return (float(above - values_.begin() - 1) + (y - low) / (*above - low)) / scale_;
}

float srgb_decode(float x) {
    const double a = std::abs(double(x));
    return std::copysign(float(a <= 0.04045 ? a / 12.92 : std::pow((a + 0.055) / 1.055, 2.4)), x);
}
float srgb_encode(float x) {
    const double a = std::abs(double(x));
    return std::copysign(float(a <= 0.0031308 ? a * 12.92 : 1.055 * std::pow(a, 1.0 / 2.4) - 0.055), x);
}

float srgb_decode_clipped(float x) {
    static const Curve curve(sampled(4096, srgb_decode));
    return curve(x);
}
float srgb_encode_clipped(float x) {
    static const Curve curve(sampled(65536, srgb_encode));
    return curve(x);
}

} // namespace c2c
