#pragma once

#include "core/image/photo.h"

#include <QImage>

#include <cstdint>
#include <vector>

namespace c2c::ui {

/// sRGB (RGB 0..1) into a Format_RGB32 picture, its corner at (x, y). `bits` is the picture's: asking for
/// them may copy it, so one asks before threads share the work.
void put_rgb(const Image& srgb, uchar* bits, qsizetype bytes_per_line, int x, int y);

/// A Format_RGB32 picture as RGB 0..1.
Image rgb_image(const QImage& picture);

/// One channel 0..1 as Format_Grayscale8.
QImage grey_image(const Image& mask);

/// Copies what of `part`, which lies at `rect` of the photo, falls into the picture of the part `area` of the
/// photo.
void put_part(const Image& part, const Rect& rect, const Rect& area, Image& into);

/// What an ICC profile calls itself, for example "Adobe RGB (1998)".
QString profile_name(const std::vector<std::uint8_t>& icc);

} // namespace c2c::ui
