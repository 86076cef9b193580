// Menus and keys of the window.
#include "ui/widgets/main_window.h"

#include "core/base/log.h"
#include "ui/session/fill_order.h"
#include "ui/widgets/adjust_panel.h"
#include "ui/widgets/age_strip.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/export_dialog.h"
#include "ui/widgets/files.h"
#include "ui/widgets/photo_rail.h"
#include "ui/widgets/screen_profile.h"
#include "ui/widgets/settings_dialog.h"
#include "ui/widgets/status_panel.h"
#include "ui/widgets/theme.h"

#include <QActionGroup>
#include <QApplication>
#include <QDoubleSpinBox>
#include <QKeyEvent>
#include <QMenuBar>
#include <QScrollArea>
#include <QSettings>
#include <QToolButton>
#include <QWindow>

#include <cmath>

namespace c2c::ui {

QAction* MainWindow::add(QMenu* menu, const QString& text, const QKeySequence& keys, Needs needs,
                         std::function<void()> run) {
    QAction* action = menu->addAction(text);
    action->setShortcut(keys);
    connect(action, &QAction::triggered, this, std::move(run));
    needs_.emplace_back(action, needs);
    return action;
}

// Keys without Ctrl are not shortcuts of the menu, or they would be taken from the text boxes and sliders
// that have the focus: keyPressEvent gets what those leave. The menu names them after the tab.
void MainWindow::build_menus() {
    using enum Needs;
    QMenu* file = menuBar()->addMenu(tr("&File"));
    add(file, tr("&Open …"), QKeySequence::Open, Nothing, [this] { choose_photo(); });
    add(file, tr("Open &folder …"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O), Nothing,
        [this] { choose_folder(); });
    recent_ = file->addMenu(tr("Open &recent"));
    connect(recent_, &QMenu::aboutToShow, this, [this] { fill_recent(recent_); });
    add(file, tr("&Save session …"), QKeySequence::Save, Photo, [this] { save_session(); });
    add(file, tr("&Export …"), QKeySequence(Qt::CTRL | Qt::Key_E), Face, [this] { show_export(); });
    add(file, tr("&Age sequence …"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E), Nothing,
        [this] { show_sequence(); });
    file->addSeparator();
    add(file, tr("&Quit"), QKeySequence::Quit, Nothing, [this] { close(); });

    QMenu* edit = menuBar()->addMenu(tr("&Edit"));
    QAction* undo = session_.undo_stack().createUndoAction(this, tr("&Undo"));
    QAction* redo = session_.undo_stack().createRedoAction(this, tr("&Redo"));
    undo->setShortcut(QKeySequence::Undo);
    redo->setShortcut(QKeySequence::Redo);
    edit->addActions({undo, redo});
    edit->addSeparator();
    add(edit, tr("&Copy picture"), QKeySequence::Copy, Photo, [this] { copy(); });
    add(edit, tr("&Paste picture"), QKeySequence::Paste, Nothing, [this] { paste(); });
    edit->addSeparator();
    add(edit, tr("&New variation\tR"), {}, Face, [this] { session_.reroll(); });
    add(edit, tr("Next &face\tN"), {}, Faces, [this] { next_face(); });
    add(edit, tr("Paint what is left &alone\tB"), {}, Face, [this] { adjust_->toggle_brush(); });
    add(edit, tr("Stop &working\tEsc"), {}, Work, [this] { session_.cancel(); });
    edit->addSeparator();
    add(edit, tr("&Settings …"), QKeySequence(Qt::CTRL | Qt::Key_Comma), Nothing, [this] {
        show_settings();
    })->setMenuRole(QAction::PreferencesRole);

    QMenu* view = menuBar()->addMenu(tr("&View"));
    add(view, tr("&Fit\tF"), {}, Photo, [this] { canvas_->fit(); });
    add(view, tr("&100 %, at the face\t1"), {}, Photo, [this] { canvas_->actual_size(); });
    add(view, tr("Zoom &in\t+"), {}, Photo, [this] { canvas_->zoom_in(); });
    add(view, tr("Zoom &out\t−"), {}, Photo, [this] { canvas_->zoom_out(); });
    view->addSeparator();
    view->addActions(compare_actions_->actions());
    add(view, tr("&Compare with this age\tC"), {}, Face, [this] { compare_from_here(); });
    add(view, tr("Compare with the &original\tO"), {}, Face, [this] { compare_with(std::nullopt); });
    view->addSeparator();
    matte_action_ =
        add(view, tr("Show &where the photo changes\tM"), {}, Face, [this] { adjust_->toggle_matte(); });
    matte_action_->setCheckable(true);
    connect(adjust_, &AdjustPanel::matte_shown, matte_action_, &QAction::setChecked);
    panel_action_ =
        add(view, tr("Side &panel\tP"), {}, Nothing, [this] { set_panel_shown(panel_action_->isChecked()); });
    panel_action_->setCheckable(true);
    add(view, tr("F&ull screen"), QKeySequence(Qt::Key_F11), Nothing,
        [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });

    QMenu* age = menuBar()->addMenu(tr("&Age"));
    add(age, tr("One year &younger\tLeft"), {}, Face, [this] { set_age(session_.age() - 1); });
    add(age, tr("One year &older\tRight"), {}, Face, [this] { set_age(session_.age() + 1); });
    add(age, tr("O&wn age\tHome"), {}, Face, [this] { set_age(session_.look().source_age); });
    add(age, tr("&Type an age …\tA"), {}, Face, [this] { type_age(); });
    play_action_ = add(age, tr("&Play the ages\tSpace"), {}, Face, [this] { toggle_play(); });
    play_action_->setCheckable(true);
    age->addSeparator();
    fill_action_ = add(age, tr("&Fill the strip when idle"), {}, Nothing, [this] {
        session_.set_fill(fill_action_->isChecked());
        QSettings().setValue(QStringLiteral("fill"), fill_action_->isChecked());
    });
    fill_action_->setCheckable(true);
    fill_action_->setChecked(QSettings().value(QStringLiteral("fill"), true).toBool());
    session_.set_fill(fill_action_->isChecked());

    QMenu* help = menuBar()->addMenu(tr("&Help"));
    add(help, tr("&Keys\t?"), {}, Nothing, [this] { show_shortcuts(); });
    add(help, tr("Copy &diagnostics"), {}, Nothing, [this] { copy_diagnostics({}); });
    add(help, tr("Show the &sample photo"), {}, Nothing, [this] {
        show_sample();
    })->setVisible(!sample_photo().empty());
    add(help, tr("&About Cradle2Cane"), {}, Nothing, [this] { show_about(); });
}

/// What cannot work now is grey.
void MainWindow::refresh_actions() {
    const bool photo = session_.picture() != nullptr, face = session_.has_face();
    for (const auto& [action, needs] : needs_)
        action->setEnabled(needs == Needs::Photo   ? photo
                           : needs == Needs::Face  ? face
                           : needs == Needs::Faces ? session_.faces().size() > 1
                           : needs == Needs::Work  ? task_ != Task::None
                                                   : true);
    compare_actions_->setEnabled(face);
    fit_button_->setEnabled(photo);
    zoom_label_->setEnabled(photo);
}

/// A: the age that is seen now stays, what is set from here on is compared with it.
void MainWindow::compare_from_here() {
    if (!session_.has_face())
        return;
    compare_with(session_.age());
    if (canvas_->compare() == Compare::Off)
        set_compare(Compare::Wipe);
}

void MainWindow::next_face() {
    if (session_.faces().size() > 1)
        session_.choose_face((session_.look().face + 1) % session_.faces().size());
}

/// Ctrl and an arrow.
bool MainWindow::move_photo(const QKeyEvent& event) {
    const double far = canvas_->height() / 8.0;
    const QPointF way = event.key() == Qt::Key_Left    ? QPointF(far, 0)
                        : event.key() == Qt::Key_Right ? QPointF(-far, 0)
                        : event.key() == Qt::Key_Up    ? QPointF(0, far)
                        : event.key() == Qt::Key_Down  ? QPointF(0, -far)
                                                       : QPointF();
    if (way.isNull() || !session_.picture())
        return false;
    canvas_->pan(way);
    return true;
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
    if (event->modifiers() & Qt::ControlModifier && move_photo(*event))
        return;
    if (event->modifiers() & (Qt::ControlModifier | Qt::MetaModifier))
        return QMainWindow::keyPressEvent(event);
    const double step = event->modifiers() & Qt::ShiftModifier ? 10
                        : event->modifiers() & Qt::AltModifier ? .1
                                                               : 1;
    const auto toggle = [this](Compare compare) {
        if (session_.has_face())
            set_compare(canvas_->compare() == compare ? Compare::Off : compare);
    };
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
        if (!event->isAutoRepeat()) // a key that is held is one step to undo, as a drag is
            begin_drag();
        return set_age(session_.age() + (event->key() == Qt::Key_Left ? -step : step));
    case Qt::Key_Home:
        return set_age(session_.look().source_age);
    case Qt::Key_A:
        return type_age();
    case Qt::Key_F:
        return canvas_->fit();
    case Qt::Key_1:
        return canvas_->actual_size();
    case Qt::Key_Plus:
        return canvas_->zoom_in();
    case Qt::Key_Minus:
        return canvas_->zoom_out();
    case Qt::Key_W:
        return toggle(Compare::Wipe);
    case Qt::Key_S:
        return toggle(Compare::Side);
    case Qt::Key_R:
        return session_.reroll();
    case Qt::Key_N:
        return next_face();
    case Qt::Key_B:
        return adjust_->toggle_brush();
    case Qt::Key_C:
        return compare_from_here();
    case Qt::Key_O:
        return compare_with(std::nullopt);
    case Qt::Key_M:
        return adjust_->toggle_matte();
    case Qt::Key_Comma:
        return canvas_->move_wipe(-.02);
    case Qt::Key_Period:
        return canvas_->move_wipe(.02);
    case Qt::Key_Space:
        return toggle_play();
    case Qt::Key_Backslash:
        original_key_ = event->nativeScanCode();
        return canvas_->hold_original(true);
    case Qt::Key_Question:
        return show_shortcuts();
    case Qt::Key_P:
        return set_panel_shown(side_->isHidden());
    case Qt::Key_Escape:
        if (play_timer_.isActive())
            return stop_playing();
        return session_.cancel();
    default:
        QMainWindow::keyPressEvent(event);
    }
}

void MainWindow::keyReleaseEvent(QKeyEvent* event) {
    // Where \ needs AltGr, the key is another one by name once that is let go before it.
    if (!event->isAutoRepeat() &&
        (event->key() == Qt::Key_Backslash || (original_key_ && event->nativeScanCode() == original_key_)))
        canvas_->hold_original(false);
    else if (!event->isAutoRepeat() && (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right))
        session_.end_drag();
    else
        QMainWindow::keyReleaseEvent(event);
}

void MainWindow::changeEvent(QEvent* event) {
    if (event->type() == QEvent::ActivationChange && !isActiveWindow()) { // keys are let go elsewhere
        canvas_->hold_original(false);
        session_.end_drag();
    }
    if (event->type() == QEvent::PaletteChange && status_) { // they hold colours of the theme
        status_->show_frame(session_);
        messages_->show_first();
    }
    QMainWindow::changeEvent(event);
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    connect(windowHandle(), &QWindow::screenChanged, this, &MainWindow::use_screen_profile,
            Qt::UniqueConnection);
}

void MainWindow::set_panel_shown(bool on) {
    side_->setVisible(on);
    panel_button_->setChecked(on);
    if (panel_action_)
        panel_action_->setChecked(on);
}

void MainWindow::type_age() {
    age_box_->setFocus(Qt::ShortcutFocusReason);
    age_box_->selectAll();
}

void MainWindow::toggle_play() {
    const bool playing = play_timer_.isActive();
    play_action_->setChecked(!playing);
    if (playing) {
        play_timer_.stop();
        session_.end_drag();
    } else if (session_.has_face()) {
        session_.begin_drag(); // one undo step goes back to before
        play_timer_.start(110);
    }
}

/// Whoever sets an age wants to see that one.
void MainWindow::stop_playing() {
    if (play_timer_.isActive())
        toggle_play();
}

void MainWindow::play_step() {
    // Only what is there already: playing must not stutter.
    const auto& ready = session_.thumbnails();
    const int here = age_key(session_.age());
    auto next = play_up_ ? ready.upper_bound(here) : ready.lower_bound(here);
    if (play_up_ ? next == ready.end() : next == ready.begin()) {
        play_up_ = !play_up_;
        return;
    }
    if (!play_up_)
        --next;
    session_.set_age(age_of_key(next->first));
}

void MainWindow::show_shortcuts() {
    (new ShortcutsDialog(*menuBar(), this))->open();
}

void MainWindow::show_about() {
    (new AboutDialog(session_, this))->open();
}

void MainWindow::choose_model() {
    auto* dialog = new ModelDialog(session_.model_choice().folder, this);
    connect(dialog, &ModelDialog::chosen, this, [this](const std::filesystem::path& folder) {
        ModelChoice choice = session_.model_choice();
        choice.folder = folder;
        session_.load_model(choice);
    });
    dialog->open();
}

void MainWindow::show_settings() {
    auto* dialog = new SettingsDialog(session_.model_choice(), this);
    connect(dialog, &SettingsDialog::saved, this, [this, dialog] {
        if (const ModelChoice model = dialog->model(); !(model == session_.model_choice()))
            session_.load_model(model);
        const QString theme = QSettings().value(QStringLiteral("theme")).toString();
        apply_theme(*static_cast<QApplication*>(QApplication::instance()), theme_from(theme));
        use_screen_profile();
        if (export_ && !export_->isVisible())
            delete std::exchange(export_, nullptr); // the next one begins with the new settings
    });
    dialog->open();
}

void MainWindow::use_screen_profile() {
    // A scaled screen begins where the X server says, in its own pixels.
    in_background(
        this,
        [setting = screen_profile_setting(), corner = screen()->geometry().topLeft()] {
            return screen_color(setting, corner);
        },
        [this, number = ++screens_](const Result<ScreenColor>& screen) {
            if (number != screens_)
                return; // the window has moved on
            if (!screen)
                show_failure({.error = screen.error()});
            session_.set_screen(screen.value_or(ScreenColor()));
            rail_->set_screen(screen.value_or(ScreenColor()));
        });
}

} // namespace c2c::ui
