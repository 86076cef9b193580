#include "ui/widgets/sequence_dialog.h"
#include "tests/widgets/rig.h"
#include "ui/widgets/curve_panel.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTabBar>

#include <fstream>

using namespace c2c;
using namespace c2c::ui;

namespace {

/// The widget that a screen reader knows by this name.
template <class Widget> Widget* named(const QDialog& dialog, const char* name) {
    for (auto* one : dialog.findChildren<Widget*>())
        if (one->accessibleName() == QLatin1String(name))
            return one;
    return nullptr;
}

QString line_of(const SequenceDialog& dialog) {
    return named<QLineEdit>(dialog, "Command line")->text();
}

} // namespace

TEST_CASE("the play head tells its age, and the dialog the command line") {
    test::WindowRig rig;
    REQUIRE(rig.open(test::photo("man_38.jpg")));
    SequenceDialog dialog(rig.rig.session);
    double age = -1;
    QObject::connect(&dialog, &SequenceDialog::age_scrubbed, [&](double at) { age = at; });
    dialog.curve().set_curve(test::value(parse_curve("1:20,11:30")));
    dialog.curve().set_head(6);
    CHECK(age == Approx(25));
    auto* names = named<QLineEdit>(dialog, "Names");
    names->setText(QString::fromStdString((rig.home / "a.####.png").string()));
    CHECK(line_of(dialog).startsWith(QStringLiteral("cradle2cane-cli sequence ")));
    CHECK(line_of(dialog).contains(QStringLiteral("--curve 1:20,11:30")));
    CHECK(line_of(dialog).contains(QStringLiteral("'"))); // #### is a comment in a shell
    const QString shown = dialog.findChild<QLabel*>(QStringLiteral("names"))->text();
    CHECK(shown.contains(QStringLiteral("a.1001.png")));
    CHECK(shown.contains(QStringLiteral("a.1011.png")));

    names->setText(QStringLiteral("no_number.png"));
    QString problem;
    CHECK(dialog.arguments(&problem).isEmpty());
    CHECK_FALSE(problem.isEmpty());
    CHECK(line_of(dialog).isEmpty());
}

TEST_CASE("frames that are there are not touched unasked") {
    test::WindowRig rig;
    REQUIRE(rig.open(test::photo("man_38.jpg")));
    SequenceDialog dialog(rig.rig.session);
    named<QLineEdit>(dialog, "Names")->setText(QString::fromStdString((rig.home / "a.####.png").string()));
    CHECK_FALSE(dialog.arguments().isEmpty());
    std::ofstream(rig.home / "a.1001.png") << "x";
    QString problem;
    CHECK(dialog.arguments(&problem).isEmpty());
    CHECK(problem.contains(QStringLiteral("a.1001.png")));
    auto* existing = dialog.findChild<QComboBox*>();
    existing->setCurrentIndex(static_cast<int>(Existing::Resume));
    CHECK(line_of(dialog).contains(QStringLiteral("--resume")));
    existing->setCurrentIndex(static_cast<int>(Existing::Overwrite));
    CHECK(line_of(dialog).contains(QStringLiteral("--overwrite")));
}

TEST_CASE("each face has a tab and a curve of its own") {
    test::WindowRig rig({1280, 820}, 3);
    REQUIRE(rig.open(test::photo("man_38.jpg")));
    SequenceDialog dialog(rig.rig.session);
    named<QLineEdit>(dialog, "Names")->setText(QString::fromStdString((rig.home / "a.####.png").string()));
    auto* tabs = dialog.findChild<QTabBar*>();
    dialog.curve().set_curve(test::value(parse_curve("1:20,11:30")));
    const int chosen = place_from_left(rig.rig.session.faces(), rig.rig.session.look().face);
    const int other = chosen == 1 ? 2 : 1;
    dialog.add_face(other);
    REQUIRE(tabs->count() == 2);
    dialog.curve().set_curve(test::value(parse_curve("1:40,11:50")));
    dialog.add_face(FaceCurve::every_other);
    const QStringList list = dialog.arguments();
    CHECK(list.contains(QStringLiteral("%1=1:20,11:30").arg(chosen)));
    CHECK(list.contains(QStringLiteral("%1=1:40,11:50").arg(other)));
    CHECK(list.contains(QStringLiteral("all=1:40,11:50")));
    CHECK_FALSE(list.contains(QStringLiteral("--from"))); // each has an age of its own
    tabs->setCurrentIndex(0);
    CHECK(curve_text(dialog.curve().curve()) == "1:20,11:30");
    emit tabs->tabCloseRequested(0);
    REQUIRE(tabs->count() == 2);
    CHECK(curve_text(dialog.curve().curve()) == "1:40,11:50");
    CHECK_FALSE(dialog.arguments().contains(QStringLiteral("%1=1:20,11:30").arg(chosen)));
}

TEST_CASE("a plate's frames carry the curve, and need no photo in the window") {
    test::WindowRig rig;
    SequenceDialog dialog(rig.rig.session);
    QString problem;
    CHECK(dialog.arguments(&problem).isEmpty());
    std::filesystem::create_directory(rig.home / "plate");
    for (int frame = 101; frame <= 150; ++frame)
        std::ofstream(rig.home / fmt::format("plate/plate.{:04}.png", frame)) << "x";
    named<QLineEdit>(dialog, "Names")->setText(QString::fromStdString((rig.home / "a.####.png").string()));
    dialog.set_input(QString::fromStdString((rig.home / "plate").string()));
    CHECK(curve_text(dialog.curve().curve()) == "101:20,150:80");
    CHECK(dialog.findChild<QLabel*>(QStringLiteral("names"))->text().contains(QStringLiteral("a.0101.png")));
    const QStringList list = dialog.arguments(&problem);
    CHECK(list.contains(QStringLiteral("101:20,150:80")));
    CHECK_FALSE(list.contains(QStringLiteral("--from"))); // the age is measured over the plate
    dialog.set_input(QString::fromStdString((rig.home / "nowhere").string()));
    CHECK(dialog.arguments(&problem).isEmpty());
    CHECK(problem.contains(QStringLiteral("nowhere")));
}
