// The dialog's two processes: the one that makes the frames, and the one that counts a movie's.

#include "ui/widgets/curve_panel.h"
#include "ui/widgets/sequence_dialog.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTimer>

#include <algorithm>

namespace c2c::ui {
namespace {

QString program() {
    return QCoreApplication::applicationDirPath() + QStringLiteral("/cradle2cane-cli");
}

} // namespace

/// A run that is still on ends with the window, after its frame; the same command goes on with --resume.
SequenceDialog::~SequenceDialog() {
    for (QProcess* process : {&counter_, &process_}) {
        process->disconnect(this);
        if (process->state() == QProcess::NotRunning)
            continue;
        process->terminate();
        if (!process->waitForFinished(5000))
            process->kill();
    }
}

/// The program decodes it once; a codec has no business in the window's process.
void SequenceDialog::count_movie() {
    counter_.start(program(), {QStringLiteral("sequence"), read_, QStringLiteral("--curve"),
                               QStringLiteral("1:30"), QStringLiteral("-o"), QStringLiteral("x.####.png"),
                               QStringLiteral("--dry-run"), QStringLiteral("--json")});
}

void SequenceDialog::movie_counted(int, QProcess::ExitStatus status) {
    if (status == QProcess::CrashExit) // another input was chosen meanwhile
        return;
    const auto told = QJsonDocument::fromJson(counter_.readAllStandardOutput()).object();
    const auto count = told.value(QLatin1String("total")).toInteger();
    if (count < 1) {
        const QString why = QString::fromUtf8(counter_.readAllStandardError()).trimmed();
        source_ = fail(ErrorKind::Input, "{}", why.toStdString());
    } else if (source_) {
        for (std::int64_t i = 0; i < count; ++i)
            source_->numbers.push_back(1001 + i);
        spread_curves();
    }
    preview();
}

void SequenceDialog::start() {
    const auto planned = plan();
    if (!planned || process_.state() != QProcess::NotRunning)
        return preview();
    running_.clear();
    for (const PlannedFrame& frame : planned->frames)
        running_.push_back(frame.number);
    making_ = told(*planned);
    progress_->setRange(0, 0); // until the first frame
    progress_->show();
    state_->setText(source_->kind == FrameSource::Kind::Photo ? tr("Making the frames …")
                                                              : tr("Finding the faces …"));
    stop_->setEnabled(true);
    process_.start(program(), arguments_of(request(), session_) << QStringLiteral("--json"),
                   QIODevice::ReadOnly);
    preview();
}

/// The program ends after what it has in work; one that does not listen is ended.
void SequenceDialog::stop() {
    state_->setText(tr("Stopping …"));
    stop_->setEnabled(false);
    process_.terminate();
    QTimer::singleShot(15'000, &process_, [this, run = process_.processId()] {
        if (process_.processId() == run)
            process_.kill();
    });
}

void SequenceDialog::read_progress() {
    while (process_.canReadLine()) {
        const auto record = QJsonDocument::fromJson(process_.readLine()).object();
        const auto frame = record.value(QLatin1String("frame")).toInteger();
        const auto place = std::lower_bound(running_.begin(), running_.end(), frame) - running_.begin();
        progress_->setRange(0, static_cast<int>(running_.size()));
        progress_->setValue(static_cast<int>(place) + 1);
        if (stop_->isEnabled())
            state_->setText(tr("Frame %1 (%2 of %3)").arg(frame).arg(place + 1).arg(running_.size()));
    }
}

void SequenceDialog::ended(int code, QProcess::ExitStatus status) {
    stop_->setEnabled(false);
    progress_->hide();
    const QString told = QString::fromUtf8(process_.readAllStandardError()).trimmed();
    if (status == QProcess::NormalExit && code == 0) {
        state_->setText(told.isEmpty() ? tr("All frames are there.")
                                       : tr("All frames are there.") + QLatin1Char('\n') + told);
        emit finished_sequence(making_);
    } else if (status == QProcess::NormalExit && code == 130) {
        existing_->setCurrentIndex(static_cast<int>(Existing::Resume));
        state_->setText(tr("Stopped; the same again makes the rest."));
    } else {
        state_->setText(told.isEmpty() ? tr("%1 did not work.").arg(program()) : told);
    }
    preview();
}

} // namespace c2c::ui
