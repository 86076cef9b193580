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
    Section(const QString& title, const QString& name, QWidget* parent = nullptr); ///< name: for the settings
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

/// In a panel that scrolls beside the photo: a click on a control leaves the keys with the photo (Tab still
/// goes there), and the wheel scrolls past what has not the focus instead of changing it.
void leave_keys_and_wheel(QWidget* panel);

} // namespace c2c::ui
