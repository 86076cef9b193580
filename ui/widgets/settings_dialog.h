#pragma once

#include "ui/session/engine.h"
#include "ui/widgets/model_choice.h"

#include <QCheckBox>
#include <QDialog>
#include <QLineEdit>

class QFormLayout;

namespace c2c::ui {

/// What is remembered from one start to the next. Nothing is written before OK.
class SettingsDialog : public QDialog {
    Q_OBJECT
  public:
    SettingsDialog(const ModelChoice& model, QWidget* parent);

    ModelChoice model() const;
    QString screen_profile() const; ///< as in screen_profile.h
    QString problem() const;        ///< why OK cannot be pressed; empty when it can

  signals:
    void saved(); ///< in QSettings, but for the model, which the session remembers once it is loaded

  private:
    void build_screen(QFormLayout* form);
    void build_model(QFormLayout* form, const ModelChoice& model);
    void build_export(QFormLayout* form);
    void build_window(QFormLayout* form);
    void refresh();
    void save();

    ChoiceBox *screen_, *device_, *precision_, *language_, *theme_;
    QLineEdit* profile_;
    QPushButton *browse_, *ok_;
    ModelBox* model_;
    QCheckBox *metadata_, *gps_;
    QLabel* note_;
};

/// The language chosen in the settings, "de"; empty: the system's.
QString language_setting();

} // namespace c2c::ui
