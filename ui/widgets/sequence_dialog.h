#pragma once

#include "ui/widgets/sequence_command.h"

#include <QDialog>
#include <QProcess>

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QTabBar;
class QToolButton;

namespace c2c::ui {

class CurvePanel;

/// Ages over the frames of a photo, a plate or a movie: a curve for each face, the frames' names, and the
/// command line that makes them, to copy to a farm or to start here as a process of its own, so that neither
/// can disturb the other.
class SequenceDialog : public QDialog {
    Q_OBJECT
  public:
    explicit SequenceDialog(Session& session, QWidget* parent = nullptr);
    ~SequenceDialog() override;

    CurvePanel& curve() { return *curve_; }
    /// A plate's folder or a movie; empty: the photo in the window. The curves are stretched over its frames.
    void set_input(const QString& path);
    /// A face as FaceCurve numbers it gets a curve of its own, a copy of the one shown.
    void add_face(int face);
    /// What cradle2cane-cli is given; empty while something does not fit, and then `problem` says what.
    QStringList arguments(QString* problem = nullptr) const;

  signals:
    void age_scrubbed(double age);
    void finished_sequence(const QString& what);

  private:
    void build();
    void connect_all();
    SequenceRequest request() const;
    Result<SequencePlan> plan() const;
    void read_input();
    void count_movie();
    void movie_counted(int code, QProcess::ExitStatus status);
    void spread_curves();
    QString face_name(int face) const;
    void fill_face_menu();
    void show_tab(int tab);
    void remove_tab(int tab);
    void name_tabs();
    QString told(const SequencePlan& plan) const;
    void preview();
    void start();
    void stop();
    void read_progress();
    void ended(int code, QProcess::ExitStatus status);

    Session& session_;
    CurvePanel* curve_;
    QTabBar* tabs_; ///< one per curve
    QToolButton* add_;
    QLineEdit *input_, *keys_, *pattern_, *more_, *command_;
    QPushButton *folder_, *movie_, *place_, *copy_, *start_, *stop_;
    QComboBox* existing_;
    QLabel *names_, *licence_, *state_;
    QProgressBar* progress_;
    QString read_; ///< the input that source_ is of
    std::vector<FaceCurve> curves_;
    Result<FrameSource> source_{FrameSource{}};
    QProcess process_, counter_;
    std::vector<std::int64_t> running_; ///< the numbers of the frames in work
    QString making_;                    ///< and their first and last name
};

} // namespace c2c::ui
