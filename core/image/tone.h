#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace c2c {

/// A rising curve from [0, 1] to numbers, and its inverse, both as tables with straight lines between.
/// Arguments are clipped, NaN is 0.
class Curve {
  public:
    Curve() = default;
    /// `values` at 0, 1/(n−1), …, 1; made rising where it falls.
    explicit Curve(std::vector<float> values);
    bool empty() const { return values_.empty(); }

    float operator()(float x) const {
        const float at = (x > 0.0f ? std::min(x, 1.0f) : 0.0f) * scale_;
        const std::size_t i = std::min(std::size_t(at), values_.size() - 2);
        return values_[i] + (at - float(i)) * (values_[i + 1] - values_[i]);
    }

    float inverse(float y) const {
        const float part = (y - front_) * scale_of_inverse_;
        const float at = std::sqrt(part > 0.0f ? std::min(part, 1.0f) : 0.0f) * float(bins);
        const std::size_t i = std::min(std::size_t(at), bins - 1);
        return inverse_[i] + (at - float(i)) * (inverse_[i + 1] - inverse_[i]);
    }

  private:
    static constexpr std::size_t bins = 4096;
    std::vector<float> values_;
    std::vector<float> inverse_; ///< by the root of y, in which display curves are nearly straight
    float scale_ = 0, front_ = 0, scale_of_inverse_ = 0;
};

/// IEC 61966-2-1 by its formula, continued as an odd function below 0 and by its power above 1.
float srgb_decode(float encoded);
float srgb_encode(float linear);

/// The same within 0..1 by tables, error below 1e-6.
const Curve& srgb_decoding();
const Curve& srgb_encoding();

} // namespace c2c
