#include "ui/widgets/export_dialog.h"

#include "core/sequence/names.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/files.h"
#include "ui/widgets/info_panels.h"

#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QFormLayout>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QSettings>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <cmath>

namespace c2c::ui {
namespace fs = std::filesystem;

namespace {

QHBoxLayout* in_row(std::initializer_list<QWidget*> widgets) {
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    for (QWidget* widget : widgets)
        row->addWidget(widget);
    row->addStretch();
    return row;
}

} // namespace

ExportDialog::ExportDialog(Session& session, QWidget* parent) : QDialog(parent), session_(session) {
    setWindowTitle(tr("Export"));
    build();
    load_settings();
    for (QSpinBox* box : {from_, to_, step_})
        connect(box, &QSpinBox::valueChanged, this, &ExportDialog::preview);
    for (QComboBox* box : {format_, bits_})
        connect(box, &QComboBox::currentIndexChanged, this, &ExportDialog::preview);
    for (QLineEdit* edit : {folder_, pattern_})
        connect(edit, &QLineEdit::textChanged, this, &ExportDialog::preview);
    connect(several_, &QRadioButton::toggled, this, &ExportDialog::preview);
    connect(size_by_, &QComboBox::currentIndexChanged, this, [this] {
        limit_size();
        preview();
    });
    connect(size_, &QSpinBox::valueChanged, this, &ExportDialog::preview);
    connect(overwrite_, &QCheckBox::toggled, this, &ExportDialog::preview);
    connect(&session_, &Session::edit_changed, this, &ExportDialog::preview);
    connect(&session_, &Session::model_changed, this, &ExportDialog::preview);
    connect(&session_, &Session::photo_changed, this, [this] {
        offer_folder();
        preview();
    });
    connect(&session_, &Session::export_changed, this, &ExportDialog::show_progress);
    connect(start_, &QPushButton::clicked, this, &ExportDialog::begin);
    connect(cancel_, &QPushButton::clicked, this, [this] {
        if (batch_ >= 0) // what came of it stays to be read
            session_.cancel_export();
        else
            close();
    });
    preview();
}

void ExportDialog::build() {
    one_ = new QRadioButton;
    several_ = new QRadioButton(tr("Ages from"));
    from_ = new QSpinBox;
    to_ = new QSpinBox;
    step_ = new QSpinBox;
    for (QSpinBox* box : {from_, to_})
        box->setRange(0, 100);
    step_->setRange(1, 50);
    from_->setAccessibleName(tr("First age"));
    to_->setAccessibleName(tr("Last age"));
    step_->setAccessibleName(tr("Years between two pictures"));
    format_ = new QComboBox;
    format_->setAccessibleName(tr("Format"));
    format_->addItem(tr("As the photo"), QString());
    for (const char* suffix : {"jpg", "png", "tif", "webp", "exr"})
        format_->addItem(QString::fromLatin1(suffix).toUpper(), QString::fromLatin1(suffix));
    bits_ = new QComboBox;
    bits_->setAccessibleName(tr("Depth"));
    bits_->addItem(tr("As the photo"), 0);
    bits_->addItem(tr("8 bit"), 8);
    bits_->addItem(tr("16 bit"), 16);
    quality_ = new QSpinBox;
    quality_->setRange(50, 100);
    quality_->setAccessibleName(tr("JPEG quality"));
    size_by_ = new QComboBox;
    size_by_->addItem(tr("As the photo"), int(ExportSize::By::Original));
    size_by_->addItem(tr("Long edge"), int(ExportSize::By::LongEdge));
    size_by_->addItem(tr("Per cent"), int(ExportSize::By::Percent));
    size_by_->setAccessibleName(tr("Size"));
    size_ = new QSpinBox;
    size_->setAccessibleName(tr("Pixels or per cent"));
    pixels_ = new QLabel;
    pixels_->setProperty("dim", true);
    folder_ = new QLineEdit;
    folder_->setAccessibleName(tr("Folder"));
    auto* browse = new QPushButton(tr("Browse …"));
    pattern_ = new QLineEdit;
    pattern_->setToolTip(
        tr("{stem} name of the photo, {age} or {age:03} the age, {face} number of the face, {ext} "
           "the format's suffix"));
    names_ = new QLabel;
    names_->setProperty("dim", true);
    names_->setWordWrap(true);
    names_->setMinimumHeight(fontMetrics().height() * 3 + 6);
    names_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    names_->setObjectName(QStringLiteral("names")); // its words are what a screen reader reads
    metadata_ = new QCheckBox(tr("Keep the photo's metadata"));
    gps_ = new QCheckBox(tr("… and the place where it was taken"));
    delta_ = new QCheckBox(tr("The change alone, beside it"));
    matte_ = new QCheckBox(tr("The matte, beside it"));
    overwrite_ = new QCheckBox(tr("Write over files that are there"));
    notes_ = new QLabel;
    notes_->setWordWrap(true);
    state_ = new QLabel;
    state_->setWordWrap(true);
    progress_ = new QProgressBar;
    progress_->setTextVisible(false);
    progress_->hide();
    start_ = new QPushButton(tr("Export"));
    start_->setProperty("primary", true);
    start_->setDefault(true);
    cancel_ = new QPushButton(tr("Close"));

    auto* form = new QFormLayout;
    form->setHorizontalSpacing(16);
    form->setVerticalSpacing(10);
    auto* which = new QVBoxLayout;
    which->addWidget(one_);
    which->addLayout(in_row({several_, from_, new QLabel(tr("to")), to_, new QLabel(tr("every")), step_,
                             new QLabel(tr("years"))}));
    form->addRow(tr("Ages"), which);
    form->addRow(tr("Format"),
                 in_row({format_, new QLabel(tr("Depth")), bits_, new QLabel(tr("JPEG quality")), quality_}));
    form->addRow(tr("Size"), in_row({size_by_, size_, pixels_}));
    auto* place = new QHBoxLayout;
    place->setSpacing(8);
    place->addWidget(folder_, 1);
    place->addWidget(browse);
    form->addRow(tr("Folder"), place);
    form->addRow(tr("Name"), pattern_);
    form->addRow(QString(), names_);
    auto* switches = new QVBoxLayout;
    for (QCheckBox* box : {metadata_, gps_, delta_, matte_, overwrite_})
        switches->addWidget(box);
    form->addRow(tr("With"), switches);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(state_, 1);
    buttons->addWidget(cancel_);
    buttons->addWidget(start_);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(22, 20, 22, 18);
    column->setSpacing(14);
    column->addLayout(form);
    column->addWidget(notes_);
    column->addStretch();
    column->addWidget(progress_);
    column->addLayout(buttons);
    setMinimumWidth(600);
    connect(metadata_, &QCheckBox::toggled, gps_, &QCheckBox::setEnabled);
    connect(browse, &QPushButton::clicked, this, [this] {
        const QString chosen =
            QFileDialog::getExistingDirectory(this, tr("Folder for the pictures"), folder_->text());
        if (!chosen.isEmpty())
            folder_->setText(chosen);
    });
}

void ExportDialog::load_settings() {
    const QSettings settings;
    const auto value = [&](const char* key, const QVariant& fallback) {
        return settings.value(QStringLiteral("export/") + QLatin1String(key), fallback);
    };
    one_->setChecked(!value("several", false).toBool());
    several_->setChecked(!one_->isChecked());
    from_->setValue(value("from", 5).toInt());
    to_->setValue(value("to", 85).toInt());
    step_->setValue(value("step", 10).toInt());
    format_->setCurrentIndex(std::max(0, format_->findData(value("format", QString()))));
    bits_->setCurrentIndex(std::max(0, bits_->findData(value("bits", 0))));
    quality_->setValue(value("quality", 95).toInt());
    pattern_->setText(value("pattern", QStringLiteral("{stem}_age{age:03}.{ext}")).toString());
    size_by_->setCurrentIndex(std::max(0, size_by_->findData(value("size_by", 0))));
    limit_size();
    if (const int size = value("size", 0).toInt(); size > 0)
        size_->setValue(size);
    metadata_->setChecked(value("metadata", true).toBool());
    gps_->setChecked(value("gps", false).toBool());
    delta_->setChecked(value("delta", false).toBool());
    matte_->setChecked(value("matte", false).toBool());
    folder_->setText(QDir::currentPath());
    offered_ = folder_->text();
    offer_folder();
}

/// Another photo brings its own folder, unless one was chosen.
void ExportDialog::offer_folder() {
    if (!session_.picture() || folder_->text() != offered_)
        return;
    offered_ = text_of(folder_beside(session_.picture()->info.path));
    folder_->setText(offered_);
}

void ExportDialog::save_settings() const {
    QSettings settings;
    settings.beginGroup(QStringLiteral("export"));
    settings.setValue(QStringLiteral("several"), several_->isChecked());
    settings.setValue(QStringLiteral("from"), from_->value());
    settings.setValue(QStringLiteral("to"), to_->value());
    settings.setValue(QStringLiteral("step"), step_->value());
    settings.setValue(QStringLiteral("format"), format_->currentData());
    settings.setValue(QStringLiteral("bits"), bits_->currentData());
    settings.setValue(QStringLiteral("quality"), quality_->value());
    settings.setValue(QStringLiteral("pattern"), pattern_->text());
    settings.setValue(QStringLiteral("size_by"), size_by_->currentData());
    settings.setValue(QStringLiteral("size"), size_->value());
    settings.setValue(QStringLiteral("metadata"), metadata_->isChecked());
    settings.setValue(QStringLiteral("gps"), gps_->isChecked());
    settings.setValue(QStringLiteral("delta"), delta_->isChecked());
    settings.setValue(QStringLiteral("matte"), matte_->isChecked());
}

std::vector<double> ExportDialog::ages() const {
    if (one_->isChecked())
        return {session_.age()};
    std::vector<double> ages;
    const int step = from_->value() <= to_->value() ? step_->value() : -step_->value();
    for (int age = from_->value(); step > 0 ? age <= to_->value() : age >= to_->value(); age += step)
        ages.push_back(age);
    return ages;
}

QString ExportDialog::suffix() const {
    const QString chosen = format_->currentData().toString();
    if (!chosen.isEmpty() || !session_.picture())
        return chosen;
    QString own = text_of(session_.picture()->info.path.extension()).mid(1).toLower();
    static const QStringList writable = {
        QStringLiteral("jpg"),  QStringLiteral("jpeg"), QStringLiteral("png"), QStringLiteral("tif"),
        QStringLiteral("tiff"), QStringLiteral("webp"), QStringLiteral("exr")};
    return writable.contains(own) ? own : QStringLiteral("png"); // HEIC and raw are read, not written
}

ExportSize ExportDialog::size() const {
    const auto by = static_cast<ExportSize::By>(size_by_->currentData().toInt());
    return by == ExportSize::By::Original ? ExportSize{} : ExportSize{by, double(size_->value())};
}

void ExportDialog::limit_size() {
    const bool percent = size().by == ExportSize::By::Percent;
    const QSignalBlocker blocker(size_);
    size_->setRange(percent ? 1 : 16, percent ? 400 : 65'535);
    size_->setSuffix(percent ? QStringLiteral(" %") : tr(" px"));
    size_->setValue(percent ? 50 : 2048);
    size_->setVisible(size().by != ExportSize::By::Original);
}

ExportDialog::Plan ExportDialog::plan() const {
    Plan plan;
    if (!session_.picture() || !session_.has_face()) {
        plan.problem = tr("There is no aged face to export yet.");
        return plan;
    }
    const fs::path source = session_.picture()->info.path;
    const std::string pattern = pattern_->text().toStdString();
    if (const auto checked = check_name_pattern(pattern, NameUse::Still); !checked) {
        plan.problem = QString::fromStdString(checked.error().text);
        return plan;
    }
    std::vector<NameFields> fields;
    for (const double age : ages())
        fields.push_back({.stem = source.stem().string(),
                          .ext = suffix().toStdString(),
                          .age = age,
                          .face = static_cast<int>(session_.look().face) + 1});
    const fs::path folder = path_of(folder_->text());
    const std::vector<fs::path> sources = {source};
    const auto names = plan_names((folder / pattern).string(), NameUse::Still, fields, sources);
    if (!names) {
        plan.problem = QString::fromStdString(names.error().text);
        return plan;
    }
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
        plan.problem = tr("The folder does not exist.");
    for (std::size_t i = 0; i < names->size(); ++i) {
        plan.existing += fs::exists((*names)[i], ignored);
        plan.files.emplace_back(*fields[i].age, (*names)[i]);
    }
    if (plan.existing > 0 && !overwrite_->isChecked() && plan.problem.isEmpty())
        plan.problem = tr("Files that are there already: %1.").arg(plan.existing);
    return plan;
}

ExportOptions ExportDialog::kept_options() {
    const QSettings settings;
    const bool metadata = settings.value(QStringLiteral("export/metadata"), true).toBool();
    return {.jpeg_quality = settings.value(QStringLiteral("export/quality"), 95).toInt(),
            .keep_metadata = metadata,
            .keep_gps = metadata && settings.value(QStringLiteral("export/gps"), false).toBool()};
}

ExportOptions ExportDialog::options() const {
    return {.jpeg_quality = quality_->value(),
            .bits = bits_->currentData().toInt(),
            .keep_metadata = metadata_->isChecked(),
            .keep_gps = metadata_->isChecked() && gps_->isChecked(),
            .overwrite = overwrite_->isChecked(),
            .delta = delta_->isChecked(),
            .matte = matte_->isChecked(),
            .size = size()};
}

void ExportDialog::preview() {
    const double age = session_.age();
    one_->setText(tr("This age (%1)").arg(years(age)));
    for (QWidget* widget : {from_, to_, step_})
        widget->setEnabled(several_->isChecked());
    quality_->setEnabled(suffix() == QStringLiteral("jpg") || suffix() == QStringLiteral("jpeg"));
    bits_->setEnabled(suffix() == QStringLiteral("png") || suffix().startsWith(QStringLiteral("tif")));
    if (session_.picture()) {
        const QSize photo = session_.picture()->levels[0].size();
        const PixelSize pixels = scaled_size(photo.width(), photo.height(), size());
        pixels_->setText(tr("%1 × %2 pixels").arg(pixels.width).arg(pixels.height));
    }
    const Plan now = plan();
    QStringList lines;
    const std::size_t count = now.files.size();
    for (std::size_t i = 0; i < count; ++i)
        if (count <= 3 || i < 2 || i + 1 == count)
            lines << text_of(now.files[i].second.filename());
        else if (i == 2)
            lines.back() += QStringLiteral("  …");
    names_->setText(lines.join(QLatin1Char('\n')));
    QStringList notes;
    if (const QString research = ModelPanel::research_note(session_); !research.isEmpty())
        notes << research + QLatin1Char(' ') + tr("The files say so in their metadata.");
    if (session_.picture() && session_.picture()->info.content_credentials)
        notes << tr("The photo carries Content Credentials. They do not survive the change: the files are "
                    "marked as made with AI, not signed.");
    notes_->setText(notes.join(QLatin1Char('\n')));
    notes_->setVisible(!notes.isEmpty());
    const bool running = batch_ == session_.export_state().batch && session_.export_state().running();
    start_->setEnabled(now.problem.isEmpty() && !running);
    if (!running)
        state_->setText(now.problem);
}

void ExportDialog::begin() {
    const Plan now = plan();
    if (!now.problem.isEmpty())
        return preview();
    save_settings();
    batch_ = session_.export_ages(now.files, options());
    show_progress();
}

void ExportDialog::show_progress() {
    const ExportState& state = session_.export_state();
    if (batch_ < 0)
        return;
    const bool ours = state.batch == batch_, running = ours && state.running();
    progress_->setVisible(running);
    progress_->setRange(0, state.total);
    progress_->setValue(state.done + state.failed);
    cancel_->setText(running ? tr("Cancel") : tr("Close"));
    start_->setEnabled(!running);
    if (!ours) {
        batch_ = -1;
        state_->setText(tr("Cancelled."));
        return;
    }
    if (running) {
        QString text = tr("%1 of %2").arg(state.done + state.failed).arg(state.total);
        if (state.seconds_left >= 0)
            text += tr(", %n s left", nullptr, static_cast<int>(std::ceil(state.seconds_left)));
        state_->setText(text);
        return;
    }
    state_->setText(state.failed ? tr("%1 written, %2 failed.").arg(state.done).arg(state.failed)
                                 : tr("%n written.", nullptr, state.done));
    batch_ = -1;
    emit finished_export(state.done, state.failed, folder_->text());
}

void ExportDialog::reject() {
    if (batch_ >= 0 && session_.export_state().running())
        session_.cancel_export();
    QDialog::reject();
}

} // namespace c2c::ui
