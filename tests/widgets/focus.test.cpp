// Tab, through the window and every dialog: all that takes keys is reached, has a name, and comes in the
// order in which it is read.
#include "tests/widgets/rig.h"
#include "ui/widgets/curve_panel.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/export_dialog.h"
#include "ui/widgets/model_choice.h"
#include "ui/widgets/section.h"
#include "ui/widgets/sequence_dialog.h"
#include "ui/widgets/settings_dialog.h"

#include <QAccessible>
#include <QMenuBar>

#include <algorithm>
#include <set>

using namespace c2c;
using namespace c2c::ui;
using test::wait_for;
using test::WindowRig;

namespace {

bool takes_tab(const QWidget& widget) {
    return (widget.focusPolicy() & Qt::TabFocus) && widget.isVisible() && widget.isEnabled() &&
           !widget.focusProxy() && !widget.objectName().startsWith(QStringLiteral("qt_")); // parts of a box
}

QString name_of(QWidget* widget) {
    QAccessibleInterface* access = QAccessible::queryAccessibleInterface(widget);
    return access ? access->text(QAccessible::Name) : QString();
}

QString told(QWidget* widget) {
    return QStringLiteral("%1 \"%2\"").arg(QLatin1String(widget->metaObject()->className()), name_of(widget));
}

/// What Tab reaches, from the first place on until it comes back there.
std::vector<QWidget*> walked(QWidget& window, Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
    std::vector<QWidget*> places;
    for (int presses = 0; presses < 400; ++presses) {
        QWidget* here = window.focusWidget() ? window.focusWidget() : &window;
        QTest::keyClick(here, key, modifiers);
        QWidget* next = window.focusWidget();
        if (!next || (next == here && !places.empty())) // the curve's keys are a walk of their own
            continue;
        if (!places.empty() && next == places.front())
            break;
        places.push_back(next);
    }
    return places;
}

/// `a` is read before `b`: of the parts of their common ancestor that they lie in, the one above, or at the
/// same height the one to the left.
bool read_before(const QWidget* a, const QWidget* b, const QWidget* window) {
    const auto ancestors = [window](const QWidget* widget) {
        std::vector<const QWidget*> path = {widget};
        while (path.back() != window)
            path.push_back(path.back()->parentWidget());
        std::reverse(path.begin(), path.end());
        return path;
    };
    const auto path_a = ancestors(a), path_b = ancestors(b);
    const auto [in_a, in_b] = std::mismatch(path_a.begin(), path_a.end(), path_b.begin(), path_b.end());
    if (in_a == path_a.end() || in_b == path_b.end()) // one holds the other
        return in_a == path_a.end();
    const auto place = [](const QWidget* widget) {
        return QRect(widget->mapTo(widget->window(), QPoint()), widget->size());
    };
    const QRect first = place(*in_a), second = place(*in_b);
    const int overlap = std::min(first.bottom(), second.bottom()) - std::max(first.top(), second.top());
    if (overlap > std::min(first.height(), second.height()) / 2)
        return first.left() < second.left();
    return first.top() < second.top();
}

/// What is wrong with the walk; empty: nothing.
QStringList faults(QWidget& window) {
    window.activateWindow();
    REQUIRE(QTest::qWaitForWindowActive(&window));
    const std::vector<QWidget*> walk = walked(window, Qt::Key_Tab);
    const std::set<QWidget*> reached(walk.begin(), walk.end());
    QStringList wrong;
    std::size_t all = 0;
    for (QWidget* widget : window.findChildren<QWidget*>())
        if (takes_tab(*widget) && widget->window() == &window) {
            ++all;
            if (!reached.contains(widget))
                wrong << QStringLiteral("not reached: ") + told(widget);
        }
    for (QWidget* widget : walk)
        if (name_of(widget).isEmpty())
            wrong << QStringLiteral("without a name: ") + told(widget);
    QStringList back; // one step is: from the last to the first
    for (std::size_t i = 0; i < walk.size(); ++i) {
        QWidget* next = walk[(i + 1) % walk.size()];
        if (!read_before(walk[i], next, &window))
            back << told(walk[i]) + QStringLiteral(" to ") + told(next);
    }
    if (back.size() > 1)
        wrong << QStringLiteral("back: ") + back.join(QStringLiteral(", "));
    auto backwards = walked(window, Qt::Key_Backtab, Qt::ShiftModifier);
    if (std::set<QWidget*>(backwards.begin(), backwards.end()) != reached)
        wrong << QStringLiteral("Shift Tab reaches others");
    REQUIRE(all > 0);
    return wrong;
}

void walk_through(QWidget& window) {
    const QString wrong = faults(window).join(QLatin1Char('\n'));
    INFO(window.metaObject()->className() << "\n" << wrong.toStdString());
    CHECK(wrong.isEmpty());
}

void show(QDialog& dialog) {
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.show();
    REQUIRE(QTest::qWaitForWindowExposed(&dialog));
}

} // namespace

TEST_CASE("Tab reaches everything in the window, in the order in which it is read", "[focus]") {
    WindowRig w({1280, 1000}, 2);
    for (auto* section : w.window->findChildren<Section*>())
        section->set_open(true);
    test::TempDir folder;
    for (const char* name : {"man_38.jpg", "girl_14.jpg"}) // the rail shows
        std::filesystem::copy_file(test::photo(name), folder / name);
    w.window->open({folder.path()});
    REQUIRE(wait_for([&] { return w.rig.session.settled(); }));
    walk_through(*w.window);
    QTest::keyClick(&w.window->canvas(), Qt::Key_B); // the brush's sliders
    w.window->messages().add(
        {MessageBar::Kind::Error, QStringLiteral("Something is wrong."), {}, QStringLiteral("Mend it"), [] {
         }});
    walk_through(*w.window);
}

TEST_CASE("Tab reaches everything in an empty window", "[focus]") {
    WindowRig w;
    walk_through(*w.window);
}

TEST_CASE("Tab reaches everything in every dialog, in the order in which it is read", "[focus]") {
    WindowRig w({1280, 820}, 2);
    REQUIRE(w.open(test::photo("man_38.jpg")));
    {
        ExportDialog dialog(w.rig.session);
        show(dialog);
        walk_through(dialog);
        dialog.findChildren<QRadioButton*>()[1]->setChecked(true);
        walk_through(dialog);
    }
    {
        SequenceDialog dialog(w.rig.session);
        show(dialog);
        walk_through(dialog);
        dialog.add_face(2);
        walk_through(dialog);
    }
    {
        SettingsDialog dialog({}, nullptr);
        show(dialog);
        dialog.findChildren<QComboBox*>()[0]->setCurrentIndex(2); // a profile of one's own
        walk_through(dialog);
    }
    {
        ModelDialog dialog({}, nullptr);
        show(dialog);
        REQUIRE(wait_for([&] {
            const auto buttons = dialog.findChildren<QPushButton*>();
            return std::all_of(buttons.begin(), buttons.end(), [](auto* one) { return one->isEnabled(); });
        }));
        walk_through(dialog);
    }
    {
        AboutDialog dialog(w.rig.session, nullptr);
        show(dialog);
        walk_through(dialog);
    }
    {
        ShortcutsDialog dialog(*w.window->menuBar(), nullptr);
        show(dialog);
        walk_through(dialog);
    }
}
