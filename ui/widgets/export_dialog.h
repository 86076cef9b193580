#pragma once

#include "ui/session/session.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>

namespace c2c::ui {

/// Which ages go where. Not modal: the window can be used while it works.
class ExportDialog : public QDialog {
    Q_OBJECT
  public:
    explicit ExportDialog(Session& session, QWidget* parent = nullptr);

    struct Plan {
        std::vector<std::pair<double, std::filesystem::path>> files;
        QString problem; ///< why it cannot begin; empty when it can
        int existing = 0;
    };
    Plan plan() const;
    ExportOptions options() const;
    /// What the settings say of a file that is written without this dialog.
    static ExportOptions kept_options();

  signals:
    void finished_export(int done, int failed, const QString& folder);

  public slots:
    void reject() override; ///< Escape, too, stops what is being written

  private:
    void build();
    void offer_folder();
    void load_settings();
    void save_settings() const;
    void preview();
    void begin();
    void show_progress();
    std::vector<double> ages() const;
    QString suffix() const;
    ExportSize size() const;
    void limit_size();

    Session& session_;
    QRadioButton *one_, *several_;
    QSpinBox *from_, *to_, *step_, *quality_;
    QComboBox *format_, *bits_, *size_by_;
    QSpinBox* size_;
    QLineEdit *folder_, *pattern_;
    QCheckBox *metadata_, *gps_, *delta_, *matte_, *overwrite_;
    QLabel *pixels_, *names_, *notes_, *state_;
    QProgressBar* progress_;
    QPushButton *start_, *cancel_;
    QString offered_; ///< the folder that we proposed
    int batch_ = -1;
};

} // namespace c2c::ui
