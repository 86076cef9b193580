#pragma once

#include "core/face/align.h"
#include "core/face/face.h"
#include "core/face/matte.h"

namespace c2c {

constexpr int mask_size = 512; ///< of every blending mask, whatever the template's size

/// How much of the change each place takes, 1 channel 0..1, over the square of FaceMaps (`context` times the
/// template).
struct BlendMask {
    Image pixels; ///< all of it on face and hair, nothing on background and clothes, exactly 0 on the border
    Image hair;   ///< where the change of hair is continued beyond the template, rather than that of skin
    Warp warp;    ///< mask pixel → photo pixel
};

/// Follows the face and its hair, softly; fades to exactly 0 between the template's border and the square's
/// (in a rounded window, so that no square shows and hair that the border cuts fades inside itself); 0
/// outside the photo. `warp` aligns the template; `landmarks` make sure of the face where the nets fail.
BlendMask blend_mask(const FaceMaps& maps, const std::array<Point, 68>& landmarks, const Warp& warp,
                     int template_size, int photo_width, int photo_height);

/// A rounded window over a square: exactly 0 on the border and `from` (a share of half a side) inside of it,
/// 1 from `to` on.
Image fade_window(int size, double from, double to);

} // namespace c2c
