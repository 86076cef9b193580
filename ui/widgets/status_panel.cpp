#include "ui/widgets/status_panel.h"

#include "ui/widgets/controls.h"
#include "ui/widgets/theme.h"

#include <QGridLayout>
#include <QLocale>
#include <QVBoxLayout>

#include <cmath>

namespace c2c::ui {

Verdict judge_age(double asked, double read) {
    constexpr double own_error = 8, last = 79.5;
    if (read >= last || asked >= last)
        return Verdict::None;
    const double off = std::abs(asked - read);
    return off <= own_error ? Verdict::Good : off <= 2 * own_error ? Verdict::Fair : Verdict::Poor;
}

Verdict judge_identity(double cosine) {
    return cosine >= .6 ? Verdict::Good : cosine >= .4 ? Verdict::Fair : Verdict::Poor;
}

StatusPanel::StatusPanel(QWidget* parent) : QWidget(parent) {
    badge_ = new QLabel;
    badge_->setAlignment(Qt::AlignCenter);
    activity_ = new QLabel;
    activity_->setProperty("dim", true);
    progress_ = new QProgressBar;
    progress_->setTextVisible(false);
    progress_->setFixedHeight(4);
    progress_->setAccessibleName(tr("Progress"));
    progress_->setVisible(false);
    QSizePolicy keeps = progress_->sizePolicy();
    keeps.setRetainSizeWhenHidden(true); // what is above and below does not jump
    progress_->setSizePolicy(keeps);
    long_.setSingleShot(true);
    long_.setInterval(1000);
    connect(&long_, &QTimer::timeout, this, [this] {
        progress_->setRange(0, 0);
        progress_->show();
    });
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(8);
    grid->setColumnStretch(2, 1);
    grid->setVerticalSpacing(3);
    const auto row = [&](int at, const QString& name) {
        auto* title = new QLabel(name);
        title->setProperty("dim", true);
        auto* value = new QLabel(QStringLiteral("–"));
        value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        title->setBuddy(value);
        grid->addWidget(title, at, 0);
        auto* dot = new QLabel;
        dot->setFixedWidth(12);
        value->setBuddy(dot); // how set_meter finds it
        grid->addWidget(dot, at, 1);
        grid->addWidget(value, at, 2);
        return value;
    };
    age_ = row(0, tr("Looks like"));
    identity_ = row(1, tr("Same person"));
    auto* top = new QHBoxLayout;
    top->addWidget(badge_);
    top->addWidget(activity_, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(7);
    column->addStretch();
    column->addLayout(top);
    column->addWidget(progress_);
    column->addLayout(grid);
    column->addStretch();
    setFixedWidth(190);
}

void StatusPanel::set_meter(QLabel* label, const QString& text, Verdict verdict, const QString& tip) {
    const Colors& c = colors();
    const QColor color = verdict == Verdict::Good   ? c.good
                         : verdict == Verdict::Fair ? c.warn
                         : verdict == Verdict::Poor ? c.bad
                                                    : c.text;
    auto* dot = static_cast<QLabel*>(label->buddy());
    dot->setText(verdict == Verdict::None ? QString() : QStringLiteral("●"));
    dot->setStyleSheet(QStringLiteral("color: %1").arg(color.name()));
    label->setText(text);
    label->setToolTip(tip);
    label->setAccessibleDescription(tip);
}

void StatusPanel::show_frame(const Session& session) {
    const Colors& c = colors();
    const FramePtr& frame = session.shown();
    const bool settled = session.settled();
    badge_->setVisible(frame != nullptr);
    badge_->setText(settled ? tr("Settled") : tr("Draft"));
    badge_->setToolTip(settled
                           ? tr("Both passes are done. This is what is exported.")
                           : tr("The quick first pass. The final picture follows when the slider rests."));
    badge_->setStyleSheet(
        QStringLiteral("QLabel { border-radius: 9px; padding: 2px 9px; background: %1; color: %2; }")
            .arg(settled ? c.raised.name() : c.accent.name(), settled ? c.text.name() : c.on_accent.name()));

    const std::optional<Meters> meters = frame ? frame->meters : std::nullopt;
    if (meters && meters->age) {
        const double read = *meters->age;
        const double asked = frame->job.age;
        set_meter(age_, read >= 79.5 ? tr("80+") : tr("%1 years").arg(std::lround(read)),
                  judge_age(asked, read),
                  tr("An independent estimator reads this age from the result; you asked for %1.\nIt errs by "
                     "about 8 "
                     "years itself, and cannot tell ages above 80 apart.")
                      .arg(years(asked)));
    } else {
        set_meter(age_, QStringLiteral("–"), Verdict::None, tr("Read when the picture has settled."));
    }
    if (meters && meters->identity) {
        const double likeness = *meters->identity;
        set_meter(identity_, QStringLiteral("%1 %").arg(std::lround(std::max(likeness, 0.0) * 100)),
                  judge_identity(likeness),
                  tr("How much an independent face recogniser takes this for the person of the photo.\nAbove "
                     "60 % it "
                     "is sure; below 40 % it sees somebody else."));
    } else {
        set_meter(identity_, QStringLiteral("–"), Verdict::None, tr("Read when the picture has settled."));
    }
}

void StatusPanel::show_activity(Task task, double age) {
    QString text;
    const QString at = years(age);
    switch (task) {
    case Task::None:
    case Task::Start:
    case Task::Screen:
    case Task::Measure:
        break;
    case Task::Open:
        text = tr("Opening …");
        break;
    case Task::Faces:
    case Task::MoreFaces:
        text = tr("Finding faces …");
        break;
    case Task::Model:
        text = tr("Loading the model …");
        break;
    case Task::Draft:
    case Task::Settle:
        text = tr("Age %1 …").arg(at);
        break;
    case Task::Export:
        text = tr("Exporting %1 …").arg(at);
        break;
    case Task::Fill:
        text = tr("Strip: %1").arg(at);
        break;
    }
    activity_->setText(text);
    long_.stop();
    if (task != Task::Model && task != Task::Export)
        progress_->hide();
    if (task == Task::Open || task == Task::Faces || task == Task::Draft || task == Task::Settle)
        long_.start();
}

void StatusPanel::show_export(const ExportState& state) {
    progress_->setRange(0, state.total);
    progress_->setValue(state.done + state.failed);
    progress_->setVisible(state.running());
}

void StatusPanel::show_progress(double fraction, const QString&) {
    progress_->setRange(0, 1000);
    progress_->setValue(static_cast<int>(fraction * 1000));
    progress_->setVisible(fraction < 1);
}

} // namespace c2c::ui
