// How the canvas answers to mouse, wheel and touch.
#include "ui/widgets/canvas.h"

#include "ui/widgets/protect_mask.h"

#include <QLineF>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QTouchEvent>
#include <QWheelEvent>

#include <cmath>

namespace c2c::ui {
namespace {

constexpr double grab_width = 14; ///< view pixels at either side of the wipe's line

} // namespace

void Canvas::update_cursor(QPointF view) {
    if (!picture_)
        return setCursor(Qt::PointingHandCursor);
    if (brush_)
        return setCursor(Qt::CrossCursor);
    if (compare_ == Compare::Wipe && std::abs(view.x() - wipe_x()) < grab_width)
        return setCursor(Qt::SplitHCursor);
    if (face_at(view) >= 0 && static_cast<std::size_t>(face_at(view)) != chosen_)
        return setCursor(Qt::PointingHandCursor);
    setCursor(grab_ == Grab::Pan ? Qt::ClosedHandCursor : Qt::ArrowCursor);
}

void Canvas::mousePressEvent(QMouseEvent* event) {
    last_ = pressed_ = event->position();
    if (!picture_) {
        if (event->button() == Qt::LeftButton)
            emit open_requested();
        return;
    }
    const bool left = event->button() == Qt::LeftButton;
    if (event->button() == Qt::MiddleButton || (left && event->modifiers() & Qt::ControlModifier)) {
        grab_ = Grab::Pan;
    } else if (left && brush_) {
        grab_ = Grab::Paint;
        stroke_ = {brush_->radius / view_.scale, brush_->hardness, brush_->erase, {}};
        if (mask_.empty()) {
            mask_ = empty_protect_mask(picture_->srgb.size());
            mask_tint_ = QImage(mask_.width, mask_.height, QImage::Format_ARGB32_Premultiplied);
            mask_tint_.fill(Qt::transparent); // nothing to tint yet
        }
        paint_to(last_);
    } else if (left && compare_ == Compare::Wipe && std::abs(last_.x() - wipe_x()) < grab_width) {
        grab_ = Grab::Wipe;
    } else if (left) {
        grab_ = Grab::Pan;
    }
    update_cursor(last_);
}

void Canvas::paint_to(QPointF view) {
    const QPointF at = view_.to_photo(in_side(view));
    stroke_.points.push_back(
        {std::round(at.x() * 10) / 10, std::round(at.y() * 10) / 10}); // a tenth is fine enough
    Stroke piece = stroke_; // only what is new, at the size of the mask on the screen
    const std::size_t count = std::min<std::size_t>(2, piece.points.size());
    piece.points.assign(stroke_.points.end() - static_cast<std::ptrdiff_t>(count), stroke_.points.end());
    piece = in_mask(std::move(piece), protect_scale(picture_->srgb.size()));
    paint(piece, mask_);
    tint_mask(stroke_bounds({piece}, mask_.width, mask_.height)); // what is new, not the whole mask
}

void Canvas::move_wipe(double by) {
    if (!picture_ || compare_ != Compare::Wipe)
        return;
    const double old = wipe_x();
    wipe_ = std::clamp(wipe_ + by, 0.0, 1.0);
    const double from = std::min(old, wipe_x()), to = std::max(old, wipe_x());
    update(QRectF(from - 20, 0, to - from + 40, height()).toAlignedRect());
}

void Canvas::mouseMoveEvent(QMouseEvent* event) {
    const QPointF at = event->position(), by = at - last_;
    last_ = at;
    hovered_ = true;
    switch (grab_) {
    case Grab::Pan:
        pan(by);
        break;
    case Grab::Wipe:
        move_wipe(view_.to_photo(at).x() / picture_->levels[0].width() - wipe_);
        break;
    case Grab::Paint:
        paint_to(at);
        break;
    case Grab::Face:
    case Grab::None:
        if (const int face = face_at(at); face != hover_face_) {
            hover_face_ = face;
            update();
        }
        if (brush_)
            update();
    }
    update_cursor(at);
}

void Canvas::mouseReleaseEvent(QMouseEvent* event) {
    const Grab grab = std::exchange(grab_, Grab::None);
    if (grab == Grab::Paint)
        emit stroke_painted(stroke_);
    const bool click = (event->position() - pressed_).manhattanLength() < 4;
    if (grab == Grab::Pan && click && event->button() == Qt::LeftButton)
        if (const int face = face_at(event->position()); face >= 0)
            emit face_chosen(static_cast<std::size_t>(face));
    update_cursor(event->position());
}

void Canvas::mouseDoubleClickEvent(QMouseEvent* event) {
    if (!picture_ || brush_ || event->button() != Qt::LeftButton)
        return;
    if (view_.fitting)
        zoom_at(1 / zoom(), in_side(event->position()));
    else
        fit();
}

void Canvas::leaveEvent(QEvent*) {
    hovered_ = false;
    hover_face_ = -1;
    update();
}

void Canvas::wheelEvent(QWheelEvent* event) {
    const double steps = event->angleDelta().y() / 120.0;
    if (steps != 0)
        zoom_at(std::pow(1.2, steps), in_side(event->position()));
    event->accept();
}

/// One finger is the mouse, two zoom. (QPinchGesture counts some steps twice.)
void Canvas::touch(QTouchEvent& event) {
    const auto& fingers = event.points();
    const bool end = event.type() != QEvent::TouchBegin && event.type() != QEvent::TouchUpdate;
    if (fingers.size() == 2 && !end) {
        const QPointF one = fingers[0].position(), other = fingers[1].position();
        const double apart = QLineF(one, other).length();
        if (std::exchange(grab_, Grab::None) == Grab::Paint)
            emit stroke_painted(stroke_);
        if (fingers_apart_ > 0 && apart > 0)
            zoom_at(apart / fingers_apart_, in_side((one + other) / 2));
        fingers_apart_ = apart;
    } else if (fingers_apart_ != 0) { // the one that stays after two does nothing
        fingers_apart_ = end ? 0 : -1;
    } else if (!fingers.isEmpty()) {
        const QPointF at = fingers[0].position(), on_screen = fingers[0].globalPosition();
        const auto play = [&](QEvent::Type type, Qt::MouseButton button,
                              void (Canvas::*handle)(QMouseEvent*)) {
            QMouseEvent mouse(type, at, on_screen, button, end ? Qt::NoButton : Qt::LeftButton,
                              event.modifiers());
            (this->*handle)(&mouse);
        };
        if (event.type() == QEvent::TouchBegin)
            play(QEvent::MouseButtonPress, Qt::LeftButton, &Canvas::mousePressEvent);
        else if (end)
            play(QEvent::MouseButtonRelease, Qt::LeftButton, &Canvas::mouseReleaseEvent);
        else
            play(QEvent::MouseMove, Qt::NoButton, &Canvas::mouseMoveEvent);
    }
    event.accept();
}

bool Canvas::event(QEvent* event) {
    if (event->type() == QEvent::NativeGesture) {
        auto* gesture = static_cast<QNativeGestureEvent*>(event);
        if (gesture->gestureType() == Qt::ZoomNativeGesture) {
            zoom_at(1 + gesture->value(), in_side(gesture->position()));
            return true;
        }
    }
    switch (event->type()) {
    case QEvent::TouchBegin:
    case QEvent::TouchUpdate:
    case QEvent::TouchEnd:
    case QEvent::TouchCancel:
        touch(*static_cast<QTouchEvent*>(event));
        return true;
    default:
        break;
    }
    if (event->type() == QEvent::Enter)
        hovered_ = true;
    if (event->type() == QEvent::PaletteChange)
        changed_view(); // around the photo, too
    return QWidget::event(event);
}

} // namespace c2c::ui
