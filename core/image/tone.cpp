#include "core/image/tone.h"

namespace c2c {
namespace {

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
    front_ = values_.front();
    const float range = values_.back() - front_;
    scale_of_inverse_ = range > 0.0f ? 1.0f / range : 0.0f;
    inverse_.assign(bins + 1, 0.0f);
    std::size_t below = 0;
    for (std::size_t bin = 1; bin <= bins && range > 0.0f; ++bin) {
        const float root = float(bin) / float(bins),
                    y = std::min(front_ + root * root * range, values_.back());
        while (values_[below + 1] < y)
            ++below;
        inverse_[bin] =
            (float(below) + (y - values_[below]) / (values_[below + 1] - values_[below])) / scale_;
    }
}

float srgb_decode(float x) {
    const double a = std::abs(double(x));
    return std::copysign(float(a <= 0.04045 ? a / 12.92 : std::pow((a + 0.055) / 1.055, 2.4)), x);
}
float srgb_encode(float x) {
    const double a = std::abs(double(x));
    return std::copysign(float(a <= 0.0031308 ? a * 12.92 : 1.055 * std::pow(a, 1.0 / 2.4) - 0.055), x);
}

const Curve& srgb_decoding() {
    static const Curve curve(sampled(4096, srgb_decode));
    return curve;
}
const Curve& srgb_encoding() {
    static const Curve curve(sampled(65535, srgb_encode));
    return curve;
}

} // namespace c2c
