// What the canvas draws over the photo, and where there is none.
#include "ui/widgets/canvas.h"

#include "ui/widgets/theme.h"

#include <QPainter>

namespace c2c::ui {

void Canvas::draw_overlays(QPainter& painter, int side) {
    if (matte_ && frame_ && !frame_->matte.isNull() && (compare_ != Compare::Side || side == 1)) {
        QImage veil(frame_->matte.size(), QImage::Format_ARGB32_Premultiplied);
        veil.fill(colors().accent);
        veil.setAlphaChannel(frame_->matte);
        painter.setOpacity(.55);
        painter.drawImage(view_.to_view(view_rect(frame_->matte_rect)), veil);
        painter.setOpacity(1);
    }
    if (!mask_tint_.isNull() && brush_)
        painter.drawImage(view_.to_view(QRectF(QPointF(0, 0), QSizeF(picture_->levels[0].size()))),
                          mask_tint_);
}

void Canvas::draw_label(QPainter& painter, const QString& text, QPointF corner, bool right) const {
    if (text.isEmpty())
        return;
    QFont font = this->font();
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    QRectF box = QFontMetricsF(font).boundingRect(text).adjusted(-10, -5, 10, 5);
    box.moveTopLeft(right ? corner - QPointF(box.width(), 0) : corner);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(0, 0, 0, 150));
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2);
    painter.setPen(Qt::white);
    painter.drawText(box, Qt::AlignCenter, text);
}

void Canvas::draw_wipe(QPainter& painter) const {
    const QRectF photo = view_.to_view(QRectF(QPointF(0, 0), QSizeF(picture_->levels[0].size())));
    const double x = wipe_x(), top = std::max(photo.top(), 0.0),
                 bottom = std::min(photo.bottom(), double(height()));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(QColor(0, 0, 0, 110), 3.5));
    painter.drawLine(QPointF(x, top), QPointF(x, bottom));
    painter.setPen(QPen(Qt::white, 1.5));
    painter.drawLine(QPointF(x, top), QPointF(x, bottom));
    const QPointF knob(x, top + (bottom - top) * .82);
    painter.setPen(QPen(QColor(0, 0, 0, 90), 1));
    painter.setBrush(Qt::white);
    painter.drawEllipse(knob, 15, 15);
    painter.setPen(QPen(QColor(0x30, 0x30, 0x30), 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    for (const int way : {-1, 1}) {
        const QPointF tip = knob + QPointF(way * 8.5, 0);
        painter.drawPolyline(
            QPolygonF({tip + QPointF(-way * 4.5, -4.5), tip, tip + QPointF(-way * 4.5, 4.5)}));
    }
}

void Canvas::draw_faces(QPainter& painter) const {
    if (faces_.size() < 2)
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    for (std::size_t i = 0; i < faces_.size(); ++i) {
        const bool chosen = i == chosen_, hover = static_cast<int>(i) == hover_face_;
        if (!hovered_ && chosen)
            continue; // nothing lies over the face that is looked at
        const Box& box = faces_[i].face.box;
        const QRectF frame = view_.to_view(QRectF(box.x, box.y, box.width, box.height));
        const double round = std::min(10.0, frame.width() / 6);
        painter.setPen(QPen(QColor(0, 0, 0, 90), 3));
        painter.drawRoundedRect(frame, round, round);
        painter.setPen(QPen(chosen ? colors().accent : QColor(255, 255, 255, hover ? 255 : 150),
                            chosen || hover ? 2 : 1.4));
        painter.drawRoundedRect(frame, round, round);
    }
}

void Canvas::draw_empty(QPainter& painter) const {
    const Colors& c = colors();
    painter.setRenderHint(QPainter::Antialiasing);
    const QPointF middle = QRectF(rect()).center();
    const QRectF box(middle - QPointF(230, 120), QSizeF(460, 240));
    QPen pen(c.border.lighter(c.dark ? 130 : 95), 1.6, Qt::CustomDashLine, Qt::RoundCap);
    pen.setDashPattern({5, 5});
    painter.setPen(pen);
    painter.drawRoundedRect(box, 18, 18);
    painter.setPen(
        QPen(c.dim, 2.2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin)); // a tray and an arrow into it
    const QPointF icon = middle - QPointF(0, 46);
    painter.drawPolyline(QPolygonF(
        {icon + QPointF(-22, 4), icon + QPointF(-22, 20), icon + QPointF(22, 20), icon + QPointF(22, 4)}));
    painter.drawLine(icon + QPointF(0, -22), icon + QPointF(0, 8));
    painter.drawPolyline(QPolygonF({icon + QPointF(-9, -1), icon + QPointF(0, 8), icon + QPointF(9, -1)}));
    painter.setPen(c.text);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.35);
    painter.setFont(large);
    painter.drawText(box.adjusted(16, 118, -16, 0), Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap,
                     hint_.isEmpty() ? tr("Drop a photo here") : hint_);
    painter.setFont(font());
    painter.setPen(c.dim);
    painter.drawText(box.adjusted(16, 158, -16, 0), Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap,
                     tr("or click to choose one, or paste it"));
}

} // namespace c2c::ui
