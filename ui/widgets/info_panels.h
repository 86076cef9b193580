#pragma once

#include "ui/session/session.h"
#include "ui/widgets/model_choice.h"

#include <QFormLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTimer>

namespace c2c::ui {

/// What is known of the photo.
class PhotoPanel : public QWidget {
    Q_OBJECT
  public:
    explicit PhotoPanel(Session& session, QWidget* parent = nullptr);

  private:
    void refresh();
    Session& session_;
    QFormLayout* form_;
    QLabel *file_, *size_, *format_, *profile_, *camera_, *lens_, *taken_, *exposure_, *place_, *faces_,
        *notes_;
};

/// Which model is in use, and another one to choose.
class ModelPanel : public QWidget {
    Q_OBJECT
  public:
    explicit ModelPanel(Session& session, QWidget* parent = nullptr);

    /// The choice of the last run.
    static ModelChoice remembered();
    static void remember(const ModelChoice& choice);

    /// Said wherever a picture leaves the window: the model is for research only. Empty where it is not.
    static QString research_note(const Session& session);

  signals:
    void choose_requested();

  protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

  private:
    void refresh();
    void ask(const ModelChoice& choice);
    void refresh_memory();
    Session& session_;
    QLabel *name_, *device_, *place_, *licence_, *note_;
    ChoiceBox *device_choice_, *precision_choice_;
    QProgressBar* memory_;
    QTimer memory_timer_;
    KnownModels* known_;
};

} // namespace c2c::ui
