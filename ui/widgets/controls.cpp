#include "ui/widgets/controls.h"

#include "ui/widgets/theme.h"

#include <QPainter>

#include <cmath>

namespace c2c::ui {

QToolButton* flat_button(const QString& text, const QString& tip, const QString& name) {
    auto* button = new QToolButton;
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(name.isEmpty() ? text : name);
    button->setFocusPolicy(Qt::TabFocus); // a click leaves the keys with the photo
    return button;
}

void ElidedLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(colors().dim);
    painter.drawText(rect(), static_cast<int>(Qt::AlignVCenter | Qt::AlignLeft),
                     fontMetrics().elidedText(text(), Qt::ElideMiddle, width()));
}

QString years(double age) {
    return QLocale().toString(age, 'f', age == std::round(age) ? 0 : 1);
}

AgeBox::AgeBox() {
    setRange(0, 100);
    setDecimals(1);
}

QString AgeBox::textFromValue(double age) const {
    return years(age);
}

} // namespace c2c::ui
