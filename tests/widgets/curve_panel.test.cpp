#include "ui/widgets/curve_panel.h"
#include "tests/widgets/rig.h"
#include "ui/widgets/sequence_dialog.h"

#include <QLineEdit>

using namespace c2c;
using namespace c2c::ui;

TEST_CASE("keys are added, dragged and removed by mouse and by keyboard") {
    CurvePanel panel;
    panel.resize(600, 300);
    panel.show();
    int changes = 0;
    QObject::connect(&panel, &CurvePanel::curve_changed, [&] { ++changes; });

    QTest::mouseDClick(&panel, Qt::LeftButton, {}, panel.point_of(48, 40).toPoint());
    REQUIRE(panel.curve().keys.size() == 3);
    CHECK(panel.curve().keys[1].frame == Approx(48).margin(1));
    CHECK(panel.curve().keys[1].age == Approx(40).margin(1));

    const QPoint from = panel.point_of(panel.curve().keys[1].frame, panel.curve().keys[1].age).toPoint();
    QTest::mousePress(&panel, Qt::LeftButton, {}, from);
    QTest::mouseMove(&panel, panel.point_of(60, 70).toPoint());
    QMouseEvent move(QEvent::MouseMove, panel.point_of(60, 70), panel.mapToGlobal(panel.point_of(60, 70)),
                     Qt::LeftButton, Qt::LeftButton, {});
    QCoreApplication::sendEvent(&panel, &move);
    QTest::mouseRelease(&panel, Qt::LeftButton, {}, panel.point_of(60, 70).toPoint());
    CHECK(panel.curve().keys[1].frame == Approx(60).margin(1));
    CHECK(panel.curve().keys[1].age == Approx(70).margin(1));

    REQUIRE(panel.chosen() == 1);
    const double age = panel.curve().keys[1].age;
    QTest::keyClick(&panel, Qt::Key_Up);
    QTest::keyClick(&panel, Qt::Key_Left, Qt::ControlModifier);
    QTest::keyClick(&panel, Qt::Key_E);
    CHECK(panel.curve().keys[1].age == Approx(age + 1));
    CHECK(panel.curve().keys[1].frame == Approx(50).margin(1));
    CHECK(panel.curve().keys[1].arrive == Segment::Ease);
    for (int i = 0; i < 200; ++i) // not past its neighbour
        QTest::keyClick(&panel, Qt::Key_Right);
    CHECK(panel.curve().keys[1].frame == 95);
    CHECK(panel.accessibleDescription().contains(QStringLiteral("95")));

    QTest::keyClick(&panel, Qt::Key_Delete);
    CHECK(panel.curve().keys.size() == 2);
    panel.set_head(40);
    QTest::keyClick(&panel, Qt::Key_Insert);
    REQUIRE(panel.curve().keys.size() == 3);
    CHECK(panel.curve().keys[1].frame == 40);
    QTest::keyClick(&panel, Qt::Key_Delete);
    QTest::mouseDClick(&panel, Qt::LeftButton, {}, panel.point_of(96, 80).toPoint());
    CHECK(panel.curve().keys.size() == 1);
    QTest::mouseDClick(&panel, Qt::LeftButton, {},
                       panel.point_of(panel.curve().keys[0].frame, panel.curve().keys[0].age).toPoint());
    CHECK(panel.curve().keys.size() == 1); // the last one stays
    CHECK(changes > 10);
}

TEST_CASE("the play head tells its age, and the dialog the command line") {
    test::WindowRig rig;
    REQUIRE(rig.open(test::photo("man_38.jpg")));
    SequenceDialog dialog(rig.rig.session);
    double age = -1;
    QObject::connect(&dialog, &SequenceDialog::age_scrubbed, [&](double at) { age = at; });
    dialog.curve().set_curve(test::value(parse_curve("1:20,11:30")));
    dialog.curve().set_head(6);
    CHECK(age == Approx(25));
    const QString line = dialog.command_line();
    CHECK(line.startsWith(QStringLiteral("cradle2cane-cli sequence ")));
    CHECK(line.contains(QStringLiteral("--curve 1:20,11:30")));
    CHECK(line.contains(QStringLiteral("'"))); // #### is a comment in a shell

    auto* names = dialog.findChildren<QLineEdit*>().at(1);
    names->setText(QStringLiteral("no_number.png"));
    QString problem;
    CHECK(dialog.arguments(&problem).isEmpty());
    CHECK_FALSE(problem.isEmpty());
}
