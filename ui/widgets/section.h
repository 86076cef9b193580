#pragma once

#include <QToolButton>
#include <QVBoxLayout>
#include <QWidget>

class QLabel;
class QSlider;

namespace c2c::ui {

/// A titled part of the side panel that folds.
class Section : public QWidget {
    Q_OBJECT
  public:
    explicit Section(const QString& title, QWidget* parent = nullptr);
    QVBoxLayout* body() const { return body_; }
    bool open() const { return head_->isChecked(); }
    void set_open(bool open) { head_->setChecked(open); }

  private:
    QToolButton* head_;
    QWidget* content_;
    QVBoxLayout* body_;
};

/// A slider with its name to the left, its value to the right.
class LabelledSlider : public QWidget {
    Q_OBJECT
  public:
    LabelledSlider(const QString& name, int low, int high, const QString& unit, QWidget* parent = nullptr);
    int value() const;
    void set_value(int value); ///< without a signal

  signals:
    void pressed();
    void changed(int value);
    void released();

  private:
    QSlider* slider_;
    QLabel* shown_;
    QString unit_;
};

} // namespace c2c::ui
