#include "ui/widgets/model_choice.h"

#include "core/weights/manifest.h"
#include "core/weights/model_folder.h"
#include "core/weights/registry.h"
#include "ui/widgets/files.h"

#include <QAbstractItemView>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace c2c::ui {
namespace fs = std::filesystem;

namespace {

struct Described {
    std::string name = {}, licence = {};
    bool commercial_use = true, manifest = false;
};

/// From manifest and headers alone: fast, and without the networks' libraries.
Result<Described> describe(const fs::path& folder) {
    if (folder_kind(folder) != FolderKind::Manifest) {
        C2C_TRY(const ModelFolder model, read_model_folder(folder));
        return Described{.name = model.name};
    }
    C2C_TRY(const Manifest manifest, read_manifest(folder));
    C2C_CHECK(verify(manifest, Verify::Sizes));
    return Described{manifest.name + " " + manifest.version, manifest.licence, manifest.commercial_use, true};
}

} // namespace

ChoiceBox::ChoiceBox(const QString& name, std::initializer_list<std::pair<QString, QString>> items) {
    for (const auto& [text, value] : items)
        addItem(text, value);
    setAccessibleName(name);
}

ChoiceBox* ChoiceBox::device() {
    return new ChoiceBox(tr("Device"), {{tr("Automatic"), QStringLiteral("auto")},
                                        {tr("Processor"), QStringLiteral("cpu")},
                                        {tr("Graphics card"), QStringLiteral("cuda")}});
}

ChoiceBox* ChoiceBox::precision() {
    auto* box = new ChoiceBox(tr("Precision"), {{tr("Automatic"), QStringLiteral("auto")},
                                                {tr("32 bit"), QStringLiteral("fp32")},
                                                {tr("16 bit (bf16)"), QStringLiteral("bf16")},
                                                {tr("16 bit (fp16)"), QStringLiteral("fp16")}});
    box->setToolTip(tr("Automatic takes the quickest whose picture cannot be told apart."));
    return box;
}

void ChoiceBox::set_value(const QString& value) {
    setCurrentIndex(std::max(0, findData(value)));
}

KnownModels::KnownModels() {
    setAccessibleName(tr("Known models"));
    setToolTip(tr("The built-in model and those added with cradle2cane-cli models add"));
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    known_ = {{tr("Built-in"), {}, {}}};
    list();
    connect(this, &QComboBox::activated, this, [this](int index) {
        const bool known = static_cast<std::size_t>(index) < known_.size();
        const QString lacks = known ? known_[static_cast<std::size_t>(index)].lacks : QString();
        const QString folder = itemData(index).toString();
        if (!lacks.isEmpty()) {
            list(); // back to what is in use
            emit unusable(lacks);
        } else {
            emit chosen(path_of(folder));
        }
    });
}

std::vector<KnownModels::Known> KnownModels::look() {
    std::vector<Known> known = {{tr("Built-in"), {}, {}}};
    for (const RegisteredModel& model : registered_models()) {
        if (model.name == "nano") // that is the built-in one
            continue;
        Known found{QString::fromStdString(model.name), text_of(model.folder), {}};
        if (!model.missing.empty())
            found.lacks = tr("%1 cannot be used: files of it are gone or altered, such as %2. Put them back, "
                             "or add the model again.")
                              .arg(found.name, text_of(model.missing.front()));
        known.push_back(std::move(found));
    }
    return known;
}

void KnownModels::refresh() {
    in_background(this, &KnownModels::look, [this](const std::vector<Known>& found) {
        if (found == known_)
            return;
        known_ = found;
        const bool open = view()->isVisible();
        if (open) // it takes its size when it opens
            hidePopup();
        list();
        if (open)
            QComboBox::showPopup();
    });
}

void KnownModels::list() {
    clear();
    for (const Known& model : known_)
        addItem(model.lacks.isEmpty() ? model.name : tr("%1 (files are gone)").arg(model.name), model.folder);
    const QString used = text_of(in_use_);
    int index = findData(used);
    if (index < 0) // the settings may hold a name
        index = findText(used);
    if (index < 0) {
        index = count();
        addItem(used, used);
    }
    setCurrentIndex(index);
}

void KnownModels::set_in_use(const fs::path& folder) {
    in_use_ = folder;
    list();
}

void KnownModels::showPopup() {
    refresh();
    QComboBox::showPopup();
}

ModelBox::ModelBox(QWidget* parent) : QWidget(parent) {
    box_ = new QComboBox;
    box_->setAccessibleName(tr("Model"));
    box_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box_->addItem(tr("Built-in"), QString());
    for (const RegisteredModel& model : registered_models())
        if (model.name != "nano") // that is the built-in one
            box_->addItem(QString::fromStdString(model.name), text_of(model.folder));
    box_->addItem(tr("A folder …"));
    words_ = new QLabel;
    words_->setWordWrap(true);
    words_->setProperty("dim", true);
    words_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(box_);
    column->addWidget(words_);
    setFocusProxy(box_);
    connect(box_, &QComboBox::activated, this, [this](int index) {
        if (index == box_->count() - 1)
            return browse();
        last_ = index;
        check();
    });
    check();
}

fs::path ModelBox::folder() const {
    return path_of(box_->itemData(last_).toString());
}

void ModelBox::set_folder(const fs::path& folder) {
    const QString text = text_of(folder);
    last_ = box_->findData(text);
    if (last_ < 0) {
        last_ = box_->count() - 1; // before the last, which asks for one
        box_->insertItem(last_, text, text);
    }
    box_->setCurrentIndex(last_);
    box_->setToolTip(text);
    check();
}

void ModelBox::browse() {
    const QString chosen =
        QFileDialog::getExistingDirectory(this, tr("Folder of a model"), text_of(folder()));
    if (chosen.isEmpty())
        box_->setCurrentIndex(last_);
    else
        set_folder(path_of(chosen));
}

void ModelBox::check() {
    usable_ = false;
    words_->clear();
    emit checked(false);
    const fs::path looked_at = folder();
    in_background( // a folder may lie on a slow disk
        this,
        [looked_at] { return looked_at.empty() ? Result<Described>(Described{}) : describe(looked_at); },
        [this, number = ++checks_](const Result<Described>& found) {
            if (number != checks_)
                return; // another one has been chosen
            usable_ = found.has_value();
            if (!found)
                words_->setText(QString::fromStdString(found.error().text));
            else if (found->name.empty())
                words_->setText(tr("The small model that comes with the program."));
            else if (!found->manifest)
                words_->setText(
                    tr("%1: all parts are there and fit together.").arg(QString::fromStdString(found->name)));
            else
                words_->setText(
                    (found->commercial_use ? tr("%1 is whole. Licence: %2.")
                                           : tr("%1 is whole. Licence: %2. Not for commercial use."))
                        .arg(QString::fromStdString(found->name), QString::fromStdString(found->licence)));
            emit checked(usable_);
        });
}

void make_room(QDialog* dialog) {
    const int needed = dialog->layout()->totalHeightForWidth(dialog->width());
    if (needed > dialog->height())
        dialog->resize(dialog->width(), needed);
}

ModelDialog::ModelDialog(const fs::path& folder, QWidget* parent) : QDialog(parent) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Choose a model"));
    auto* box = new ModelBox;
    box->set_folder(folder);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    auto* use = buttons->addButton(tr("Use it"), QDialogButtonBox::AcceptRole);
    use->setProperty("primary", true);
    use->setEnabled(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(22, 20, 22, 18);
    column->setSpacing(16);
    column->addWidget(box);
    column->addStretch();
    column->addWidget(buttons);
    setMinimumSize(480, 200);
    connect(box, &ModelBox::checked, this, [this, use](bool usable) {
        use->setEnabled(usable);
        make_room(this);
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    connect(buttons, &QDialogButtonBox::accepted, this, [this, box] {
        emit chosen(box->folder());
        close();
    });
}

} // namespace c2c::ui
