#pragma once

#include <QDoubleSpinBox>
#include <QLabel>
#include <QToolButton>

namespace c2c::ui {

/// `name`: for screen readers, where the text is none.
QToolButton* flat_button(const QString& text, const QString& tip, const QString& name = {});

/// One line that ends in dots where the room ends, its middle left out: names of photos differ at their ends.
class ElidedLabel : public QLabel {
  protected:
    void paintEvent(QPaintEvent* event) override;
};

/// "33", and "33.4" where the tenth was asked for.
QString years(double age);

/// An age, said as years() does.
class AgeBox : public QDoubleSpinBox {
  public:
    AgeBox();
    QString textFromValue(double age) const override;
};

} // namespace c2c::ui
