#include "ui/widgets/age_strip.h"

#include "ui/session/fill_order.h"
#include "ui/widgets/theme.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <cmath>

namespace c2c::ui {
namespace {

constexpr double handle_radius = 9;

void draw_rounded(QPainter& painter, const QImage& image, const QRectF& box, double radius) {
    QPainterPath path;
    path.addRoundedRect(box, radius, radius);
    painter.save();
    painter.setClipPath(path, Qt::IntersectClip);
    painter.drawImage(box, image);
    painter.restore();
}

} // namespace

/// A larger thumbnail with its age, above the pointer; the mouse goes through it.
class Preview : public QWidget {
  public:
    explicit Preview(QWidget* parent) : QWidget(parent) {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        resize(132, 160);
        hide();
    }
    void show_age(const QImage& image, const QString& label, QPoint bottom_centre) {
        image_ = image;
        label_ = label;
        QPoint corner = bottom_centre - QPoint(width() / 2, height());
        corner.setX(std::clamp(corner.x(), 4, std::max(4, parentWidget()->width() - width() - 4)));
        move(corner);
        raise();
        show();
        update();
    }

  protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
        painter.setPen(colors().border);
        painter.setBrush(colors().raised);
        painter.drawRoundedRect(QRectF(rect()).adjusted(.5, .5, -.5, -.5), 9, 9);
        draw_rounded(painter, image_, QRectF(7, 7, width() - 14, width() - 14), 5);
        painter.setPen(colors().text);
        painter.drawText(QRect(0, width() - 5, width(), height() - width() + 3), Qt::AlignCenter, label_);
    }

  private:
    QImage image_;
    QString label_;
};

AgeStrip::AgeStrip(QWidget* parent) : QWidget(parent), preview_(nullptr) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Age"));
    setAccessibleDescription(
        tr("Slider of ages from 0 to 100. Left and right change one year, with Shift ten."));
}

QSize AgeStrip::sizeHint() const {
    return {900, 110};
}
QSize AgeStrip::minimumSizeHint() const {
    return {320, 100};
}

/// On a wide screen pictures are larger, but the room is the photo's.
double AgeStrip::largest_cell() const {
    return std::clamp(width() / 22.0, 60.0, 120.0);
}

/// Left and right of ages 0 and 100: their pictures are whole.
double AgeStrip::side_room() const {
    return largest_cell() / 2 + 2;
}

double AgeStrip::x_of(double age) const {
    return side_room() + age / 100 * (width() - 2 * side_room());
}

double AgeStrip::age_at(double x) const {
    return std::clamp((x - side_room()) / (width() - 2 * side_room()) * 100, 0.0, 100.0);
}

int AgeStrip::cell_step() const {
    for (const int step : {5, 10, 20})
        if (x_of(step) - x_of(0) >= 40)
            return step;
    return 25;
}

double AgeStrip::track_y() const {
    return height() - 36;
}

double AgeStrip::cell_side() const {
    return std::min(x_of(cell_step()) - x_of(0) - 4, track_y() - 22);
}

QRectF AgeStrip::cell(int age) const {
    const double side = cell_side();
    return {x_of(age) - side / 2, track_y() - 18 - side, side, side};
}

std::optional<int> AgeStrip::cell_at(QPointF at) const {
    for (int age = 0; age <= 100; age += cell_step())
        if (cell(age).contains(at))
            return age;
    return std::nullopt;
}

void AgeStrip::set_age(double age) {
    if (std::exchange(age_, age) != age)
        update();
}

void AgeStrip::set_own_age(std::optional<double> age, const QImage& thumbnail, bool estimated) {
    own_ = age;
    own_thumbnail_ = thumbnail;
    own_estimated_ = estimated;
    update();
}

void AgeStrip::set_thumbnails(const std::map<int, QImage>* thumbnails) {
    thumbnails_ = thumbnails;
    hover(hovered_); // what the pointer lies on stays while the strip fills
}

void AgeStrip::thumbnail_added(int) {
    update();
}

void AgeStrip::set_compared(std::optional<double> age) {
    compared_ = age;
    update();
}

const QImage* AgeStrip::picture_of(int key) const {
    if (!thumbnails_)
        return nullptr;
    const auto found = thumbnails_->find(key);
    return found == thumbnails_->end() ? nullptr : &found->second;
}

void AgeStrip::draw_cells(QPainter& painter) const {
    const Colors& c = colors();
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * .85);
    painter.setFont(small);
    for (int age = 0; age <= 100; age += cell_step()) {
        const QRectF box = cell(age);
        const bool current = std::abs(age - age_) < .05;
        if (const QImage* image = picture_of(age * 10)) {
            draw_rounded(painter, *image, box, 5); // all alike: a faded one reads as another tone of skin
        } else {
            painter.setPen(Qt::NoPen);
            painter.setBrush(c.dark ? c.raised.darker(112) : QColor(0xe6e7e9));
            painter.drawRoundedRect(box, 5, 5);
        }
        if (current || (hovered_ && box.contains(*hovered_))) {
            painter.setPen(QPen(current ? c.accent : c.dim, 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 6, 6);
        }
        if (compared_ && std::abs(age - *compared_) < .05) {
            const QRectF flag(box.topLeft() + QPointF(3, 3), QSizeF(15, 15));
            painter.setPen(Qt::NoPen);
            painter.setBrush(c.accent);
            painter.drawRoundedRect(flag, 4, 4);
            painter.setPen(c.on_accent);
            painter.drawText(flag, Qt::AlignCenter, QStringLiteral("A"));
        }
    }
}

void AgeStrip::draw_track(QPainter& painter) const {
    const Colors& c = colors();
    const double y = track_y();
    painter.setPen(Qt::NoPen);
    painter.setBrush(c.border);
    painter.drawRoundedRect(QRectF(x_of(0), y - 2, x_of(100) - x_of(0), 4), 2, 2);
    if (thumbnails_) { // what is there at once shows as in a film that has been loaded so far
        QColor ready = c.accent;
        ready.setAlpha(120);
        painter.setBrush(ready);
        const double half = std::max(1.5, (x_of(1) - x_of(0)) / 2);
        for (const auto& [key, image] : *thumbnails_)
            painter.drawRect(QRectF(std::max(x_of(age_of_key(key)) - half, x_of(0)), y - 2, 2 * half, 4)
                                 .intersected(QRectF(x_of(0), y - 2, x_of(100) - x_of(0), 4)));
    }
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * .9);
    painter.setFont(small);
    painter.setPen(c.dim);
    for (int age = 0; age <= 100; age += 10)
        painter.drawText(QRectF(x_of(age) - 20, y + 12, 40, 18), Qt::AlignHCenter | Qt::AlignTop,
                         QString::number(age));
}

void AgeStrip::draw_own_mark(QPainter& painter) const {
    if (!own_)
        return;
    const double x = x_of(*own_), y = track_y();
    painter.setPen(QPen(colors().window, 1.5));
    painter.setBrush(colors().text);
    painter.drawPolygon(QPolygonF({{x, y - 4}, {x - 6, y - 13}, {x + 6, y - 13}}));
}

void AgeStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    painter.setOpacity(isEnabled() ? 1 : .45);
    draw_cells(painter);
    painter.setOpacity(isEnabled() ? 1 : .45);
    draw_track(painter);
    draw_own_mark(painter);
    const Colors& c = colors();
    const QPointF handle(x_of(age_), track_y());
    if (hasFocus()) {
        QColor ring = c.accent;
        ring.setAlpha(90);
        painter.setPen(Qt::NoPen);
        painter.setBrush(ring);
        painter.drawEllipse(handle, handle_radius + 4, handle_radius + 4);
    }
    painter.setPen(QPen(c.window, 2));
    painter.setBrush(isEnabled() ? c.accent : c.dim);
    painter.drawEllipse(handle, handle_radius, handle_radius);
}

void AgeStrip::hover(std::optional<QPointF> at) {
    hovered_ = at;
    update();
    if (!preview_)
        preview_ = new Preview(window());
    if (!at || !thumbnails_ || thumbnails_->empty() || dragging_)
        return preview_->hide();
    // The nearest picture that is there, if it is near enough to mean this age.
    const auto cell_age = cell_at(*at);
    const int key = cell_age ? *cell_age * 10 : age_key(age_at(at->x()));
    auto after = thumbnails_->lower_bound(key);
    auto best = after;
    if (after == thumbnails_->end() ||
        (after != thumbnails_->begin() && key - std::prev(after)->first < after->first - key))
        best = std::prev(after);
    if (std::abs(best->first - key) > (cell_age ? 0 : 25))
        return preview_->hide();
    const double age = age_of_key(best->first);
    const QPoint top =
        mapTo(window(), QPoint(static_cast<int>(x_of(age)), static_cast<int>(cell(0).top()) - 6));
    preview_->show_age(best->second, locale().toString(age, 'f', best->first % 10 ? 1 : 0), top);
}

void AgeStrip::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    if (const auto age = cell_at(event->position())) {
        if (event->modifiers() & Qt::ShiftModifier)
            emit compare_chosen(*age);
        else
            emit age_moved(*age);
        return;
    }
    dragging_ = true;
    hover(std::nullopt);
    emit drag_began();
    // Taking hold of the handle does not move it; a press beside it does.
    if (std::abs(event->position().x() - x_of(age_)) > handle_radius)
        emit age_moved(std::round(age_at(event->position().x())));
}

void AgeStrip::mouseMoveEvent(QMouseEvent* event) {
    if (!dragging_)
        return hover(event->position());
    // Whole years unless Alt asks for tenths.
    const double age = age_at(event->position().x());
    emit age_moved(event->modifiers() & Qt::AltModifier ? age : std::round(age));
}

void AgeStrip::mouseReleaseEvent(QMouseEvent*) {
    if (std::exchange(dragging_, false))
        emit drag_ended();
}

void AgeStrip::leaveEvent(QEvent*) {
    hover(std::nullopt);
}

void AgeStrip::wheelEvent(QWheelEvent* event) {
    const int delta = event->angleDelta().y() ? event->angleDelta().y() : event->angleDelta().x();
    if (delta != 0)
        emit age_moved(std::clamp(std::round(age_) + (delta > 0 ? 1 : -1), 0.0, 100.0));
    event->accept();
}

void AgeStrip::contextMenuEvent(QContextMenuEvent* event) {
    const auto under = cell_at(event->pos());
    const double age = under ? *under : std::round(age_at(event->pos().x()));
    QMenu menu;
    menu.addAction(tr("Go to age %1").arg(age), this, [=, this] { emit age_moved(age); });
    menu.addAction(tr("Compare with age %1 (A)").arg(age), this, [=, this] { emit compare_chosen(age); });
    menu.addAction(tr("Compare with the original"), this, [this] { emit compare_chosen(std::nullopt); });
    menu.exec(event->globalPos());
}

void AgeStrip::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) { // left, right and Home are the window's
    case Qt::Key_Down:
        return emit age_moved(std::clamp(age_ - 1, 0.0, 100.0));
    case Qt::Key_Up:
        return emit age_moved(std::clamp(age_ + 1, 0.0, 100.0));
    case Qt::Key_PageDown:
        return emit age_moved(std::clamp(age_ - 10, 0.0, 100.0));
    case Qt::Key_PageUp:
        return emit age_moved(std::clamp(age_ + 10, 0.0, 100.0));
    default:
        QWidget::keyPressEvent(event);
    }
}

void AgeStrip::resizeEvent(QResizeEvent*) {
    const double side = std::min(x_of(cell_step()) - x_of(0) - 4, largest_cell()); // no higher than they need
    setFixedHeight(static_cast<int>(side) + 18 + 36 + 8);
    hover(std::nullopt);
}

} // namespace c2c::ui
