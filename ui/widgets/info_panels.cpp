#include "ui/widgets/info_panels.h"

#include "ui/widgets/files.h"

#include <QFile>
#include <QLocale>
#include <QSettings>
#include <QVBoxLayout>

#include <cmath>
#include <unistd.h>

namespace c2c::ui {
namespace {

QLabel* value_row(QFormLayout* form, const QString& name) {
    auto* title = new QLabel(name);
    title->setProperty("dim", true);
    auto* value = new QLabel(QStringLiteral("–"));
    value->setWordWrap(true);
    value->setTextFormat(Qt::PlainText); // it may come from a file
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    title->setBuddy(value);
    form->addRow(title, value);
    return value;
}

QFormLayout* form_in(QWidget* widget) {
    auto* column = new QVBoxLayout(widget);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(9);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(14);
    form->setVerticalSpacing(6);
    column->addLayout(form);
    return form;
}

QLabel* note_below(QWidget* widget) {
    auto* note = new QLabel;
    note->setWordWrap(true);
    note->setProperty("dim", true);
    widget->layout()->addWidget(note);
    return note;
}

} // namespace

PhotoPanel::PhotoPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session) {
    form_ = form_in(this);
    file_ = value_row(form_, tr("File"));
    size_ = value_row(form_, tr("Size"));
    format_ = value_row(form_, tr("Format"));
    profile_ = value_row(form_, tr("Profile"));
    camera_ = value_row(form_, tr("Camera"));
    lens_ = value_row(form_, tr("Lens"));
    taken_ = value_row(form_, tr("Taken"));
    exposure_ = value_row(form_, tr("Exposure"));
    place_ = value_row(form_, tr("Place"));
    faces_ = value_row(form_, tr("Faces"));
    notes_ = note_below(this);
    connect(&session, &Session::photo_changed, this, &PhotoPanel::refresh);
    connect(&session, &Session::faces_changed, this, &PhotoPanel::refresh);
    refresh();
}

void PhotoPanel::refresh() {
    const PicturePtr& picture = session_.picture();
    const PhotoInfo info = picture ? picture->info : PhotoInfo{};
    const auto show = [this](QLabel* value, const QString& text) {
        value->setText(text);
        form_->setRowVisible(value, !text.isEmpty());
    };
    show(camera_, info.camera);
    show(lens_, info.lens);
    show(taken_, info.taken.isValid() ? locale().toString(info.taken, QLocale::ShortFormat) : QString());
    QString exposure = info.exposure; // broken after a comma, not between a number and its unit
    exposure.replace(QLatin1Char(' '), QChar(QChar::Nbsp))
        .replace(QStringLiteral(",\u00a0"), QStringLiteral(", "));
    show(exposure_, exposure);
    show(place_, info.place ? tr("GPS position stored") : info.metadata ? tr("Not stored") : QString());
    if (!picture)
        return notes_->setText(tr("No photo is open."));
    file_->setText(QFile::decodeName(info.path.filename().c_str()));
    file_->setToolTip(QFile::decodeName(info.path.c_str()));
    size_->setText(tr("%1 × %2 (%3 MP)")
                       .arg(info.width)
                       .arg(info.height)
                       .arg(locale().toString(double(info.width) * info.height / 1e6, 'f', 1)));
    format_->setText(QStringList{info.format, info.depth}.join(QStringLiteral(", ")));
    profile_->setText(info.profile);
    faces_->setText(QString::number(session_.faces().size()));
    QStringList notes;
    if (info.metadata)
        notes << tr("Its metadata is kept, and marked as made with AI.");
    if (info.alpha)
        notes << tr("Its transparency is kept.");
    if (info.content_credentials)
        notes << tr("It carries Content Credentials. They do not survive the change: the export is marked, "
                    "not signed.");
    notes_->setText(notes.join(QStringLiteral("\n")));
}

ModelPanel::ModelPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session) {
    QFormLayout* form = form_in(this);
    name_ = value_row(form, tr("Model"));
    device_ = value_row(form, tr("Runs on"));
    place_ = value_row(form, tr("Lies in"));
    licence_ = value_row(form, tr("Licence"));
    known_ = new KnownModels;
    device_choice_ = ChoiceBox::device();
    precision_choice_ = ChoiceBox::precision();
    for (QComboBox* box : std::initializer_list<QComboBox*>{known_, device_choice_, precision_choice_}) {
        auto* title = new QLabel(box->accessibleName());
        title->setProperty("dim", true);
        form->addRow(title, box);
    }
    connect(known_, &KnownModels::chosen, this, [this](const std::filesystem::path& folder) {
        ModelChoice choice = session_.model_choice();
        choice.folder = folder;
        ask(choice);
    });
    connect(known_, &KnownModels::unusable, this, [this](const QString& why) { note_->setText(why); });
    connect(device_choice_, &QComboBox::activated, this, [this] {
        ModelChoice choice = session_.model_choice();
        choice.device = device_choice_->value().toStdString();
        ask(choice);
    });
    connect(precision_choice_, &QComboBox::activated, this, [this] {
        ModelChoice choice = session_.model_choice();
        choice.precision = precision_choice_->value().toStdString();
        ask(choice);
    });
    memory_ = new QProgressBar;
    memory_->setTextVisible(false);
    memory_->setFixedHeight(6);
    memory_->setAccessibleName(tr("Memory in use"));
    auto* memory_title = new QLabel(tr("Memory"));
    memory_title->setProperty("dim", true);
    form->addRow(memory_title, memory_);
    memory_timer_.setInterval(2000);
    connect(&memory_timer_, &QTimer::timeout, this, &ModelPanel::refresh_memory);
    connect(&session, &Session::failed, this, [this](const Failure& failure) {
        if (failure.task == Task::Model)
            refresh(); // the choosers go back to what is in use
    });
    note_ = note_below(this);
    auto* choose = new QPushButton(tr("Another model …"));
    static_cast<QVBoxLayout*>(layout())->addWidget(choose);
    connect(choose, &QPushButton::clicked, this, &ModelPanel::choose_requested);
    connect(&session, &Session::model_changed, this, &ModelPanel::refresh);
    refresh();
}

ModelChoice ModelPanel::remembered() {
    const QSettings settings;
    const auto value = [&](const char* key) {
        return settings.value(QStringLiteral("model/") + QLatin1String(key)).toString();
    };
    ModelChoice choice;
    choice.folder = path_of(value("folder"));
    if (const QString device = value("device"); !device.isEmpty())
        choice.device = device.toStdString();
    if (const QString precision = value("precision"); !precision.isEmpty())
        choice.precision = precision.toStdString();
    return choice;
}

void ModelPanel::remember(const ModelChoice& choice) {
    QSettings settings;
    settings.setValue(QStringLiteral("model/folder"), text_of(choice.folder));
    settings.setValue(QStringLiteral("model/device"), QString::fromStdString(choice.device));
    settings.setValue(QStringLiteral("model/precision"), QString::fromStdString(choice.precision));
}

QString ModelPanel::research_note(const Session& session) {
    const auto& model = session.model();
    if (!model || model->commercial_use)
        return {};
    return tr("The model %1 is for research only: what it makes is not for commercial use.").arg(model->name);
}

void ModelPanel::ask(const ModelChoice& choice) {
    session_.load_model(choice);
}

void ModelPanel::showEvent(QShowEvent*) {
    known_->refresh();
    refresh_memory();
    memory_timer_.start();
}

void ModelPanel::hideEvent(QHideEvent*) {
    memory_timer_.stop();
}

/// What this process holds of the machine's memory.
void ModelPanel::refresh_memory() {
    QFile statm(QStringLiteral("/proc/self/statm"));
    if (!statm.open(QIODevice::ReadOnly))
        return memory_->hide();
    const double page = double(sysconf(_SC_PAGE_SIZE)) / (1 << 20);
    const double used = statm.readAll().split(' ').value(1).toDouble() * page;
    const double all = double(sysconf(_SC_PHYS_PAGES)) * page;
    memory_->setRange(0, static_cast<int>(all));
    memory_->setValue(static_cast<int>(used));
    memory_->setToolTip(tr("%1 of %2 MB").arg(std::lround(used)).arg(std::lround(all)));
}

void ModelPanel::refresh() {
    const ModelChoice& choice = session_.model_choice();
    device_choice_->set_value(QString::fromStdString(choice.device).section(QLatin1Char(':'), 0, 0));
    precision_choice_->set_value(QString::fromStdString(choice.precision));
    const auto& model = session_.model();
    known_->set_in_use(choice.folder);
    if (!model)
        return note_->setText(tr("The model is being loaded …"));
    remember(model->choice); // only what could be loaded
    name_->setText(QStringLiteral("%1 %2").arg(model->name, model->version));
    name_->setToolTip(tr("SHA-256 over the files: %1").arg(model->hash));
    device_->setText(QStringLiteral("%1, %2").arg(model->device, model->precision));
    place_->setText(model->memory.isEmpty() ? model->device == QStringLiteral("cpu")
                                                  ? tr("All of it in main memory")
                                                  : tr("All of it on the graphics card")
                                            : model->memory);
    licence_->setText(model->licence);
    note_->setText(model->commercial_use ? model->licence_note
                                         : tr("Not for commercial use. %1").arg(model->licence_note));
}

} // namespace c2c::ui
