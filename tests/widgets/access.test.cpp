// Keys, menus, names and focus: what can be done without seeing and without a mouse, and what cannot be done
// now.
#include "tests/widgets/rig.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/export_dialog.h"
#include "ui/widgets/section.h"
#include "ui/widgets/sequence_dialog.h"
#include "ui/widgets/settings_dialog.h"

#include <QAccessible>
#include <QMenu>
#include <QMenuBar>
#include <QScrollArea>
#include <QWheelEvent>

#include <set>

using namespace c2c;
using namespace c2c::ui;
using test::wait_for;
using test::WindowRig;

namespace {

QString key_of(const QAction& action) {
    const QString shortcut = action.shortcut().toString(QKeySequence::NativeText);
    return shortcut.isEmpty() ? action.text().section(QLatin1Char('\t'), 1) : shortcut;
}

std::vector<QAction*> menu_actions(const MainWindow& window) {
    std::vector<QAction*> all;
    for (const QAction* title : window.menuBar()->actions())
        for (QAction* action : title->menu()->actions())
            if (!action->isSeparator())
                all.push_back(action);
    return all;
}

QAction* action_named(const MainWindow& window, const char* words) {
    for (QAction* action : menu_actions(window))
        if (action->text().remove(QLatin1Char('&')).startsWith(QLatin1String(words)))
            return action;
    return nullptr;
}

/// What a screen reader says of everything in `parent` that takes keys; those that it has no words for.
QStringList nameless(QWidget& parent) {
    QStringList found;
    for (QWidget* widget : parent.findChildren<QWidget*>()) {
        if (!(widget->focusPolicy() & Qt::TabFocus) || !widget->isVisibleTo(&parent) ||
            qobject_cast<QScrollArea*>(widget) ||
            widget->objectName().startsWith(QStringLiteral("qt_"))) // parts of a box that has a name itself
            continue;
        QAccessibleInterface* access = QAccessible::queryAccessibleInterface(widget);
        if (!access || access->text(QAccessible::Name).isEmpty())
            found << QStringLiteral("%1 in %2")
                         .arg(QLatin1String(widget->metaObject()->className()),
                              QLatin1String(parent.metaObject()->className()));
    }
    return found;
}

} // namespace

TEST_CASE("A screen reader has a name for everything that takes keys", "[access]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    for (auto* section : w.window->findChildren<Section*>())
        section->set_open(true);
    QTest::keyClick(&w.window->canvas(), Qt::Key_B); // the brush's sliders
    ExportDialog exports(w.rig.session);
    SequenceDialog sequence(w.rig.session);
    SettingsDialog settings({}, nullptr);
    settings.setAttribute(Qt::WA_DeleteOnClose, false);
    for (QWidget* place : {static_cast<QWidget*>(w.window.get()), static_cast<QWidget*>(&exports),
                           static_cast<QWidget*>(&sequence), static_cast<QWidget*>(&settings)}) {
        const QString without = nameless(*place).join(QStringLiteral(", "));
        INFO(without.toStdString());
        REQUIRE(without.isEmpty());
    }
}

TEST_CASE("The list of keys has every key of the menus, and every key of the menus acts", "[access]") {
    WindowRig w({1280, 820}, 2);
    REQUIRE(w.open(test::photo("man_38.jpg")));
    ShortcutsDialog list(*w.window->menuBar(), nullptr);
    list.setAttribute(Qt::WA_DeleteOnClose, false);
    std::set<QString> listed;
    for (const QLabel* label : list.findChildren<QLabel*>())
        listed.insert(label->text());
    int keys = 0;
    for (const QAction* action : menu_actions(*w.window))
        if (const QString key = key_of(*action); !key.isEmpty()) {
            ++keys;
            INFO(key.toStdString());
            REQUIRE(listed.contains(key));
        }
    REQUIRE(keys > 25);

    Session& session = w.rig.session;
    Canvas& canvas = w.window->canvas();
    const auto key = [&](Qt::Key code, Qt::KeyboardModifiers modifiers = {}) {
        QTest::keyClick(&canvas, code, modifiers);
    };
    key(Qt::Key_N);
    REQUIRE(session.look().face == 1);
    key(Qt::Key_N);
    REQUIRE(session.look().face == 0);
    key(Qt::Key_C); // A is this age from here on
    REQUIRE(canvas.compare() == Compare::Wipe);
    const double a = session.age();
    session.set_age(20);
    REQUIRE(w.window->compare_ready());
    REQUIRE(session.age() != a);
    const auto line = [&] { return canvas.grab().toImage(); };
    const QImage before = line();
    key(Qt::Key_Period);
    REQUIRE(line() != before);
    key(Qt::Key_Comma);
    REQUIRE(line() == before);
    key(Qt::Key_M);
    REQUIRE(action_named(*w.window, "Show where")->isChecked());
    key(Qt::Key_M);
    REQUIRE_FALSE(action_named(*w.window, "Show where")->isChecked());
    key(Qt::Key_1);
    const QPointF offset = canvas.viewport().offset;
    key(Qt::Key_Down, Qt::ControlModifier);
    REQUIRE(canvas.viewport().offset.y() < offset.y());
    QTest::keyPress(&canvas, Qt::Key_Backslash);
    const QImage original = line();
    QTest::keyRelease(&canvas, Qt::Key_Backslash);
    REQUIRE(line() != original);
}

TEST_CASE("An arrow that is held is one step to undo, and settles when it is let go", "[access]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    const int steps = w.rig.session.undo_stack().count();
    for (QWidget* focus :
         {static_cast<QWidget*>(&w.window->canvas()), static_cast<QWidget*>(&w.window->strip())}) {
        const double from = w.rig.session.age();
        QTest::keyPress(focus, Qt::Key_Left);
        for (int i = 0; i < 12; ++i) {
            QKeyEvent again(QEvent::KeyPress, Qt::Key_Left, {}, {}, true);
            QApplication::sendEvent(focus, &again);
        }
        REQUIRE(w.rig.session.age() == from - 13);
        QTest::keyRelease(focus, Qt::Key_Left);
        REQUIRE(wait_for([&] { return w.rig.session.settled(); }));
    }
    REQUIRE(w.rig.session.undo_stack().count() == steps + 2);
    w.rig.session.undo_stack().undo();
    REQUIRE(w.rig.session.age() == 57);
}

TEST_CASE("Playing the ages is one step to undo, and ends when an age is set", "[access]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    REQUIRE(wait_for([&] { return w.rig.session.thumbnails().size() == 101; }, 60'000));
    QTest::keyClick(w.window.get(), Qt::Key_Space);
    std::set<double> seen;
    REQUIRE(wait_for([&] {
        seen.insert(w.rig.session.age());
        return seen.size() > 4;
    }));
    QTest::keyClick(w.window.get(), Qt::Key_Home);
    REQUIRE_FALSE(action_named(*w.window, "Play the ages")->isChecked());
    REQUIRE(w.rig.session.age() == w.rig.session.look().source_age);
    REQUIRE(w.rig.session.undo_stack().count() == 2);
    w.rig.session.undo_stack().undo();
    w.rig.session.undo_stack().undo();
    REQUIRE(w.rig.session.age() == 70);
}

TEST_CASE("What cannot work now is grey, and its keys do nothing", "[access]") {
    WindowRig w;
    const auto enabled = [&](const char* words) {
        const QAction* action = action_named(*w.window, words);
        INFO(words);
        REQUIRE(action);
        return action->isEnabled();
    };
    const auto all = {"Save session", "Export",  "Copy picture", "New variation", "Fit",
                      "100 %",        "Zoom in", "Wipe",         "One year",      "Play the ages"};
    for (const char* words : all)
        REQUIRE_FALSE(enabled(words));
    for (const char* words : {"Open", "Paste picture", "Settings", "Keys", "About", "Quit"})
        REQUIRE(enabled(words));
    for (const Qt::Key key : {Qt::Key_R, Qt::Key_W, Qt::Key_Left, Qt::Key_Home, Qt::Key_Space, Qt::Key_B,
                              Qt::Key_C, Qt::Key_N, Qt::Key_M, Qt::Key_1, Qt::Key_Plus})
        QTest::keyClick(w.window.get(), key);
    REQUIRE(w.rig.session.undo_stack().count() == 0);
    REQUIRE(w.window->canvas().compare() == Compare::Off);

    REQUIRE(w.open(test::photo("man_38.jpg")));
    for (const char* words : all)
        REQUIRE(enabled(words));
    REQUIRE_FALSE(enabled("Next face"));                                 // there is one
    REQUIRE(wait_for([&] { return !enabled("Stop working"); }, 60'000)); // the strip is full
    w.rig.session.set_age(0);
    action_named(*w.window, "One year younger")->trigger();
    REQUIRE(w.rig.session.age() == 0);
}

TEST_CASE("In the panel a click leaves the keys with the photo, and the wheel changes nothing", "[access]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    w.window->canvas().setFocus();
    for (QCheckBox* box : w.window->findChildren<QCheckBox*>())
        if (box->text() == QStringLiteral("Eyes"))
            QTest::mouseClick(box, Qt::LeftButton, {}, {8, box->height() / 2});
    REQUIRE(w.rig.session.look().protect.eyes);
    REQUIRE(w.window->focusWidget() == &w.window->canvas());
    QTest::keyClick(w.window->focusWidget(), Qt::Key_Left);
    REQUIRE(w.rig.session.age() == 69);

    const Look look = w.rig.session.look();
    const auto wheel = [](QWidget* over) {
        QWheelEvent event(over->rect().center(), over->mapToGlobal(over->rect().center()), {}, {0, -120}, {},
                          {}, Qt::NoScrollPhase, false);
        QApplication::sendEvent(over, &event);
    };
    auto* panel = w.window->findChild<QScrollArea*>();
    for (QWidget* widget : panel->findChildren<QWidget*>())
        if (qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractSpinBox*>(widget) ||
            qobject_cast<QSlider*>(widget))
            wheel(widget);
    REQUIRE(w.rig.session.look() == look);
    REQUIRE(w.rig.session.model_choice() == ModelChoice{});
}

TEST_CASE("Without a photo nothing of the face can be adjusted", "[access]") {
    WindowRig w;
    for (const char* name : {"Paint", "Erase", "Clear", "New"})
        for (QPushButton* button : w.window->findChildren<QPushButton*>())
            if (button->text() == QLatin1String(name)) {
                INFO(name);
                REQUIRE_FALSE(button->isEnabled());
            }
}
