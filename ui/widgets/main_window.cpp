#include "ui/widgets/main_window.h"

#include "ui/session/fill_order.h"
#include "ui/widgets/adjust_panel.h"
#include "ui/widgets/age_strip.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/drag_out.h"
#include "ui/widgets/export_dialog.h"
#include "ui/widgets/files.h"
#include "ui/widgets/info_panels.h"
#include "ui/widgets/photo_rail.h"
#include "ui/widgets/protect_mask.h"
#include "ui/widgets/status_panel.h"
#include "ui/widgets/theme.h"

#include <QActionGroup>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QSettings>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <cmath>

namespace c2c::ui {

MainWindow::MainWindow(Session& session, std::filesystem::path recovery)
    : session_(session), recovery_(std::move(recovery)) {
    setWindowTitle(QStringLiteral("Cradle2Cane"));
    setAcceptDrops(true);
    canvas_ = new Canvas;
    messages_ = new MessageBar;
    rail_ = new PhotoRail;
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(rail_);
    middle->addWidget(canvas_, 1);
    side_ = new QScrollArea;
    side_->setWidget(build_side());
    side_->setWidgetResizable(true);
    side_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    side_->setFixedWidth(292);
    side_->setFocusPolicy(Qt::NoFocus); // see leave_keys_and_wheel
    middle->addWidget(side_);
    auto* centre = new QWidget;
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(build_top());
    column->addWidget(messages_);
    column->addLayout(middle, 1);
    column->addWidget(build_bottom());
    setCentralWidget(centre);
    build_menus();
    connect_session();
    autosave_timer_.setSingleShot(true);
    autosave_timer_.setInterval(700);
    connect(&autosave_timer_, &QTimer::timeout, this, &MainWindow::autosave);
    connect(&play_timer_, &QTimer::timeout, this, &MainWindow::play_step);
    restore_window();
    refresh_photo();
    refresh_edit();
    canvas_->setFocus();
}

MainWindow::~MainWindow() {
    // What the session still says while the widgets go is for nobody.
    session_.disconnect(this);
    session_.inference().cancel();
}

QWidget* MainWindow::build_top() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(12, 7, 12, 7);
    row->setSpacing(6);
    auto* open_button = flat_button(tr("Open …"), tr("Open a photo or a session (Ctrl+O)"));
    connect(open_button, &QToolButton::clicked, this, &MainWindow::choose_photo);
    title_ = new ElidedLabel;
    title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    title_->setMinimumWidth(110);
    row->addWidget(open_button);
    row->addWidget(title_, 1);

    compare_actions_ = new QActionGroup(this);
    const auto choice = [&](Compare compare, const QString& text, const QString& key, const QString& tip) {
        auto* action = new QAction(text + key, compare_actions_); // with the key in the menu,
        action->setIconText(text);                                // without it on the button
        action->setCheckable(true);
        action->setData(static_cast<int>(compare));
        action->setChecked(compare == Compare::Off);
        auto* button = flat_button(text, tip);
        button->setDefaultAction(action);
        button->setToolTip(tip);
        row->addWidget(button);
        connect(action, &QAction::triggered, this, [this, compare] { set_compare(compare); });
    };
    choice(Compare::Off, tr("Result"), {}, tr("The aged photo alone; hold \\ to see the original"));
    choice(Compare::Wipe, tr("Wipe"), QStringLiteral("\tW"), tr("Before and after with a line to drag (W)"));
    choice(Compare::Side, tr("Side by side"), QStringLiteral("\tS"),
           tr("Before and after next to each other (S)"));
    row->addStretch(1);

    fit_button_ = flat_button(tr("Fit"), tr("The whole photo (F)"));
    zoom_label_ = flat_button(QStringLiteral("100 %"), tr("One photo pixel a screen pixel, at the face (1)"),
                              tr("Zoom"));
    zoom_label_->setMinimumWidth(66);
    connect(fit_button_, &QToolButton::clicked, canvas_, &Canvas::fit);
    connect(zoom_label_, &QToolButton::clicked, canvas_, &Canvas::actual_size);
    row->addWidget(fit_button_);
    row->addWidget(zoom_label_);
    panel_button_ = flat_button(tr("Adjust"), tr("Show or hide the side panel (P)"));
    panel_button_->setCheckable(true);
    connect(panel_button_, &QToolButton::toggled, this, &MainWindow::set_panel_shown);
    row->addWidget(panel_button_);
    drag_out_ = new DragOut(session_);
    connect(drag_out_, &DragOut::dragged, this,
            [this] { tell_licence(tr("The file says so in its metadata.")); });
    row->addWidget(drag_out_);
    export_button_ = new QPushButton(tr("Export …"));
    export_button_->setProperty("primary", true);
    export_button_->setFocusPolicy(Qt::TabFocus);
    export_button_->setToolTip(tr("Write this age, or many, at full quality (Ctrl+E)"));
    connect(export_button_, &QPushButton::clicked, this, &MainWindow::show_export);
    row->addWidget(export_button_);
    return bar;
}

QWidget* MainWindow::build_side() {
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(10, 6, 12, 6);
    column->setSpacing(2);
    adjust_ = new AdjustPanel(session_);
    column->addWidget(adjust_);
    auto* photo = new Section(tr("Photo"), QStringLiteral("photo"));
    photo->body()->addWidget(new PhotoPanel(session_));
    photo->set_open(false);
    column->addWidget(photo);
    auto* model = new Section(tr("Model"), QStringLiteral("model"));
    auto* model_panel = new ModelPanel(session_);
    model->body()->addWidget(model_panel);
    model->set_open(false);
    column->addWidget(model);
    column->addStretch(1);
    connect(model_panel, &ModelPanel::choose_requested, this, &MainWindow::choose_model);
    connect(adjust_, &AdjustPanel::matte_shown, canvas_, &Canvas::show_matte);
    leave_keys_and_wheel(side);
    for (auto* box : side->findChildren<QAbstractSpinBox*>())
        connect(box, &QAbstractSpinBox::editingFinished, this, [this, box] {
            if (box->hasFocus()) // Enter: the keys are the photo's again
                canvas_->setFocus();
        });
    connect(adjust_, &AdjustPanel::brush_changed, this, [this] {
        canvas_->set_brush(adjust_->brush());
        refresh_protect();
    });
    return side;
}

QWidget* MainWindow::build_bottom() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(18, 8, 18, 10);
    row->setSpacing(14);
    age_box_ = new AgeBox;
    age_box_->setButtonSymbols(QAbstractSpinBox::NoButtons);
    age_box_->setAlignment(Qt::AlignCenter);
    age_box_->setKeyboardTracking(false);
    age_box_->setAccessibleName(tr("Age asked for"));
    age_box_->setToolTip(tr("Type an age: press A, then a number and Enter"));
    age_box_->setFixedWidth(104);
    age_box_->setStyleSheet(
        QStringLiteral("QDoubleSpinBox { font-size: 34px; font-weight: 600; border: none; "
                       "background: transparent; padding: 0; }"));
    own_label_ = new QLabel;
    own_label_->setAlignment(Qt::AlignCenter);
    own_label_->setProperty("dim", true);
    auto* number = new QVBoxLayout;
    number->setSpacing(0);
    number->addStretch();
    number->addWidget(age_box_, 0, Qt::AlignHCenter);
    number->addWidget(own_label_);
    number->addStretch();
    strip_ = new AgeStrip;
    status_ = new StatusPanel;
    row->addLayout(number);
    row->addWidget(strip_, 1);
    row->addWidget(status_);
    connect(age_box_, &QDoubleSpinBox::editingFinished, this, [this] {
        set_age(age_box_->value());
        if (age_box_->hasFocus())
            canvas_->setFocus();
    });
    connect(strip_, &AgeStrip::drag_began, this, &MainWindow::begin_drag);
    connect(strip_, &AgeStrip::drag_ended, &session_, &Session::end_drag);
    connect(strip_, &AgeStrip::age_moved, this, &MainWindow::set_age);
    connect(strip_, &AgeStrip::compare_chosen, this, [this](std::optional<double> age) {
        compare_with(age);
        if (age && canvas_->compare() == Compare::Off)
            set_compare(Compare::Wipe);
    });
    return bar;
}

void MainWindow::connect_session() {
    connect(&session_, &Session::photo_changed, this, &MainWindow::refresh_photo);
    connect(&session_, &Session::photo_recolored, this, [this] {
        canvas_->recolor(session_.picture());
        refresh_edit();
    });
    connect(&session_, &Session::faces_changed, this, [this] {
        canvas_->set_faces(session_.faces(), session_.look().face);
        refresh_edit();
    });
    connect(&session_, &Session::edit_changed, this, &MainWindow::refresh_edit);
    connect(&session_, &Session::frame_shown, this, [this](const FramePtr& frame) {
        canvas_->set_frame(frame);
        status_->show_frame(session_);
        if (copy_asked_ && session_.settled())
            copy();
    });
    connect(&session_, &Session::meters_changed, this, [this] { status_->show_frame(session_); });
    connect(&session_, &Session::thumbnail_added, this, [this](int key) {
        refresh_strip();
        if (compared_ && !frame_a_ && age_key(*compared_) == key)
            refresh_a();
    });
    connect(&session_, &Session::thumbnails_reset, this, [this] {
        refresh_strip();
        refresh_a();
    });
    connect(&session_, &Session::activity_changed, status_, &StatusPanel::show_activity);
    connect(&session_, &Session::activity_changed, this, [this](Task task) {
        task_ = task;
        refresh_actions();
    });
    connect(&session_, &Session::progressed, status_, &StatusPanel::show_progress);
    connect(&session_, &Session::failed, this, &MainWindow::show_failure);
    connect(&session_, &Session::deferred, this, &MainWindow::show_deferred);
    connect(&session_, &Session::export_changed, this, [this] {
        warned_of_export_ &= session_.export_state().running();
        status_->show_export(session_.export_state());
    });
    connect(canvas_, &Canvas::zoom_changed, this, [this](double zoom) {
        zoom_label_->setText(QStringLiteral("%1 %").arg(std::lround(zoom * 100)));
        session_.set_zoom(zoom);
    });
    connect(canvas_, &Canvas::face_chosen, &session_, &Session::choose_face);
    connect(canvas_, &Canvas::open_requested, this, &MainWindow::choose_photo);
    connect(canvas_, &Canvas::stroke_painted, this, [this](const Stroke& stroke) {
        Look look = session_.look();
        look.protect.strokes.push_back(stroke);
        session_.set_look(look, stroke.erase ? tr("Erase") : tr("Paint"));
    });
    connect(rail_, &PhotoRail::chosen, &session_, &Session::open);
    connect(messages_, &MessageBar::copy_requested, this, &MainWindow::copy_diagnostics);
}

void MainWindow::begin_drag() {
    stop_playing();
    session_.begin_drag();
}

void MainWindow::set_age(double age) {
    stop_playing();
    if (session_.has_face())
        session_.set_age(std::clamp(age, 0.0, 100.0));
    else
        strip_->set_age(session_.age());
}

void MainWindow::refresh_edit() {
    const double age = session_.age();
    const bool face = session_.has_face();
    strip_->set_age(age);
    strip_->setEnabled(face);
    age_box_->setEnabled(face);
    export_button_->setEnabled(face);
    drag_out_->setEnabled(face);
    const QSignalBlocker blocker(age_box_);
    age_box_->setValue(age);
    const Look& look = session_.look();
    const bool estimated = face && std::abs(look.source_age - session_.faces()[look.face].age) < .06;
    strip_->set_own_age(face ? std::optional(look.source_age) : std::nullopt, session_.original_thumbnail(),
                        estimated);
    own_label_->setText(face ? tr("own age %1").arg(std::lround(look.source_age)) : QString());
    own_label_->setToolTip(estimated ? tr("Estimated; correct it under Person.") : QString());
    canvas_->set_faces(session_.faces(), look.face);
    canvas_->set_label_b(tr("Age %1").arg(years(age)));
    refresh_protect();
    refresh_actions();
    status_->show_frame(session_);
    autosave_timer_.start();
}

void MainWindow::refresh_strip() {
    strip_->set_thumbnails(session_.has_face() ? &session_.thumbnails() : nullptr);
}

void MainWindow::refresh_photo() {
    canvas_->set_picture(session_.picture());
    compare_with(std::nullopt);
    copy_asked_ = false;
    refresh_actions();
    if (!session_.picture())
        return title_->clear();
    const auto& path = session_.picture()->info.path;
    title_->setText(path == sample_ ? tr("A sample; drop a photo of your own") : text_of(path.filename()));
    title_->setToolTip(text_of(path));
    setWindowTitle(QStringLiteral("%1 – Cradle2Cane").arg(text_of(path.filename())));
    rail_->mark(path);
    remember(path);
}

void MainWindow::compare_with(std::optional<double> age) {
    compared_ = age;
    strip_->set_compared(age);
    refresh_a();
}

void MainWindow::refresh_a() {
    frame_a_ = compared_ ? session_.cached(*compared_) : nullptr;
    const QString own = session_.has_face() ? tr("Original, %1").arg(std::lround(session_.look().source_age))
                                            : tr("Original");
    canvas_->set_frame_a(frame_a_, frame_a_ ? tr("Age %1").arg(years(*compared_)) : own);
    if (compared_ && !frame_a_ && session_.has_face())
        session_.prepare(*compared_);
}

void MainWindow::set_compare(Compare compare) {
    canvas_->set_compare(compare);
    for (QAction* action : compare_actions_->actions())
        action->setChecked(action->data().toInt() == static_cast<int>(compare));
    refresh_a();
}

void MainWindow::refresh_protect() {
    static const std::vector<Stroke> none;
    const bool painting = adjust_ && adjust_->brush() && session_.has_face();
    const auto& strokes = painting ? session_.look().protect.strokes : none;
    const int photo = session_.picture() ? session_.picture()->id : 0;
    if (strokes == protect_strokes_ && photo == protect_photo_)
        return;
    protect_strokes_ = strokes;
    protect_photo_ = photo;
    ++protect_number_;
    if (strokes.empty())
        return canvas_->set_protect({});
    in_background( // many strokes take their time
        this, [strokes, size = session_.picture()->srgb.size()] { return protect_mask(strokes, size); },
        [this, number = protect_number_](const Image& mask) {
            if (number == protect_number_)
                canvas_->set_protect(mask);
        });
}

void MainWindow::show_failure(const Failure& failure) {
    if (failure.error.kind == ErrorKind::Cancelled)
        return;
    messages_->add(
        {failure.error.kind == ErrorKind::NoFace ? MessageBar::Kind::Note : MessageBar::Kind::Error,
         QString::fromStdString(failure.error.text), QString::fromStdString(failure.error.detail)});
}

} // namespace c2c::ui
