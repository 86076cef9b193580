#pragma once

#include "core/face/face.h"
#include "core/image/image.h"
#include "core/replay/session_file.h"

namespace c2c {

/// The protect mask of the size of the photo: 1 channel, 1 = leave alone. Empty when nothing is protected.
/// Eyes and lips come from `face` (68 landmarks), feathered by 4 % of the distance of the eyes; strokes are
/// laid on in order.
Image protect_mask(const Protect& protect, const Face& face, int width, int height);

/// Lays one stroke on a mask: coverage 1 up to hardness · radius, then a smooth fall to 0 at the radius. A
/// brush takes the larger of the old and the new value, an eraser the smaller of the old and 1 − coverage.
void paint(const Stroke& stroke, Image& mask);

} // namespace c2c
