#pragma once

#include "core/image/image.h"

#include <QPointF>
#include <QRectF>
#include <QSizeF>

#include <algorithm>

namespace c2c::ui {

inline QRectF view_rect(const Rect& r) {
    return {double(r.x), double(r.y), double(r.width), double(r.height)};
}

/// Where a photo lies in a view: view = photo · scale + offset, in the view's own (device independent)
/// pixels.
struct Viewport {
    double scale = 1;
    QPointF offset;
    bool fitting = true; ///< follows the size of the view

    QPointF to_view(QPointF photo) const { return photo * scale + offset; }
    QPointF to_photo(QPointF view) const { return (view - offset) / scale; }
    QRectF to_view(const QRectF& r) const { return {to_view(r.topLeft()), r.size() * scale}; }
    QRectF to_photo(const QRectF& r) const { return {to_photo(r.topLeft()), r.size() / scale}; }

    /// The whole photo, with a margin, never larger than `largest` view pixels a photo pixel.
    void fit(QSizeF photo, QSizeF view, double margin, double largest);
    /// What lies under `anchor` stays there.
    void zoom(double new_scale, QPointF anchor);
    /// A photo smaller than the view is centred; a larger one leaves no gap at a border.
    void keep_inside(QSizeF photo, QSizeF view);
};

inline void Viewport::fit(QSizeF photo, QSizeF view, double margin, double largest) {
    const double w = std::max(view.width() - 2 * margin, 16.0),
                 h = std::max(view.height() - 2 * margin, 16.0);
    scale = std::min({w / photo.width(), h / photo.height(), largest});
    offset = {(view.width() - photo.width() * scale) / 2, (view.height() - photo.height() * scale) / 2};
    fitting = true;
}

inline void Viewport::zoom(double new_scale, QPointF anchor) {
    const QPointF photo = to_photo(anchor);
    scale = std::clamp(new_scale, 1.0 / 64, 32.0);
    offset = anchor - photo * scale;
    fitting = false;
}

inline void Viewport::keep_inside(QSizeF photo, QSizeF view) {
    const auto axis = [](double at, double size, double room) {
        return size <= room ? (room - size) / 2 : std::clamp(at, room - size, 0.0);
    };
    offset = {axis(offset.x(), photo.width() * scale, view.width()),
              axis(offset.y(), photo.height() * scale, view.height())};
}

} // namespace c2c::ui
