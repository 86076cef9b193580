#pragma once

#include "ui/session/session.h"

#include <QDialog>
#include <QProcess>

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace c2c::ui {

class CurvePanel;

/// The photo's ages over frames: a curve, the frames' names, and the command line that makes them, to copy to
/// a farm or to start here as a process of its own, so that neither can disturb the other.
class SequenceDialog : public QDialog {
    Q_OBJECT
  public:
    explicit SequenceDialog(Session& session, QWidget* parent = nullptr);
    ~SequenceDialog() override;

    CurvePanel& curve() { return *curve_; }
    /// What cradle2cane-cli is given; empty while the names do not fit, and then `problem` says why.
    QStringList arguments(QString* problem = nullptr) const;
    QString command_line() const; ///< quoted for a shell

  signals:
    void age_scrubbed(double age);
    void finished_sequence(const QString& what);

  private:
    void preview();
    void start(bool resume);
    void stop();
    void read_progress();
    void ended(int code, QProcess::ExitStatus status);

    Session& session_;
    CurvePanel* curve_;
    QLineEdit *keys_, *pattern_, *command_;
    QLabel *names_, *state_;
    QProgressBar* progress_;
    QPushButton *start_, *resume_, *stop_;
    QProcess process_;
    int done_ = 0;
};

} // namespace c2c::ui
