#include "ui/widgets/curve_panel.h"
#include "tests/widgets/rig.h"

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

TEST_CASE("a graph over given frames shows them all, and its first key moves too") {
    CurvePanel panel;
    panel.resize(600, 300);
    panel.set_curve(test::value(parse_curve("1010:20,1020:30")));
    panel.set_range(std::pair(1001.0, 1100.0));
    const double width = panel.point_of(1100, 0).x() - panel.point_of(1001, 0).x();
    CHECK(width > 400);
    const QPointF from = panel.point_of(1010, 20), to = panel.point_of(1005, 40);
    QTest::mousePress(&panel, Qt::LeftButton, {}, from.toPoint());
    QMouseEvent move(QEvent::MouseMove, to, panel.mapToGlobal(to), Qt::LeftButton, Qt::LeftButton, {});
    QCoreApplication::sendEvent(&panel, &move);
    CHECK(panel.curve().keys[0].frame == Approx(1005).margin(1));
    CHECK(panel.point_of(1100, 0).x() - panel.point_of(1001, 0).x() == Approx(width));
}
