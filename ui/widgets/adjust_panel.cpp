#include "ui/widgets/adjust_panel.h"

#include <QButtonGroup>
#include <QFormLayout>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>

#include <cmath>

namespace c2c::ui {

AdjustPanel::AdjustPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session) {
    column_ = new QVBoxLayout(this);
    column_->setContentsMargins(0, 0, 0, 0);
    column_->setSpacing(2);
    build_person();
    build_result();
    build_protect();
    connect(&session, &Session::edit_changed, this, &AdjustPanel::refresh);
    connect(&session, &Session::faces_changed, this, &AdjustPanel::refresh);
    refresh();
}

template <class Change> void AdjustPanel::change(const QString& name, Change&& apply) {
    if (refreshing_ || !session_.has_face())
        return;
    Look look = session_.look();
    apply(look);
    session_.set_look(look, name);
}

void AdjustPanel::build_person() {
    auto* section = new Section(tr("Person"), QStringLiteral("person"));
    own_age_ = new QDoubleSpinBox;
    own_age_->setRange(0, 120);
    own_age_->setDecimals(1);
    own_age_->setKeyboardTracking(false);
    own_age_->setToolTip(
        tr("The age of the person in the photo. It is estimated; correct it when you know better:\n"
           "the slider's own-age mark follows, and at this age nothing changes."));
    gender_ = new QComboBox;
    gender_->addItems({tr("Male"), tr("Female")});
    gender_->setToolTip(tr("How the model sees the face. It is estimated; correct it when it is wrong."));
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(14);
    form->setVerticalSpacing(8);
    form->addRow(tr("Own age"), own_age_);
    form->addRow(tr("Gender"), gender_);
    section->body()->addLayout(form);
    column_->addWidget(section);
    connect(own_age_, &QDoubleSpinBox::valueChanged, this, [this](double age) {
        change(tr("Own age"), [&](Look& look) { look.source_age = std::round(age * 10) / 10; });
    });
    connect(gender_, &QComboBox::currentIndexChanged, this, [this](int index) {
        change(tr("Gender"), [&](Look& look) { look.gender = index == 0 ? Gender::Male : Gender::Female; });
    });
}

void AdjustPanel::build_result() {
    auto* section = new Section(tr("Result"), QStringLiteral("result"));
    amount_ = new LabelledSlider(tr("Amount"), 0, 200, QStringLiteral("%"));
    amount_->setToolTip(tr("How much of the change is put on the photo. 100 % is as the model made it."));
    mode_ = new QComboBox;
    mode_->addItems({tr("Keep the photo's detail"), tr("Replace the face")});
    mode_->setToolTip(
        tr("Keep: the change is added to the photo, so its pores and grain stay.\nReplace: the face is "
           "the model's own picture."));
    grey_ = new QCheckBox(tr("Grey behind the head for the model"));
    grey_->setToolTip(
        tr("The model sees plain grey behind the head. It may help when the background changes too."));
    matte_ = new QCheckBox(tr("Show where the photo changes"));
    seed_ = new QSpinBox;
    seed_->setRange(0, 999'999);
    seed_->setKeyboardTracking(false);
    seed_->setToolTip(tr("The same number makes the same picture again."));
    auto* reroll = new QPushButton(tr("New"));
    reroll->setToolTip(tr("Another variation (R)"));
    auto* row = new QHBoxLayout;
    auto* name = new QLabel(tr("Variation"));
    name->setBuddy(seed_);
    row->addWidget(name);
    row->addWidget(seed_, 1);
    row->addWidget(reroll);
    section->body()->addWidget(amount_);
    section->body()->addWidget(mode_);
    section->body()->addLayout(row);
    section->body()->addWidget(grey_);
    section->body()->addWidget(matte_);
    column_->addWidget(section);
    connect(amount_, &LabelledSlider::pressed, &session_, &Session::begin_drag);
    connect(amount_, &LabelledSlider::released, &session_, &Session::end_drag);
    connect(amount_, &LabelledSlider::changed, this, [this](int percent) {
        change(tr("Amount"), [&](Look& look) { look.amount = percent / 100.0; });
    });
    connect(mode_, &QComboBox::currentIndexChanged, this,
            [this](int index) { change(tr("Mode"), [&](Look& look) { look.replace = index == 1; }); });
    connect(seed_, &QSpinBox::valueChanged, this, [this](int seed) {
        change(tr("Variation"), [&](Look& look) { look.seed = static_cast<std::uint64_t>(seed); });
    });
    connect(reroll, &QPushButton::clicked, &session_, &Session::reroll);
    connect(grey_, &QCheckBox::toggled, this,
            [this](bool on) { change(tr("Background"), [&](Look& look) { look.grey_background = on; }); });
    connect(matte_, &QCheckBox::toggled, this, &AdjustPanel::matte_shown);
}

void AdjustPanel::build_protect() {
    auto* section = new Section(tr("Leave alone"), QStringLiteral("protect"));
    eyes_ = new QCheckBox(tr("Eyes"));
    hair_ = new QCheckBox(tr("Hair")); // Tab goes as they are made: by rows
    lips_ = new QCheckBox(tr("Teeth"));
    clothes_ = new QCheckBox(tr("Clothes"));
    paint_ = new QPushButton(tr("Paint"));
    erase_ = new QPushButton(tr("Erase"));
    clear_ = new QPushButton(tr("Clear"));
    paint_->setToolTip(tr("Paint over what must not change: glasses, jewellery, a scar (B)"));
    erase_->setToolTip(tr("Take painted parts away again"));
    for (QPushButton* button : {paint_, erase_})
        button->setCheckable(true);
    auto* buttons = new QHBoxLayout;
    for (QPushButton* button : {paint_, erase_, clear_})
        buttons->addWidget(button);
    radius_ = new LabelledSlider(tr("Brush size"), 3, 150, tr("px"));
    hardness_ = new LabelledSlider(tr("Hardness"), 0, 100, QStringLiteral("%"));
    radius_->set_value(24);
    hardness_->set_value(50);
    auto* boxes = new QGridLayout;
    boxes->setVerticalSpacing(8);
    boxes->addWidget(eyes_, 0, 0);
    boxes->addWidget(hair_, 0, 1);
    boxes->addWidget(lips_, 1, 0);
    boxes->addWidget(clothes_, 1, 1);
    section->body()->addLayout(boxes);
    section->body()->addLayout(buttons);
    section->body()->addWidget(radius_);
    section->body()->addWidget(hardness_);
    column_->addWidget(section);
    connect(eyes_, &QCheckBox::toggled, this,
            [this](bool on) { change(tr("Protect eyes"), [&](Look& look) { look.protect.eyes = on; }); });
    connect(lips_, &QCheckBox::toggled, this,
            [this](bool on) { change(tr("Protect teeth"), [&](Look& look) { look.protect.lips = on; }); });
    connect(hair_, &QCheckBox::toggled, this,
            [this](bool on) { change(tr("Protect hair"), [&](Look& look) { look.protect.hair = on; }); });
    connect(clothes_, &QCheckBox::toggled, this, [this](bool on) {
        change(tr("Protect clothes"), [&](Look& look) { look.protect.clothes = on; });
    });
    connect(clear_, &QPushButton::clicked, this, [this] {
        change(tr("Clear the painted parts"), [](Look& look) { look.protect.strokes.clear(); });
    });
    const auto only = [this](QPushButton* on, QPushButton* off) {
        connect(on, &QPushButton::toggled, this, [=, this](bool checked) {
            if (checked)
                off->setChecked(false);
            const bool painting = brush().has_value();
            radius_->setVisible(painting);
            hardness_->setVisible(painting);
            emit brush_changed();
        });
    };
    only(paint_, erase_);
    only(erase_, paint_);
    radius_->hide();
    hardness_->hide();
    connect(radius_, &LabelledSlider::changed, this, &AdjustPanel::brush_changed);
    connect(hardness_, &LabelledSlider::changed, this, &AdjustPanel::brush_changed);
}

std::optional<Brush> AdjustPanel::brush() const {
    if (!paint_->isChecked() && !erase_->isChecked())
        return std::nullopt;
    return Brush{double(radius_->value()), hardness_->value() / 100.0, erase_->isChecked()};
}

void AdjustPanel::toggle_brush() {
    if (isEnabled())
        (erase_->isChecked() ? erase_ : paint_)->toggle();
}

void AdjustPanel::toggle_matte() {
    if (isEnabled())
        matte_->toggle();
}

void AdjustPanel::refresh() {
    refreshing_ = true;
    const Look& look = session_.look();
    own_age_->setValue(look.source_age);
    gender_->setCurrentIndex(look.gender == Gender::Male ? 0 : 1);
    amount_->set_value(static_cast<int>(std::lround(look.amount * 100)));
    mode_->setCurrentIndex(look.replace ? 1 : 0);
    grey_->setChecked(look.grey_background);
    seed_->setValue(static_cast<int>(std::min<std::uint64_t>(look.seed, 999'999)));
    eyes_->setChecked(look.protect.eyes);
    lips_->setChecked(look.protect.lips);
    hair_->setChecked(look.protect.hair);
    clothes_->setChecked(look.protect.clothes);
    clear_->setEnabled(!look.protect.strokes.empty());
    setEnabled(session_.has_face());
    refreshing_ = false;
}

} // namespace c2c::ui
