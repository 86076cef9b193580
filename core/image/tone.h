#pragma once

#include <vector>

namespace c2c {

/// A rising curve from [0, 1] to numbers, as a table with straight lines between; its inverse is exact to the
/// last bits, because it searches the same table.
class Curve {
  public:
    Curve() = default;
    /// `values` at 0, 1/(n−1), …, 1; made rising where it falls.
    explicit Curve(std::vector<float> values);
    float operator()(float x) const;
    float inverse(float y) const;
    bool empty() const { return values_.empty(); }

  private:
    std::vector<float> values_;
    float scale_ = 0;
};

/// IEC 61966-2-1 by its formula, continued as an odd function below 0 and by its power above 1.
float srgb_decode(float encoded);
float srgb_encode(float linear);

/// The same within 0..1 by tables, error below 1e-7; the argument is clipped, NaN is 0.
float srgb_decode_clipped(float encoded);
float srgb_encode_clipped(float linear);

} // namespace c2c
