#pragma once

#include "ui/session/session.h"

#include <QFormLayout>
#include <QLabel>
#include <QPushButton>

namespace c2c::ui {

/// What is known of the photo.
class PhotoPanel : public QWidget {
    Q_OBJECT
  public:
    explicit PhotoPanel(Session& session, QWidget* parent = nullptr);

  private:
    void refresh();
    Session& session_;
    QLabel *file_, *size_, *format_, *profile_, *faces_, *notes_;
};

/// Which model is in use, and another one to choose.
class ModelPanel : public QWidget {
    Q_OBJECT
  public:
    explicit ModelPanel(Session& session, QWidget* parent = nullptr);

  signals:
    void choose_requested();

  private:
    void refresh();
    Session& session_;
    QLabel *name_, *device_, *licence_, *note_;
    QPushButton* embedded_;
};

} // namespace c2c::ui
