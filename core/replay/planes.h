#pragma once

#include "core/image/photo.h"

#include <span>

namespace c2c {

/// What one face contributes to a picture of the photo's size.
struct Plane {
    Rect rect; ///< where its pixels lie in the photo
    Image pixels;
};

/// The change alone, for compositing: signed differences on black (0 = unchanged), float, stored as they are.
/// Faces that overlap add up.
Photo change_picture(const Photo& photo, std::span<const Plane> changes);

/// The matte alone, 0..1 in 16 bits; where faces overlap the larger value counts.
Photo matte_picture(const Photo& photo, std::span<const Plane> masks);

} // namespace c2c
