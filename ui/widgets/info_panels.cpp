#include "ui/widgets/info_panels.h"

#include <QFile>
#include <QHBoxLayout>
#include <QLocale>
#include <QVBoxLayout>

namespace c2c::ui {
namespace {

QLabel* value_row(QFormLayout* form, const QString& name) {
    auto* title = new QLabel(name);
    title->setProperty("dim", true);
    auto* value = new QLabel(QStringLiteral("–"));
    value->setWordWrap(true);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    value->setAccessibleName(name);
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
    QFormLayout* form = form_in(this);
    file_ = value_row(form, tr("File"));
    size_ = value_row(form, tr("Size"));
    format_ = value_row(form, tr("Format"));
    profile_ = value_row(form, tr("Profile"));
    faces_ = value_row(form, tr("Faces"));
    notes_ = note_below(this);
    connect(&session, &Session::photo_changed, this, &PhotoPanel::refresh);
    connect(&session, &Session::faces_changed, this, &PhotoPanel::refresh);
    refresh();
}

void PhotoPanel::refresh() {
    const PicturePtr& picture = session_.picture();
    if (!picture)
        return notes_->setText(tr("No photo is open."));
    const PhotoInfo& info = picture->info;
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
    licence_ = value_row(form, tr("Licence"));
    note_ = note_below(this);
    auto* choose = new QPushButton(tr("Choose a folder …"));
    embedded_ = new QPushButton(tr("Built-in"));
    embedded_->setToolTip(tr("Back to the model that comes with the program"));
    auto* row = new QHBoxLayout;
    row->addWidget(choose, 1);
    row->addWidget(embedded_);
    static_cast<QVBoxLayout*>(layout())->addLayout(row);
    connect(choose, &QPushButton::clicked, this, &ModelPanel::choose_requested);
    connect(embedded_, &QPushButton::clicked, this, [this] {
        ModelChoice choice = session_.model_choice();
        choice.folder.clear();
        session_.load_model(choice);
    });
    connect(&session, &Session::model_changed, this, &ModelPanel::refresh);
    refresh();
}

void ModelPanel::refresh() {
    const auto& model = session_.model();
    embedded_->setEnabled(model && !model->folder.empty());
    if (!model)
        return note_->setText(tr("The model is being loaded …"));
    name_->setText(QStringLiteral("%1 %2").arg(model->name, model->version));
    name_->setToolTip(tr("SHA-256 over the files: %1").arg(model->hash));
    device_->setText(QStringLiteral("%1, %2").arg(model->device, model->precision));
    licence_->setText(model->licence);
    note_->setText(model->commercial_use ? model->licence_note
                                         : tr("Not for commercial use. %1").arg(model->licence_note));
}

} // namespace c2c::ui
