#pragma once

#include "core/face/face.h"
#include "core/face/matte.h"
#include "core/face/paste.h"

namespace c2c {

/// What to leave alone, 1 = untouched, soft at the edges; each covers only the part of the photo that it
/// needs.
RegionMask protect_eyes(const Face& face, int photo_width, int photo_height);
RegionMask protect_mouth(const Face& face, int photo_width,
                         int photo_height); ///< the inner lips: teeth, tongue
RegionMask protect_hair(const FaceMaps& maps, int photo_width, int photo_height);
RegionMask protect_clothes(const FaceMaps& maps, int photo_width, int photo_height);

/// Protected by either: the larger of the two, over the part of the photo that holds both.
RegionMask combine(const RegionMask& a, const RegionMask& b);

/// The mask of an artist (white = leave alone), as large as the photo: the luma of an RGB picture.
RegionMask protect_picture(const Image& picture);

} // namespace c2c
