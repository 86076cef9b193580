#pragma once

#include "core/replay/brush.h"

#include <QSize>

#include <algorithm>

namespace c2c::ui {

// The painted mask as the screen shows it: as large as is worth drawing.

/// Mask pixels a photo pixel.
inline double protect_scale(const QSize& photo) {
    return std::min(1.0, 1400.0 / std::max(photo.width(), photo.height()));
}

inline Image empty_protect_mask(const QSize& photo) {
    const double scale = protect_scale(photo);
    return Image(std::max(1, int(photo.width() * scale)), std::max(1, int(photo.height() * scale)), 1);
}

/// A stroke in photo pixels as one in mask pixels.
inline Stroke in_mask(Stroke stroke, double scale) {
    stroke.radius *= scale;
    for (auto& point : stroke.points)
        point = {point[0] * scale, point[1] * scale};
    return stroke;
}

inline Image protect_mask(const std::vector<Stroke>& strokes, const QSize& photo) {
    Image mask = empty_protect_mask(photo);
    for (const Stroke& stroke : strokes)
        paint(in_mask(stroke, protect_scale(photo)), mask);
    return mask;
}

} // namespace c2c::ui
