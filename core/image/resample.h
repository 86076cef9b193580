#pragma once

#include "core/image/image.h"

namespace c2c {

/// Thin wrappers of cv::resize, pixel centres at half. area: shrinking without aliasing; linear, cubic:
/// growing.
Image resize_area(const Image& image, int width, int height);
Image resize_linear(const Image& image, int width, int height);
Image resize_cubic(const Image& image, int width, int height);

/// Shrinks by area so that neither side exceeds `side`, keeping the proportions; smaller pictures are copied.
Image fit_within(const Image& image, int side);

/// The part of `rect` that lies in the image.
Image crop(const Image& image, Rect rect);

} // namespace c2c
