#include "ui/widgets/canvas.h"

#include "ui/widgets/protect_mask.h"
#include "ui/widgets/theme.h"

#include <QPainter>
#include <QResizeEvent>

#include <cmath>

namespace c2c::ui {
namespace {

constexpr double margin = 20;
constexpr double gap = 6; ///< between the two sides

/// Red where the mask is 1, clear where it is 0; only `part` of it.
void tint(const Image& mask, const Rect& part, QImage& image) {
    for (int y = part.y; y < part.y + part.height; ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = part.x; x < part.x + part.width; ++x) {
            const int alpha = static_cast<int>(mask.at(x, y) * 130);
            line[x] = qRgba(alpha * 235 / 255, alpha * 80 / 255, alpha * 70 / 255, alpha);
        }
    }
}

} // namespace

Canvas::Canvas(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMinimumSize(240, 180);
    setAttribute(Qt::WA_AcceptTouchEvents);
    setAccessibleName(tr("Photo"));
    setAccessibleDescription(tr("The photo with the aged face. The wheel zooms, dragging moves it."));
}

void Canvas::set_picture(const PicturePtr& picture) {
    picture_ = picture;
    frame_ = frame_a_ = nullptr;
    faces_.clear();
    mask_ = {};
    mask_tint_ = {};
    wipe_ = .5;
    fit();
}

void Canvas::recolor(const PicturePtr& picture) {
    picture_ = picture;
    base_ = {};
    update();
}

void Canvas::set_frame(const FramePtr& frame) {
    const FramePtr old = std::exchange(frame_, frame);
    update_frame(old, frame_);
}

void Canvas::set_frame_a(const FramePtr& frame, const QString& label) {
    const FramePtr old = std::exchange(frame_a_, frame);
    label_a_ = label;
    update();
}

void Canvas::set_label_b(const QString& label) {
    if (label != std::exchange(label_b_, label) && compare_ != Compare::Off)
        update();
}

void Canvas::set_faces(const std::vector<FaceEstimate>& faces, std::size_t chosen) {
    faces_ = faces;
    chosen_ = chosen;
    update();
}

void Canvas::set_compare(Compare compare) {
    if (std::exchange(compare_, compare) == compare)
        return;
    if (view_.fitting)
        fit();
    else
        changed_view();
}

void Canvas::hold_original(bool on) {
    if (std::exchange(original_, on) != on)
        update();
}

void Canvas::show_matte(bool on) {
    if (std::exchange(matte_, on) != on)
        update();
}

void Canvas::set_brush(const std::optional<Brush>& brush) {
    brush_ = brush;
    update_cursor(last_);
    update();
}

void Canvas::set_protect(const Image& mask) {
    mask_ = mask;
    if (grab_ == Grab::Paint) { // what is being painted is on no mask but ours
        if (mask_.empty())
            mask_ = empty_protect_mask(picture_->srgb.size());
        paint(in_mask(stroke_, protect_scale(picture_->srgb.size())), mask_);
    }
    mask_tint_ =
        mask_.empty() ? QImage() : QImage(mask_.width, mask_.height, QImage::Format_ARGB32_Premultiplied);
    tint_mask({0, 0, mask_.width, mask_.height});
}

void Canvas::tint_mask(const Rect& part) {
    if (!part.empty())
        tint(mask_, part, mask_tint_);
    update();
}

void Canvas::set_hint(const QString& text) {
    hint_ = text;
    update();
}

QRectF Canvas::picture_area(int side) const {
    if (compare_ != Compare::Side)
        return rect();
    const double half = std::floor((width() - gap) / 2);
    return {side * (half + gap), 0, half, double(height())};
}

QPointF Canvas::in_side(QPointF view) const {
    const QRectF right = picture_area(1);
    return compare_ == Compare::Side && view.x() >= right.left() - gap / 2 ? view - right.topLeft() : view;
}

double Canvas::zoom() const {
    return view_.scale * devicePixelRatioF();
}

void Canvas::fit() {
    if (picture_)
        view_.fit(picture_->levels[0].size(), picture_area(0).size(), margin, 4 / devicePixelRatioF());
    changed_view();
}

void Canvas::actual_size() {
    if (!picture_)
        return;
    const QRectF area = picture_area(0);
    QPointF anchor(area.width() / 2, area.height() / 2);
    if (chosen_ < faces_.size()) { // what is looked at is the face
        const Box& box = faces_[chosen_].face.box;
        view_.zoom(1 / devicePixelRatioF(), anchor);
        view_.offset = anchor - QPointF(box.x + box.width / 2, box.y + box.height / 2) * view_.scale;
    } else {
        view_.zoom(1 / devicePixelRatioF(), anchor);
    }
    changed_view();
}

void Canvas::zoom_in() {
    zoom_at(1.25, picture_area(0).center());
}
void Canvas::zoom_out() {
    zoom_at(.8, picture_area(0).center());
}

void Canvas::zoom_at(double factor, QPointF anchor) {
    if (!picture_)
        return;
    view_.zoom(view_.scale * factor, anchor);
    changed_view();
}

void Canvas::pan(QPointF by) {
    view_.offset += by;
    view_.fitting = false;
    changed_view();
}

void Canvas::changed_view() {
    base_ = {};
    if (picture_) {
        view_.keep_inside(picture_->levels[0].size(), picture_area(0).size());
        emit zoom_changed(zoom());
    }
    update();
}

void Canvas::resizeEvent(QResizeEvent*) {
    view_.fitting ? fit() : changed_view();
}

void Canvas::update_frame(const FramePtr& old, const FramePtr& now) {
    if (matte_)
        return update();
    for (const FramePtr& frame : {old, now}) {
        if (!frame)
            continue;
        const QRectF area = view_.to_view(view_rect(frame->rect));
        for (int side = 0; side < (compare_ == Compare::Side ? 2 : 1); ++side)
            update(area.translated(picture_area(side).topLeft()).toAlignedRect().adjusted(-2, -2, 2, 2));
    }
}

double Canvas::wipe_x() const {
    return view_.to_view(QPointF(wipe_ * picture_->levels[0].width(), 0)).x();
}

int Canvas::face_at(QPointF view) const {
    if (faces_.size() < 2)
        return -1;
    const QPointF at = view_.to_photo(in_side(view));
    for (std::size_t i = 0; i < faces_.size(); ++i) {
        const Box& box = faces_[i].face.box;
        if (QRectF(box.x, box.y, box.width, box.height).contains(at))
            return static_cast<int>(i);
    }
    return -1;
}

void Canvas::draw_levels(QPainter& painter, const Pyramid& levels, QPointF corner,
                         const QRectF& visible) const {
    const int level = made_level(levels, level_for(zoom()));
    const QImage& image = levels[static_cast<std::size_t>(level)];
    const double side = 1 << level; // photo pixels a pixel of this level
    const QRectF whole(QPointF(0, 0), QSizeF(image.size()));
    const QRectF wanted((visible.topLeft() - corner) / side, visible.size() / side);
    const QRectF source = QRectF(wanted.adjusted(-1, -1, 1, 1).toAlignedRect()).intersected(whole);
    if (source.isEmpty())
        return;
    painter.setRenderHint(QPainter::SmoothPixmapTransform,
                          zoom() < 2); // from 2 on pixels are there to be seen
    painter.drawImage(view_.to_view(QRectF(corner + source.topLeft() * side, source.size() * side)), image,
                      source);
}

void Canvas::draw_base(QPainter& painter, int side) {
    const double ratio = devicePixelRatioF();
    const QSize size = (picture_area(side).size() * ratio).toSize();
    if (base_.size() != size) {
        base_ = QImage(size, QImage::Format_RGB32);
        base_.setDevicePixelRatio(ratio);
        base_.fill(colors().canvas);
        QPainter inner(&base_);
        draw_levels(inner, picture_->levels, {0, 0},
                    view_.to_photo(QRectF(QPointF(0, 0), picture_area(side).size())));
    }
    painter.drawImage(QPointF(0, 0), base_);
}

void Canvas::draw_side(QPainter& painter, int side, const QRect& dirty) {
    const QRectF area = picture_area(side);
    painter.save();
    painter.setClipRect(area.intersected(dirty));
    painter.translate(area.topLeft());
    draw_base(painter, side);
    const QRectF photo(QPointF(0, 0), QSizeF(picture_->levels[0].size()));
    const auto draw_frame = [&](const FramePtr& frame) {
        if (frame && !original_) {
            const QRectF visible = view_.to_photo(QRectF(dirty).translated(-area.topLeft()));
            painter.save();
            // At the photo's edge a part of it may be rounded to a pixel more than the whole.
            painter.setClipRect(view_.to_view(photo).toRect(), Qt::IntersectClip);
            draw_levels(painter, frame->levels, QPointF(frame->rect.x, frame->rect.y),
                        visible.intersected(photo));
            painter.restore();
        }
    };
    if (compare_ == Compare::Wipe && !original_) {
        const double x = wipe_x();
        painter.save();
        painter.setClipRect(QRectF(0, 0, x, height()), Qt::IntersectClip);
        draw_frame(frame_a_);
        painter.restore();
        painter.save();
        painter.setClipRect(QRectF(x, 0, width() - x, height()), Qt::IntersectClip);
        draw_frame(frame_);
        painter.restore();
    } else {
        draw_frame(compare_ == Compare::Side && side == 0 ? frame_a_ : frame_);
    }
    draw_overlays(painter, side);
    painter.restore();
}

void Canvas::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    const QRect dirty = event->rect();
    if (!picture_) {
        painter.fillRect(dirty, colors().canvas);
        return draw_empty(painter);
    }
    if (compare_ == Compare::Side)
        painter.fillRect(dirty, colors().window);
    for (int side = 0; side < (compare_ == Compare::Side ? 2 : 1); ++side)
        draw_side(painter, side, dirty);
    if (compare_ == Compare::Wipe && !original_)
        draw_wipe(painter);
    if (compare_ != Compare::Off && !original_) {
        const QRectF left = picture_area(0), right = picture_area(1);
        draw_label(painter, label_a_, left.topLeft() + QPointF(14, 14), false);
        draw_label(painter, label_b_, right.topRight() + QPointF(-14, 14), true);
    } else if (original_) {
        draw_label(painter, tr("Original"), QPointF(14, 14), false);
    }
    if (compare_ != Compare::Side && !brush_)
        draw_faces(painter);
    if (brush_ && hovered_) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(QColor(0, 0, 0, 120), 2.5));
        painter.drawEllipse(last_, brush_->radius, brush_->radius);
        painter.setPen(QPen(brush_->erase ? colors().bad : Qt::white, 1.2));
        painter.drawEllipse(last_, brush_->radius, brush_->radius);
    }
}

} // namespace c2c::ui
