#pragma once

#include "core/face/align.h"

#include <array>
#include <optional>

// For the sources of this room.

namespace c2c {

struct Sampling {
    double sigma = 0;                         ///< Gaussian blur of the photo before sampling, photo pixels
    std::optional<std::array<float, 3>> fill; ///< colour of what lies outside; otherwise the edge goes on
};

/// The photo seen through `warp` (pixel centre → photo pixel centre), bilinear, RGB. Only the photo's part
/// that is seen is blurred or copied.
Image sample(const Image& srgb, const Warp& warp, int width, int height, const Sampling& sampling = {});

/// A blur that keeps a reduction by `scale` free of aliasing: what dlib's and OpenCV's area pyramids come
/// near to.
double reduction_sigma(double scale);

} // namespace c2c
