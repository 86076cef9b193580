#pragma once

#include "core/image/image.h"
#include "core/replay/session_file.h"

namespace c2c {

/// Lays one stroke on a mask (1 channel, 1 = leave alone): coverage 1 up to hardness · radius, then a smooth
/// fall to 0 at the radius. A brush takes the larger of the old and the new value, an eraser the smaller of
/// the old and 1 − coverage. `origin_x`, `origin_y`: where the mask's first pixel lies in the photo.
void paint(const Stroke& stroke, Image& mask, int origin_x = 0, int origin_y = 0);

/// The part of the photo that the strokes touch.
Rect stroke_bounds(const std::vector<Stroke>& strokes, int width, int height);

} // namespace c2c
