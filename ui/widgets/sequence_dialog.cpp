#include "ui/widgets/sequence_dialog.h"

#include "core/sequence/names.h"
#include "ui/widgets/curve_panel.h"
#include "ui/widgets/files.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QDir>
#include <QFormLayout>
#include <QGuiApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStandardPaths>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <span>

namespace c2c::ui {
namespace {

/// For a POSIX shell, as farms run it.
QString quoted(const QString& argument) {
    static const QString plain = QStringLiteral("./_-=:,+%@");
    const bool simple = !argument.isEmpty() && std::all_of(argument.begin(), argument.end(), [](QChar c) {
        return (c.unicode() < 128 && c.isLetterOrNumber()) || plain.contains(c);
    });
    if (simple)
        return argument;
    QString inside = argument;
    inside.replace(QLatin1Char('\''), QStringLiteral("'\\''"));
    return QLatin1Char('\'') + inside + QLatin1Char('\'');
}

QString program() {
    return QCoreApplication::applicationDirPath() + QStringLiteral("/cradle2cane-cli");
}

struct Planned {
    int frames = 0;
    std::filesystem::path first, last; ///< the same for a movie or a loop
};

/// As plan_sequence numbers and names a photo's frames; that one would bring every codec into the window.
Result<Planned> plan_of(const Session& session, const AgeCurve& curve, const QString& pattern) {
    const std::filesystem::path photo = session.picture()->info.path;
    const double span = curve.keys.back().frame - curve.keys.front().frame;
    const auto count = static_cast<std::int64_t>(std::floor(span + 1e-6)) + 1;
    const auto own = static_cast<std::int64_t>(std::floor(curve.keys.front().frame));
    const std::int64_t start = own > 1 ? own : 1001;
    const std::string text = pattern.toStdString();
    const bool one_file = whole_file(text) != WholeFile::None;
    std::vector<NameFields> fields;
    for (const std::int64_t frame : {start, start + count - 1}) {
        NameFields one;
        one.stem = photo.stem().string();
        one.ext = photo.has_extension() ? photo.extension().string().substr(1) : std::string();
        if (!one_file) {
            one.age = curve.value(curve.keys.front().frame + static_cast<double>(frame - start));
            one.frame = frame;
            one.frame_width = frame_width(start + count - 1);
        }
        fields.push_back(std::move(one));
    }
    if (one_file || count == 1)
        fields.pop_back();
    const NameUse use = one_file ? NameUse::Movie : NameUse::Sequence;
    C2C_CHECK(check_name_pattern(text, use));
    C2C_TRY(const auto names, plan_names(text, use, fields, std::span(&photo, 1)));
    return Planned{static_cast<int>(count), names.front(), names.back()};
}

/// Faces are counted from the left on the command line, and by size here.
std::size_t place_from_left(const std::vector<FaceEstimate>& faces, std::size_t face) {
    const auto middle = [&](std::size_t i) { return faces[i].face.box.x + faces[i].face.box.width / 2; };
    std::size_t place = 1;
    for (std::size_t i = 0; i < faces.size(); ++i)
        place += middle(i) < middle(face);
    return place;
}

} // namespace

SequenceDialog::SequenceDialog(Session& session, QWidget* parent) : QDialog(parent), session_(session) {
    setWindowTitle(tr("Age sequence"));
    curve_ = new CurvePanel;
    keys_ = new QLineEdit(QString::fromStdString(curve_text(curve_->curve())));
    keys_->setAccessibleName(tr("Keys as text"));
    keys_->setToolTip(tr("frame:age, then :ease or :hold; as in 1:38,48:70:ease"));
    const QString pictures = QStandardPaths::writableLocation(QStandardPaths::PicturesLocation);
    pattern_ = new QLineEdit(QDir(pictures).filePath(QStringLiteral("{stem}_aged/{stem}.####.png")));
    pattern_->setToolTip(
        tr("#### is the frame's number; a name as aged.mp4 makes a movie, aged.webp a loop"));
    names_ = new QLabel;
    names_->setWordWrap(true);
    command_ = new QLineEdit;
    command_->setReadOnly(true);
    command_->setAccessibleName(tr("Command line"));
    auto* copy = new QPushButton(tr("&Copy"));
    state_ = new QLabel;
    state_->setWordWrap(true);
    progress_ = new QProgressBar;
    progress_->hide();
    start_ = new QPushButton(tr("&Make the frames"));
    resume_ = new QPushButton(tr("&Go on"));
    resume_->setToolTip(tr("Frames that are there and of these settings are kept"));
    stop_ = new QPushButton(tr("&Stop"));
    stop_->setEnabled(false);

    auto* form = new QFormLayout;
    form->addRow(tr("Keys"), keys_);
    form->addRow(tr("Names"), pattern_);
    form->addRow(QString(), names_);
    auto* line = new QHBoxLayout;
    line->addWidget(command_, 1);
    line->addWidget(copy);
    form->addRow(tr("Command line"), line);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(state_, 1);
    for (QPushButton* button : {start_, resume_, stop_}) {
        button->setAutoDefault(false);
        buttons->addWidget(button);
    }
    copy->setAutoDefault(false);
    auto* all = new QVBoxLayout(this);
    all->addWidget(curve_, 1);
    all->addLayout(form);
    all->addWidget(progress_);
    all->addLayout(buttons);

    connect(curve_, &CurvePanel::curve_changed, this, [this] {
        const QSignalBlocker quiet(keys_);
        if (!keys_->hasFocus())
            keys_->setText(QString::fromStdString(curve_text(curve_->curve())));
        preview();
    });
    connect(keys_, &QLineEdit::textEdited, this, [this](const QString& text) {
        if (const auto typed = parse_curve(text.toStdString()))
            curve_->set_curve(*typed);
        else
            names_->setText(QString::fromStdString(typed.error().text));
    });
    connect(curve_, &CurvePanel::head_moved, this, [this](double, double age) { emit age_scrubbed(age); });
    connect(pattern_, &QLineEdit::textEdited, this, &SequenceDialog::preview);
    connect(copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(command_line()); });
    connect(start_, &QPushButton::clicked, this, [this] { start(false); });
    connect(resume_, &QPushButton::clicked, this, [this] { start(true); });
    connect(stop_, &QPushButton::clicked, this, &SequenceDialog::stop);
    connect(&process_, &QProcess::readyReadStandardOutput, this, &SequenceDialog::read_progress);
    connect(&process_, &QProcess::finished, this, &SequenceDialog::ended);
    connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            ended(-1, QProcess::CrashExit);
    });
    connect(&session_, &Session::edit_changed, this, &SequenceDialog::preview);
    connect(&session_, &Session::faces_changed, this, &SequenceDialog::preview);
    preview();
}

/// A run that is still on ends with the window, after its frame; the same command goes on with --resume.
SequenceDialog::~SequenceDialog() {
    process_.disconnect(this);
    if (process_.state() != QProcess::NotRunning) {
        process_.terminate();
        if (!process_.waitForFinished(5000))
            process_.kill();
    }
}

QStringList SequenceDialog::arguments(QString* problem) const {
    const auto refuse = [&](const QString& why) {
        if (problem)
            *problem = why;
        return QStringList();
    };
    if (!session_.picture() || !session_.has_face())
        return refuse(tr("Open a photo with a face first."));
    const auto plan = plan_of(session_, curve_->curve(), pattern_->text());
    if (!plan)
        return refuse(QString::fromStdString(plan.error().text));
    const Look& look = session_.look();
    const auto number = [](double value) { return QString::number(value, 'g', 8); };
    QStringList list = {QStringLiteral("sequence"),
                        text_of(session_.picture()->info.path),
                        QStringLiteral("--curve"),
                        QString::fromStdString(curve_text(curve_->curve())),
                        QStringLiteral("-o"),
                        pattern_->text(),
                        QStringLiteral("--from"),
                        number(look.source_age),
                        QStringLiteral("--gender"),
                        look.gender == Gender::Female ? QStringLiteral("female") : QStringLiteral("male"),
                        QStringLiteral("--seed"),
                        QString::number(look.seed)};
    if (session_.faces().size() > 1)
        list << QStringLiteral("--faces") << QString::number(place_from_left(session_.faces(), look.face));
    if (look.amount != 1)
        list << QStringLiteral("--amount") << number(100 * look.amount);
    if (look.replace)
        list << QStringLiteral("--mode") << QStringLiteral("replace");
    if (look.grey_background)
        list << QStringLiteral("--background") << QStringLiteral("grey");
    if (!session_.model_choice().folder.empty())
        list << QStringLiteral("--model") << text_of(session_.model_choice().folder);
    return list;
}

QString SequenceDialog::command_line() const {
    const QStringList list = arguments();
    if (list.isEmpty())
        return {};
    QString line = QStringLiteral("cradle2cane-cli");
    for (const QString& argument : list)
        line += QLatin1Char(' ') + quoted(argument);
    return line;
}

void SequenceDialog::preview() {
    QString problem;
    const bool fits = !arguments(&problem).isEmpty();
    command_->setText(command_line());
    command_->setCursorPosition(0);
    const bool running = process_.state() != QProcess::NotRunning;
    start_->setEnabled(fits && !running);
    resume_->setEnabled(fits && !running);
    if (!fits)
        return names_->setText(problem);
    const auto plan = plan_of(session_, curve_->curve(), pattern_->text());
    const QString count = QString::number(plan->frames);
    names_->setText(plan->first == plan->last
                        ? tr("%1 frames in %2").arg(count, text_of(plan->first))
                        : tr("%1 frames: %2 to %3").arg(count, text_of(plan->first), text_of(plan->last)));
}

void SequenceDialog::start(bool resume) {
    QStringList list = arguments();
    const auto plan = plan_of(session_, curve_->curve(), pattern_->text());
    if (list.isEmpty() || !plan || process_.state() != QProcess::NotRunning)
        return;
    list << QStringLiteral("--json");
    if (resume)
        list << QStringLiteral("--resume");
    done_ = 0;
    progress_->setRange(0, plan->frames);
    progress_->setValue(0);
    progress_->show();
    state_->setText(tr("Making the frames …"));
    process_.start(program(), list, QIODevice::ReadOnly);
    stop_->setEnabled(true);
    preview();
}

/// The program ends after what it has in work; one that does not listen is ended.
void SequenceDialog::stop() {
    state_->setText(tr("Stopping …"));
    process_.terminate();
    QTimer::singleShot(15'000, &process_, [this, run = process_.processId()] {
        if (process_.processId() == run)
            process_.kill();
    });
}

void SequenceDialog::read_progress() {
    while (process_.canReadLine()) {
        const auto record = QJsonDocument::fromJson(process_.readLine()).object();
        progress_->setValue(++done_);
        state_->setText(tr("Frame %1").arg(record.value(QLatin1String("frame")).toInteger()));
    }
}

void SequenceDialog::ended(int code, QProcess::ExitStatus status) {
    stop_->setEnabled(false);
    progress_->hide();
    const QString told = QString::fromUtf8(process_.readAllStandardError()).trimmed();
    if (status == QProcess::NormalExit && code == 0) {
        state_->setText(tr("All frames are there."));
        emit finished_sequence(names_->text());
    } else if (status == QProcess::NormalExit && code == 130) {
        state_->setText(tr("Stopped; “Go on” makes the rest."));
    } else {
        state_->setText(told.isEmpty() ? tr("%1 did not work.").arg(program()) : told);
    }
    preview();
}

} // namespace c2c::ui
