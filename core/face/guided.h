#pragma once

#include "core/image/image.h"

namespace c2c {

/// `value` (1 channel) with the edges of `guide` (RGB, equal size): He, Sun, Tang, "Guided Image Filtering",
/// PAMI 2013, with the colour guide of its Eq. 19. `radius` in pixels, `epsilon` in squared values of the
/// guide.
Image guided_filter(const Image& guide, const Image& value, int radius, float epsilon);

} // namespace c2c
