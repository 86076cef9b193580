#pragma once

#include "core/face/face.h"
#include "core/image/image.h"

#include <memory>
#include <vector>

// For the sources of this room.

namespace c2c {

/// dlib's frontal HOG detector (upright faces of 80 px and more). Slow and strict: the second opinion.
class HogDetector {
  public:
    HogDetector();
    ~HogDetector();
    /// Boxes on RGB 0..1. `adjust` moves the threshold: below 0 more faces are found.
    std::vector<Box> look(const Image& picture, double adjust = 0);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_; ///< made at the first use
};

} // namespace c2c
