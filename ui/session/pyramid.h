#pragma once

#include "core/image/image.h"

#include <QImage>

#include <vector>

namespace c2c::ui {

/// A picture and its halves, quarters, …: level i has ceil(size / 2^i) pixels, each the mean of 2x2 of the
/// level above. What is drawn small is read from a small level, so a 24-megapixel photo costs no more than
/// the screen.
using Pyramid = std::vector<QImage>;

constexpr int pyramid_levels = 6;

/// `image` is Format_RGB32.
Pyramid make_pyramid(const QImage& image);

/// The smallest rectangle around `rect` whose pyramid lies exactly on the photo's: edges are multiples of
/// 2^(levels−1), or the photo's border.
Rect pyramid_rect(const Rect& rect, int width, int height);

/// The pyramid of `patch` at `rect`, widened to pyramid_rect with the photo's own pixels.
Pyramid patch_pyramid(const QImage& photo, const QImage& patch, const Rect& rect, Rect& widened);

} // namespace c2c::ui
