#include "ui/widgets/section.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>

namespace c2c::ui {

Section::Section(const QString& title, const QString& name, QWidget* parent) : QWidget(parent) {
    setObjectName(name);
    head_ = new QToolButton;
    head_->setText(title);
    head_->setCheckable(true);
    head_->setChecked(true);
    head_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    head_->setArrowType(Qt::DownArrow);
    head_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    head_->setStyleSheet(
        QStringLiteral("QToolButton { font-weight: 600; text-align: left; background: transparent; "
                       "color: palette(window-text); }"));
    content_ = new QWidget;
    body_ = new QVBoxLayout(content_);
    body_->setContentsMargins(10, 2, 6, 9);
    body_->setSpacing(8);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(head_);
    column->addWidget(content_);
    connect(head_, &QToolButton::toggled, this, [this](bool open) {
        content_->setVisible(open);
        head_->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
    });
}

LabelledSlider::LabelledSlider(const QString& name, int low, int high, const QString& unit, QWidget* parent)
    : QWidget(parent), unit_(unit) {
    auto* title = new QLabel(name);
    shown_ = new QLabel;
    shown_->setProperty("dim", true);
    slider_ = new QSlider(Qt::Horizontal);
    slider_->setRange(low, high);
    slider_->setAccessibleName(name);
    title->setBuddy(slider_);
    auto* top = new QHBoxLayout;
    top->addWidget(title);
    top->addStretch();
    top->addWidget(shown_);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(3);
    column->addLayout(top);
    column->addWidget(slider_);
    const auto show = [this] { shown_->setText(QStringLiteral("%1 %2").arg(slider_->value()).arg(unit_)); };
    connect(slider_, &QSlider::valueChanged, this, [=, this](int value) {
        show();
        emit changed(value);
    });
    connect(slider_, &QSlider::sliderPressed, this, &LabelledSlider::pressed);
    connect(slider_, &QSlider::sliderReleased, this, &LabelledSlider::released);
    show();
}

int LabelledSlider::value() const {
    return slider_->value();
}

void LabelledSlider::set_value(int value) {
    const QSignalBlocker blocker(slider_);
    slider_->setValue(value);
    shown_->setText(QStringLiteral("%1 %2").arg(slider_->value()).arg(unit_));
}

namespace {

class WheelPasses : public QObject {
  public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() != QEvent::Wheel || static_cast<QWidget*>(watched)->hasFocus())
            return false;
        event->ignore(); // the panel that scrolls gets it
        return true;
    }
};

} // namespace

void leave_keys_and_wheel(QWidget* panel) {
    auto* filter = new WheelPasses(panel);
    for (auto* widget : panel->findChildren<QWidget*>()) {
        auto* box = qobject_cast<QComboBox*>(widget);
        auto* spin = qobject_cast<QAbstractSpinBox*>(widget);
        auto* slider = qobject_cast<QSlider*>(widget);
        if (box || slider || qobject_cast<QAbstractButton*>(widget))
            widget->setFocusPolicy(Qt::TabFocus);
        if (spin)
            widget->setFocusPolicy(Qt::StrongFocus); // numbers are typed after a click
        if (box || spin || slider)
            widget->installEventFilter(filter);
    }
}

} // namespace c2c::ui
