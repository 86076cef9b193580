#pragma once

#include "ui/session/session.h"

#include <QLabel>
#include <QProgressBar>
#include <QTimer>

namespace c2c::ui {

/// What a read-back age means against the one asked for. The meter errs by about 8 years itself and ends at
/// 80, so nearer than that is good, and an age at its end is not judged.
enum class Verdict { None, Good, Fair, Poor };
Verdict judge_age(double asked, double read);
Verdict judge_identity(double cosine);

/// Beside the time line: draft or settled, what runs, and the two meters.
class StatusPanel : public QWidget {
    Q_OBJECT
  public:
    explicit StatusPanel(QWidget* parent = nullptr);
    void show_frame(const Session& session);
    void show_activity(Task task, double age);
    void show_progress(double fraction, const QString& stage);
    void show_export(const ExportState& state);

  private:
    void set_meter(QLabel* label, const QString& text, Verdict verdict, const QString& tip);

    QLabel* badge_;
    QLabel* activity_;
    QProgressBar* progress_;
    QTimer long_; ///< work of one photo that takes longer shows that it goes on
    QLabel* age_;
    QLabel* identity_;
};

} // namespace c2c::ui
