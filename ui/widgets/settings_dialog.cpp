#include "ui/widgets/settings_dialog.h"

#include "ui/widgets/files.h"
#include "ui/widgets/screen_profile.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLocale>
#include <QSettings>
#include <QVBoxLayout>

namespace c2c::ui {
namespace {

const QString srgb = QStringLiteral("srgb"), file = QStringLiteral("file");

void heading(QFormLayout* form, const QString& text) {
    auto* label = new QLabel(text);
    label->setProperty("heading", true);
    if (form->rowCount() > 0)
        label->setContentsMargins(0, 10, 0, 0);
    form->addRow(label);
}

} // namespace

QString language_setting() {
    return QSettings().value(QStringLiteral("language")).toString();
}

SettingsDialog::SettingsDialog(const ModelChoice& model, QWidget* parent) : QDialog(parent) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Settings"));
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(18);
    form->setVerticalSpacing(9);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    build_screen(form);
    build_model(form, model);
    build_export(form);
    build_window(form);
    note_ = new QLabel;
    note_->setWordWrap(true);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
    ok_ = buttons->button(QDialogButtonBox::Ok);
    ok_->setProperty("primary", true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(16);
    column->addLayout(form);
    column->addStretch();
    column->addWidget(note_);
    column->addWidget(buttons);
    setMinimumWidth(560);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    connect(buttons, &QDialogButtonBox::accepted, this, &SettingsDialog::save);
    refresh();
}

void SettingsDialog::build_screen(QFormLayout* form) {
    heading(form, tr("Screen"));
    screen_ = new ChoiceBox(
        tr("Colours"),
        {{tr("As the system says"), QString()}, {tr("sRGB, unchanged"), srgb}, {tr("By a profile"), file}});
    screen_->setToolTip(
        tr("The photo is shown in the colours of this screen. What is exported stays as it is."));
    profile_ = new QLineEdit;
    profile_->setAccessibleName(tr("Profile of the screen"));
    profile_->setPlaceholderText(tr("An ICC profile of this screen (.icc, .icm)"));
    browse_ = new QPushButton(tr("Browse …"));
    const QString setting = screen_profile_setting();
    const bool named = !setting.isEmpty() && setting != srgb;
    screen_->set_value(named ? file : setting);
    profile_->setText(named ? setting : QString());
    auto* row = new QHBoxLayout;
    row->addWidget(profile_, 1);
    row->addWidget(browse_);
    form->addRow(tr("&Colours"), screen_);
    auto* title = new QLabel(tr("&Profile"));
    title->setBuddy(profile_);
    row->setSpacing(8);
    form->addRow(title, row);
    connect(screen_, &QComboBox::currentIndexChanged, this, &SettingsDialog::refresh);
    connect(profile_, &QLineEdit::textChanged, this, &SettingsDialog::refresh);
    connect(browse_, &QPushButton::clicked, this, [this] {
        const QString from =
            profile_->text().isEmpty() ? QStringLiteral("/usr/share/color/icc") : profile_->text();
        const QString chosen = QFileDialog::getOpenFileName(this, tr("Profile of the screen"), from,
                                                            tr("ICC profiles (*.icc *.icm);;All files (*)"));
        if (!chosen.isEmpty())
            profile_->setText(chosen);
    });
}

void SettingsDialog::build_model(QFormLayout* form, const ModelChoice& model) {
    heading(form, tr("Model"));
    model_ = new ModelBox;
    model_->set_folder(model.folder);
    device_ = ChoiceBox::device();
    device_->set_value(QString::fromStdString(model.device).section(QLatin1Char(':'), 0, 0));
    precision_ = ChoiceBox::precision();
    precision_->set_value(QString::fromStdString(model.precision));
    form->addRow(tr("&Model"), model_);
    form->addRow(tr("&Runs on"), device_);
    form->addRow(tr("Pr&ecision"), precision_);
    connect(model_, &ModelBox::checked, this, &SettingsDialog::refresh);
}

void SettingsDialog::build_export(QFormLayout* form) {
    heading(form, tr("Exported pictures"));
    const QSettings settings;
    metadata_ = new QCheckBox(tr("&Keep the photo's metadata"));
    metadata_->setChecked(settings.value(QStringLiteral("export/metadata"), true).toBool());
    gps_ = new QCheckBox(tr("… and the place where it was &taken"));
    gps_->setChecked(settings.value(QStringLiteral("export/gps"), false).toBool());
    form->addRow(QString(), metadata_);
    form->addRow(QString(), gps_);
    connect(metadata_, &QCheckBox::toggled, this, &SettingsDialog::refresh);
}

void SettingsDialog::build_window(QFormLayout* form) {
    heading(form, tr("Window"));
    language_ = new ChoiceBox(tr("Language"), {{tr("As the system"), QString()},
                                               {QStringLiteral("English"), QStringLiteral("en")}});
    for (const QString& translation : QDir(QStringLiteral(":/i18n")).entryList()) { // cradle2cane_de.qm
        const QString code = translation.section(QLatin1Char('_'), 1).section(QLatin1Char('.'), 0, 0);
        language_->addItem(QLocale(code).nativeLanguageName(), code);
    }
    language_->set_value(language_setting());
    language_->setToolTip(tr("From the next start on."));
    theme_ = new ChoiceBox(tr("Appearance"), {{tr("As the system"), QStringLiteral("system")},
                                              {tr("Dark"), QStringLiteral("dark")},
                                              {tr("Light"), QStringLiteral("light")}});
    theme_->set_value(QSettings().value(QStringLiteral("theme")).toString());
    form->addRow(tr("&Language"), language_);
    form->addRow(tr("&Appearance"), theme_);
}

ModelChoice SettingsDialog::model() const {
    return {model_->folder(), device_->value().toStdString(), precision_->value().toStdString()};
}

QString SettingsDialog::screen_profile() const {
    return screen_->value() == file ? profile_->text().trimmed() : screen_->value();
}

QString SettingsDialog::problem() const {
    if (screen_->value() == file) {
        if (screen_profile().isEmpty())
            return tr("Choose the file of the screen's profile.");
        if (const auto screen = screen_color(screen_profile()); !screen)
            return QString::fromStdString(screen.error().text);
    }
    return {};
}

void SettingsDialog::refresh() {
    const bool by_file = screen_->value() == file;
    profile_->setEnabled(by_file);
    browse_->setEnabled(by_file);
    gps_->setEnabled(metadata_->isChecked());
    const QString text = problem();
    note_->setText(text);
    note_->setVisible(!text.isEmpty());
    ok_->setEnabled(text.isEmpty() && model_->usable());
    make_room(this);
}

void SettingsDialog::save() {
    set_screen_profile(screen_profile());
    QSettings settings;
    settings.setValue(QStringLiteral("export/metadata"), metadata_->isChecked());
    settings.setValue(QStringLiteral("export/gps"), gps_->isChecked());
    settings.setValue(QStringLiteral("language"), language_->value());
    settings.setValue(QStringLiteral("theme"), theme_->value());
    emit saved();
    close();
}

} // namespace c2c::ui
