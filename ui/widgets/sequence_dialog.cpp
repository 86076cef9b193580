#include "ui/widgets/sequence_dialog.h"

#include "ui/widgets/curve_panel.h"
#include "ui/widgets/files.h"
#include "ui/widgets/info_panels.h"

#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStandardPaths>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace c2c::ui {
namespace fs = std::filesystem;

namespace {

QHBoxLayout* row(QWidget* wide, std::initializer_list<QPushButton*> buttons) {
    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(wide, 1);
    for (QPushButton* button : buttons) {
        button->setAutoDefault(false);
        line->addWidget(button);
    }
    return line;
}

FrameSpan span_of(const std::vector<FaceCurve>& curves) {
    FrameSpan span{curves.front().curve.keys.front().frame, curves.front().curve.keys.back().frame};
    for (const FaceCurve& one : curves) {
        span.first = std::min(span.first, one.curve.keys.front().frame);
        span.last = std::max(span.last, one.curve.keys.back().frame);
    }
    return span;
}

} // namespace

SequenceDialog::SequenceDialog(Session& session, QWidget* parent) : QDialog(parent), session_(session) {
    setWindowTitle(tr("Age sequence"));
    build();
    curves_ = {{0, curve_->curve()}};
    connect_all();
    read_input();
}

void SequenceDialog::build() {
    curve_ = new CurvePanel;
    tabs_ = new QTabBar;
    tabs_->setDrawBase(false);
    tabs_->setExpanding(false);
    tabs_->setAccessibleName(tr("Faces"));
    tabs_->addTab(QString());
    add_ = new QToolButton;
    add_->setText(tr("+ Face"));
    add_->setToolTip(tr("Another face, with a curve of its own"));
    add_->setPopupMode(QToolButton::InstantPopup);
    add_->setStyleSheet(QStringLiteral("QToolButton::menu-indicator { image: none; }"));
    add_->setMenu(new QMenu(add_));
    input_ = new QLineEdit;
    input_->setPlaceholderText(tr("The photo in the window"));
    input_->setClearButtonEnabled(true);
    input_->setToolTip(tr("A folder of numbered frames, frames as plate.####.exr, or a movie"));
    folder_ = new QPushButton(tr("&Plate …"));
    movie_ = new QPushButton(tr("Mo&vie …"));
    keys_ = new QLineEdit(QString::fromStdString(curve_text(curve_->curve())));
    keys_->setToolTip(tr("frame:age, then :ease or :hold; as in 1:38,48:70:ease"));
    const QString pictures = QStandardPaths::writableLocation(QStandardPaths::PicturesLocation);
    pattern_ = new QLineEdit(QDir(pictures).filePath(QStringLiteral("{stem}_aged/{stem}.####.png")));
    pattern_->setToolTip(
        tr("#### is the frame's number; a name as aged.mp4 makes a movie, aged.webp a loop"));
    place_ = new QPushButton(tr("&Folder …"));
    names_ = new QLabel;
    names_->setProperty("dim", true);
    names_->setWordWrap(true);
    names_->setMinimumHeight(2 * fontMetrics().lineSpacing());
    names_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    names_->setObjectName(QStringLiteral("names")); // its words are what a screen reader reads
    licence_ = new QLabel;
    licence_->setWordWrap(true);
    existing_ = new QComboBox; // in the order of Existing
    existing_->addItems({tr("Write nothing"), tr("Keep what fits, make the rest"), tr("Start over")});
    more_ = new QLineEdit;
    more_->setPlaceholderText(QStringLiteral("--matte matte.####.tif --protect mask.png --fps 25"));
    more_->setToolTip(tr("More options of cradle2cane-cli sequence, as it takes them"));
    command_ = new QLineEdit;
    command_->setReadOnly(true);
    copy_ = new QPushButton(tr("&Copy"));
    state_ = new QLabel;
    state_->setWordWrap(true);
    state_->setMinimumHeight(2 * fontMetrics().lineSpacing());
    progress_ = new QProgressBar;
    progress_->setTextVisible(false);
    QSizePolicy steady = progress_->sizePolicy(); // nothing moves when it comes and goes
    steady.setRetainSizeWhenHidden(true);
    progress_->setSizePolicy(steady);
    progress_->hide();
    start_ = new QPushButton(tr("&Make the frames"));
    start_->setProperty("primary", true);
    stop_ = new QPushButton(tr("&Stop"));
    stop_->setEnabled(false);

    auto* faces = new QHBoxLayout;
    faces->addWidget(tabs_);
    faces->addWidget(add_);
    faces->addStretch(1);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(16);
    form->setVerticalSpacing(10);
    form->addRow(tr("Frames of"), row(input_, {folder_, movie_}));
    form->addRow(tr("Keys"), keys_);
    form->addRow(tr("Names"), row(pattern_, {place_}));
    form->addRow(QString(), names_);
    form->addRow(tr("If they are there"), existing_);
    form->addRow(tr("Options"), more_);
    form->addRow(tr("Command line"), row(command_, {copy_}));
    for (QLineEdit* edit : {input_, pattern_, command_}) // a label beside a layout names nothing
        edit->setAccessibleName(edit == input_     ? tr("Frames of")
                                : edit == pattern_ ? tr("Names")
                                                   : tr("Command line"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(22, 16, 22, 18);
    column->setSpacing(12);
    column->addLayout(faces);
    column->addWidget(curve_, 1);
    column->addLayout(form);
    column->addWidget(licence_);
    column->addWidget(progress_);
    column->addLayout(row(state_, {stop_, start_}));
    resize(820, 780);
}

void SequenceDialog::connect_all() {
    connect(curve_, &CurvePanel::curve_changed, this, [this] {
        curves_[static_cast<std::size_t>(tabs_->currentIndex())].curve = curve_->curve();
        keys_->setText(QString::fromStdString(curve_text(curve_->curve())));
        preview();
    });
    connect(curve_, &CurvePanel::head_moved, this, [this](double, double age) {
        if (read_.isEmpty() && curves_[static_cast<std::size_t>(tabs_->currentIndex())].face == 0)
            emit age_scrubbed(age);
    });
    connect(keys_, &QLineEdit::textEdited, this, [this](const QString& text) {
        if (const auto typed = parse_curve(text.toStdString())) {
            const QSignalBlocker quiet(curve_); // or the text would be set while it is typed
            curve_->set_curve(*typed);
            curves_[static_cast<std::size_t>(tabs_->currentIndex())].curve = *typed;
        }
        preview();
    });
    connect(tabs_, &QTabBar::currentChanged, this, &SequenceDialog::show_tab);
    connect(tabs_, &QTabBar::tabCloseRequested, this, &SequenceDialog::remove_tab);
    connect(add_->menu(), &QMenu::aboutToShow, this, &SequenceDialog::fill_face_menu);
    // Not while it is typed: what half a name means would bend the curves.
    connect(input_, &QLineEdit::editingFinished, this, [this] { set_input(input_->text()); });
    connect(input_, &QLineEdit::textChanged, this, [this](const QString& text) {
        if (text.isEmpty())
            set_input(text);
    });
    connect(folder_, &QPushButton::clicked, this, [this] {
        const QString chosen = QFileDialog::getExistingDirectory(this, tr("Folder of the plate's frames"));
        if (!chosen.isEmpty())
            set_input(chosen);
    });
    connect(movie_, &QPushButton::clicked, this, [this] {
        const QString chosen = QFileDialog::getOpenFileName(
            this, tr("Movie"), QString(), tr("Movies") + QStringLiteral(" (*.mov *.mp4 *.m4v *.mkv *.webm)"));
        if (!chosen.isEmpty())
            set_input(chosen);
    });
    connect(place_, &QPushButton::clicked, this, [this] {
        const QString chosen = QFileDialog::getExistingDirectory(this, tr("Folder for the frames"));
        if (!chosen.isEmpty())
            pattern_->setText(QDir(chosen).filePath(pattern_->text().section(QLatin1Char('/'), -1)));
    });
    for (QLineEdit* edit : {pattern_, more_})
        connect(edit, &QLineEdit::textChanged, this, &SequenceDialog::preview);
    connect(existing_, &QComboBox::currentIndexChanged, this, &SequenceDialog::preview);
    connect(copy_, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(command_->text()); });
    connect(start_, &QPushButton::clicked, this, &SequenceDialog::start);
    connect(stop_, &QPushButton::clicked, this, &SequenceDialog::stop);
    connect(&process_, &QProcess::readyReadStandardOutput, this, &SequenceDialog::read_progress);
    connect(&process_, &QProcess::finished, this, &SequenceDialog::ended);
    connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            ended(-1, QProcess::CrashExit);
    });
    connect(&counter_, &QProcess::finished, this, &SequenceDialog::movie_counted);
    connect(&session_, &Session::edit_changed, this, &SequenceDialog::preview);
    connect(&session_, &Session::model_changed, this, &SequenceDialog::preview);
    connect(&session_, &Session::photo_changed, this, [this] {
        if (read_.isEmpty())
            read_input();
    });
    connect(&session_, &Session::faces_changed, this, [this] {
        name_tabs();
        preview();
    });
}

// What is aged

void SequenceDialog::set_input(const QString& path) {
    if (path == read_)
        return;
    read_ = path;
    input_->setText(path);
    read_input();
}

void SequenceDialog::read_input() {
    if (counter_.state() != QProcess::NotRunning) {
        counter_.kill(); // the movie before
        counter_.waitForFinished(1000);
    }
    source_ = source_of(request(), session_);
    if (source_ && source_->kind == FrameSource::Kind::Movie) {
        count_movie();
    } else if (source_ && source_->kind == FrameSource::Kind::Plate) {
        spread_curves();
    } else {
        curve_->set_range({});
    }
    name_tabs();
    preview();
}

/// Over the frames that there are; their ends are those of the graph.
void SequenceDialog::spread_curves() {
    const FrameSpan to{static_cast<double>(source_->numbers.front()),
                       static_cast<double>(source_->numbers.back())};
    const FrameSpan from = span_of(curves_);
    for (FaceCurve& one : curves_)
        one.curve = stretched(one.curve, from, to);
    curve_->set_range(std::pair(to.first, to.last));
    show_tab(tabs_->currentIndex());
}

QString SequenceDialog::face_name(int face) const {
    if (face == FaceCurve::every_other)
        return tr("All others");
    if (face > 0)
        return tr("Face %1").arg(face);
    if (!read_.isEmpty())
        return tr("Largest face");
    return session_.faces().size() > 1 ? tr("Chosen face") : tr("The face");
}

void SequenceDialog::name_tabs() {
    for (std::size_t i = 0; i < curves_.size(); ++i)
        tabs_->setTabText(static_cast<int>(i), face_name(curves_[i].face));
    tabs_->setTabsClosable(curves_.size() > 1);
    add_->setVisible(!read_.isEmpty() || session_.faces().size() > 1);
}

void SequenceDialog::fill_face_menu() {
    QMenu& menu = *add_->menu();
    menu.clear();
    // How many a plate has is known when it has been looked through.
    const int count = read_.isEmpty() ? static_cast<int>(session_.faces().size()) : 8;
    const auto curves = numbered(request(), session_);
    const auto offer = [&](int face, const QString& text) {
        const bool taken = std::any_of(curves.begin(), curves.end(),
                                       [face](const FaceCurve& one) { return one.face == face; });
        if (!taken)
            menu.addAction(text, this, [this, face] { add_face(face); });
    };
    if (!read_.isEmpty() || count < 2)
        offer(0, face_name(0));
    for (int face = 1; face <= count; ++face)
        offer(face, face == 1 ? tr("Face 1, at the left") : face_name(face));
    offer(FaceCurve::every_other, face_name(FaceCurve::every_other));
}

void SequenceDialog::add_face(int face) {
    curves_.push_back({face, curve_->curve()});
    tabs_->setCurrentIndex(tabs_->addTab(QString()));
    name_tabs();
    preview();
}

void SequenceDialog::remove_tab(int tab) {
    if (curves_.size() < 2)
        return;
    curves_.erase(curves_.begin() + tab);
    const QSignalBlocker quiet(tabs_); // the tab after it is shown when both agree
    tabs_->removeTab(tab);
    name_tabs();
    show_tab(tabs_->currentIndex());
}

void SequenceDialog::show_tab(int tab) {
    if (tab >= 0)
        curve_->set_curve(curves_[static_cast<std::size_t>(tab)].curve);
}

// What is asked

SequenceRequest SequenceDialog::request() const {
    return {.input = path_of(read_.trimmed()),
            .curves = curves_,
            .pattern = pattern_->text(),
            .existing = static_cast<Existing>(existing_->currentIndex()),
            .more = QProcess::splitCommand(more_->text())};
}

Result<SequencePlan> SequenceDialog::plan() const {
    const SequenceRequest asked = request();
    if (asked.input.empty() && (!session_.picture() || !session_.has_face()))
        return fail(ErrorKind::Usage, "{}",
                    tr("Open a photo with a face, or choose a plate or a movie.").toStdString());
    if (!source_)
        return tl::unexpected(source_.error());
    if (source_->kind == FrameSource::Kind::Movie && source_->numbers.empty())
        return fail(ErrorKind::Usage, "{}", tr("Counting the movie's frames …").toStdString());
    if (const auto typed = parse_curve(keys_->text().toStdString()); !typed)
        return tl::unexpected(typed.error());
    C2C_TRY(SequencePlan plan, plan_of(asked, *source_, session_));
    std::error_code ignored;
    const fs::path first = plan.file.empty() ? plan.frames.front().file : plan.file;
    const bool running = process_.state() != QProcess::NotRunning;
    if (!running && asked.existing == Existing::Refuse &&
        (fs::exists(first, ignored) || fs::exists(plan.manifest, ignored)))
        return fail(ErrorKind::Output, "{}",
                    tr("%1 is there already; say what to do then, or give another name.")
                        .arg(text_of(first))
                        .toStdString());
    return plan;
}

QStringList SequenceDialog::arguments(QString* problem) const {
    const auto planned = plan();
    if (planned)
        return arguments_of(request(), session_);
    if (problem)
        *problem = QString::fromStdString(planned.error().text);
    return {};
}

/// "96 frames: out/a.1001.png to a.1096.png"
QString SequenceDialog::told(const SequencePlan& plan) const {
    const QString count = locale().toString(static_cast<qlonglong>(plan.frames.size()));
    if (!plan.file.empty())
        return tr("%1 frames in %2").arg(count, text_of(plan.file));
    return tr("%1 frames: %2 to %3")
        .arg(count, text_of(plan.frames.front().file), text_of(plan.frames.back().file.filename()));
}

void SequenceDialog::preview() {
    const auto planned = plan();
    const bool running = process_.state() != QProcess::NotRunning;
    start_->setEnabled(planned && !running);
    command_->setText(planned ? shell_line(arguments_of(request(), session_)) : QString());
    command_->setCursorPosition(0);
    const QString research = ModelPanel::research_note(session_);
    licence_->setText(research + QLatin1Char(' ') + tr("The frames say so in their metadata."));
    licence_->setVisible(!research.isEmpty());
    if (!planned)
        return names_->setText(QString::fromStdString(planned.error().text));
    QString text = told(*planned);
    for (const std::string& note : planned->notes)
        text += QLatin1Char('\n') + QString::fromStdString(note);
    names_->setText(text);
}

} // namespace c2c::ui
