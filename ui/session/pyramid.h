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

/// `image` is Format_RGB32. When it is itself a `level` of something, those above it are null.
Pyramid make_pyramid(const QImage& image, int level = 0);

/// The level just larger than the screen, so that smooth scaling shrinks by less than two. `zoom`: screen
/// pixels a photo pixel.
int level_for(double zoom);

/// That level, or the next that was made.
int made_level(const Pyramid& levels, int level);

/// The smallest rectangle around `rect` whose pyramid lies exactly on the photo's: edges are multiples of
/// 2^(levels−1), or the photo's border.
Rect pyramid_rect(const Rect& rect, const QSize& photo);

/// What a part of the photo, a pyramid_rect, looks like at a level.
QImage part_at_level(const QImage& photo, const Rect& rect, int level);

} // namespace c2c::ui
