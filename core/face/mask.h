#pragma once

#include "core/face/align.h"
#include "core/face/face.h"
#include "core/face/matte.h"

namespace c2c {

constexpr int mask_size = 512; ///< of every mask over a template, whatever the template's own size

/// How much of the change each place of the template takes, mask_size pixels a side, 1 channel 0..1: all of
/// it on the face and its hair, nothing on the background and clothes, fading to exactly 0 towards the
/// template's border (a rounded window, so that no square shows and hair that the border cuts fades inside
/// itself) and 0 outside the photo. `landmarks` make sure of the face where the nets fail.
Image blend_mask(const FaceMaps& maps, const std::array<Point, 68>& landmarks, const Warp& warp,
                 int template_size, int photo_width, int photo_height);

/// The window alone: 1 in the middle, exactly 0 on the border.
Image fade_window(int size);

} // namespace c2c
