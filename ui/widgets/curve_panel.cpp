#include "ui/widgets/curve_panel.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace c2c::ui {

CurvePanel::CurvePanel(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Age curve"));
    setToolTip(tr("Double click: add or remove a key. Drag: move it. Right click: linear, ease or hold."));
    changed();
}

void CurvePanel::set_curve(const AgeCurve& curve) {
    if (curve.keys.empty())
        return;
    curve_ = curve;
    chosen_.reset();
    changed();
}

void CurvePanel::set_range(std::optional<std::pair<double, double>> frames) {
    range_ = frames;
    head_ = std::clamp(head_, first(), last());
    update();
}

void CurvePanel::set_head(double frame) {
    frame = std::clamp(std::round(frame), first(), last());
    if (frame == head_)
        return;
    head_ = frame;
    update();
    emit head_moved(head_, curve_.value(head_));
}

QRectF CurvePanel::plot() const {
    const int text = fontMetrics().height();
    return QRectF(rect()).adjusted(3 * text, text, -text, -2 * text);
}

double CurvePanel::first() const {
    const double key = curve_.keys.front().frame;
    return range_ ? std::min(key, range_->first) : key;
}

double CurvePanel::last() const {
    const double least = range_ ? range_->second : shown_last_;
    return std::max({curve_.keys.back().frame, first() + 1, least});
}

QPointF CurvePanel::point_of(double frame, double age) const {
    const QRectF area = plot();
    return {area.left() + (frame - first()) / (last() - first()) * area.width(),
            area.bottom() - age / 100 * area.height()};
}

QPointF CurvePanel::units_of(QPointF place) const {
    const QRectF area = plot();
    return {first() + (place.x() - area.left()) / area.width() * (last() - first()),
            (area.bottom() - place.y()) / area.height() * 100};
}

std::optional<std::size_t> CurvePanel::key_at(QPointF place) const {
    for (std::size_t i = 0; i < curve_.keys.size(); ++i) {
        const QPointF key = point_of(curve_.keys[i].frame, curve_.keys[i].age);
        if (std::hypot(key.x() - place.x(), key.y() - place.y()) < 9)
            return i;
    }
    return std::nullopt;
}

/// What a screen reader says: the chosen key, or the age at the play head.
void CurvePanel::choose(std::optional<std::size_t> key) {
    chosen_ = key;
    update();
    const auto number = [](double value) { return QString::number(value, 'g', 6); };
    if (!key) {
        setAccessibleDescription(
            tr("Frame %1, age %2").arg(number(head_), QString::number(curve_.value(head_), 'f', 1)));
        return;
    }
    const CurveKey& one = curve_.keys[*key];
    setAccessibleDescription(tr("Key %1 of %2: frame %3, age %4")
                                 .arg(*key + 1)
                                 .arg(curve_.keys.size())
                                 .arg(number(one.frame), number(one.age)));
}

void CurvePanel::changed() {
    head_ = std::clamp(head_, first(), last());
    choose(chosen_);
    emit curve_changed();
    emit head_moved(head_, curve_.value(head_));
}

void CurvePanel::add_key(double frame, double age) {
    frame = std::max(0.0, std::round(frame));
    const auto at = std::find_if(curve_.keys.begin(), curve_.keys.end(),
                                 [&](const CurveKey& key) { return key.frame >= frame; });
    if (at != curve_.keys.end() && at->frame == frame)
        return;
    const auto added =
        curve_.keys.insert(at, {frame, std::clamp(std::round(age * 10) / 10, 0.0, 100.0), Segment::Linear});
    chosen_ = static_cast<std::size_t>(added - curve_.keys.begin());
    changed();
}

void CurvePanel::remove_key(std::size_t key) {
    if (curve_.keys.size() < 2)
        return;
    curve_.keys.erase(curve_.keys.begin() + static_cast<std::ptrdiff_t>(key));
    chosen_.reset();
    changed();
}

/// Keys keep their order: one does not pass its neighbours.
void CurvePanel::move_key(std::size_t key, double frame, double age) {
    const double low = key > 0 ? curve_.keys[key - 1].frame + 1 : 0;
    const double high = key + 1 < curve_.keys.size() ? curve_.keys[key + 1].frame - 1 : 1e6;
    CurveKey& one = curve_.keys[key];
    one.frame = std::clamp(std::round(frame), low, std::max(low, high));
    one.age = std::clamp(std::round(age * 10) / 10, 0.0, 100.0);
    changed();
}

void CurvePanel::set_segment(Segment segment) {
    if (!chosen_ || *chosen_ == 0)
        return;
    curve_.keys[*chosen_].arrive = segment;
    changed();
}

void CurvePanel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = plot();
    const QPalette& colors = palette();
    painter.fillRect(area, colors.base());
    QColor grid = colors.color(QPalette::Text);
    grid.setAlpha(50);
    for (int age = 0; age <= 100; age += 20) {
        const double y = point_of(first(), age).y();
        painter.setPen(grid);
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(colors.color(QPalette::Text));
        painter.drawText(QRectF(0, y - 10, area.left() - 6, 20), Qt::AlignRight | Qt::AlignVCenter,
                         QString::number(age));
    }
    const QRectF below(area.left(), area.bottom() + 4, area.width(), fontMetrics().height());
    painter.drawText(below, Qt::AlignLeft, QString::number(first(), 'f', 0));
    painter.drawText(below, Qt::AlignRight, QString::number(last(), 'f', 0));
    painter.drawText(below, Qt::AlignHCenter,
                     tr("Frame %1, age %2")
                         .arg(QString::number(head_, 'f', 0), QString::number(curve_.value(head_), 'f', 1)));

    QPainterPath line;
    for (int x = 0; x <= static_cast<int>(area.width()); ++x) {
        const double frame = first() + x / area.width() * (last() - first());
        const QPointF point = point_of(frame, curve_.value(frame));
        x == 0 ? line.moveTo(point) : line.lineTo(point);
    }
    painter.setPen(QPen(colors.color(QPalette::Highlight), 2));
    painter.drawPath(line);
    painter.setPen(QPen(colors.color(QPalette::Text), 1, Qt::DashLine));
    const double head = point_of(head_, 0).x();
    painter.drawLine(QPointF(head, area.top()), QPointF(head, area.bottom()));
    for (std::size_t i = 0; i < curve_.keys.size(); ++i) {
        const bool on = chosen_ == i;
        painter.setPen(QPen(colors.color(QPalette::Text), on ? 2 : 1));
        painter.setBrush(on ? colors.highlight() : colors.button());
        painter.drawEllipse(point_of(curve_.keys[i].frame, curve_.keys[i].age), on ? 6 : 5, on ? 6 : 5);
    }
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colors.color(QPalette::Highlight), 1));
        painter.drawRect(area);
    }
}

void CurvePanel::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::RightButton)
        return;
    choose(key_at(event->position()));
    dragging_ = chosen_.has_value();
    shown_last_ = last();
    if (!dragging_)
        set_head(units_of(event->position()).x());
}

void CurvePanel::mouseMoveEvent(QMouseEvent* event) {
    if (!(event->buttons() & Qt::LeftButton))
        return;
    const QPointF to = units_of(event->position());
    if (dragging_ && chosen_)
        move_key(*chosen_, *chosen_ == 0 && !range_ ? first() : std::max(first(), to.x()), to.y());
    else
        set_head(to.x());
}

void CurvePanel::mouseReleaseEvent(QMouseEvent*) {
    dragging_ = false;
    shown_last_ = 0;
    update();
}

void CurvePanel::mouseDoubleClickEvent(QMouseEvent* event) {
    dragging_ = false;
    if (const auto key = key_at(event->position()))
        return remove_key(*key);
    const QPointF to = units_of(event->position());
    add_key(to.x(), to.y());
}

void CurvePanel::contextMenuEvent(QContextMenuEvent* event) {
    if (event->reason() == QContextMenuEvent::Mouse)
        choose(key_at(event->pos()));
    if (!chosen_)
        return;
    QMenu menu(this);
    if (*chosen_ > 0) {
        menu.addAction(tr("&Linear"), this, [this] { set_segment(Segment::Linear); });
        menu.addAction(tr("&Ease"), this, [this] { set_segment(Segment::Ease); });
        menu.addAction(tr("&Hold"), this, [this] { set_segment(Segment::Hold); });
        menu.addSeparator();
    }
    menu.addAction(tr("&Remove"), this, [this] { remove_key(*chosen_); })->setEnabled(curve_.keys.size() > 1);
    menu.exec(event->globalPos());
}

/// Tab goes through the keys before it leaves.
bool CurvePanel::event(QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const std::size_t count = curve_.keys.size();
        if (key == Qt::Key_Tab && (!chosen_ || *chosen_ + 1 < count)) {
            choose(chosen_ ? *chosen_ + 1 : 0);
            return true;
        }
        if (key == Qt::Key_Backtab && chosen_) {
            choose(*chosen_ > 0 ? std::optional(*chosen_ - 1) : std::nullopt);
            return true;
        }
    }
    return QWidget::event(event);
}

void CurvePanel::keyPressEvent(QKeyEvent* event) {
    const double step = event->modifiers() & Qt::ControlModifier ? 10 : 1;
    const int key = event->key();
    if (key == Qt::Key_Insert)
        return add_key(head_, curve_.value(head_));
    if (key == Qt::Key_PageUp || key == Qt::Key_PageDown)
        return set_head(head_ + (key == Qt::Key_PageDown ? step : -step));
    if (!chosen_)
        return QWidget::keyPressEvent(event);
    const CurveKey one = curve_.keys[*chosen_];
    switch (key) {
    case Qt::Key_Left:
        return move_key(*chosen_, one.frame - step, one.age);
    case Qt::Key_Right:
        return move_key(*chosen_, one.frame + step, one.age);
    case Qt::Key_Up:
        return move_key(*chosen_, one.frame, one.age + step);
    case Qt::Key_Down:
        return move_key(*chosen_, one.frame, one.age - step);
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
        return remove_key(*chosen_);
    case Qt::Key_L:
        return set_segment(Segment::Linear);
    case Qt::Key_E:
        return set_segment(Segment::Ease);
    case Qt::Key_H:
        return set_segment(Segment::Hold);
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace c2c::ui
