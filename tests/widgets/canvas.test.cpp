#include "ui/widgets/canvas.h"
#include "tests/widgets/rig.h"

#include <QNativeGestureEvent>
#include <QPointingDevice>
#include <QWheelEvent>

using namespace c2c;
using namespace c2c::ui;

namespace {

/// A photo of one colour with a patch of another on its face.
struct Pair {
    PicturePtr picture;
    FramePtr frame;
};

Pair pair(int width, int height, Rect face, QColor photo, QColor aged, int level = 0) {
    QImage image(width, height, QImage::Format_RGB32);
    image.fill(photo);
    const auto picture = std::make_shared<Picture>(make_picture(1, {}, image));
    Region region;
    region.pass = level == 0 ? Pass::Settled : Pass::Draft;
    region.level = level;
    region.rect = pyramid_rect(face, image.size());
    QImage whole = part_at_level(image, region.rect, 0);
    QPainter(&whole).fillRect(face.x - region.rect.x, face.y - region.rect.y, face.width, face.height, aged);
    region.pixels = make_pyramid(whole)[static_cast<std::size_t>(level)];
    region.matte_rect = face;
    region.matte = QImage(face.width, face.height, QImage::Format_Grayscale8);
    region.matte.fill(255);
    FrameJob job;
    job.face = {double(face.x), double(face.y), double(face.width), double(face.height)};
    auto frame = std::make_shared<Frame>(make_frame(*picture, job, std::move(region)));
    return {picture, frame};
}

QColor at(Canvas& canvas, QPointF photo) {
    const QImage shot = canvas.grab().toImage();
    return shot.pixelColor((canvas.viewport().to_view(photo) * shot.devicePixelRatio()).toPoint());
}

} // namespace

TEST_CASE("The aged face is drawn on the photo at every zoom, exactly where it belongs", "[canvas]") {
    Canvas canvas;
    canvas.resize(800, 600);
    const int level = GENERATE(0, 3); // zoomed in, a draft made for less is shown as it is
    const Pair p = pair(3000, 2000, {1000, 500, 640, 640}, Qt::gray, Qt::red, level);
    canvas.set_picture(p.picture);
    canvas.set_frame(p.frame);
    for (int step = 0; step < 12; ++step) {
        INFO("zoom " << canvas.zoom());
        const QRectF visible = canvas.viewport().to_photo(QRectF(canvas.rect()));
        for (const QPointF place : {QPointF(1320, 820), QPointF(1012, 512), QPointF(1628, 1128)})
            if (visible.contains(place))
                REQUIRE(at(canvas, place) == QColor(Qt::red));
        for (const QPointF place : {QPointF(985, 820), QPointF(1655, 820), QPointF(1320, 485)})
            if (visible.contains(place))
                REQUIRE(at(canvas, place) == QColor(Qt::gray));
        canvas.zoom_in();
    }
}

TEST_CASE("A new frame is drawn without drawing the photo anew, and the original comes back", "[canvas]") {
    Canvas canvas;
    canvas.resize(800, 600);
    const Pair red = pair(1000, 800, {300, 200, 300, 300}, Qt::gray, Qt::red);
    const Pair blue = pair(1000, 800, {300, 200, 300, 300}, Qt::gray, Qt::blue);
    canvas.set_picture(red.picture);
    canvas.set_frame(red.frame);
    REQUIRE(at(canvas, {450, 350}) == QColor(Qt::red));
    canvas.set_frame(blue.frame);
    REQUIRE(at(canvas, {450, 350}) == QColor(Qt::blue));
    canvas.hold_original(true);
    REQUIRE(at(canvas, {450, 350}) == QColor(Qt::gray));
    canvas.hold_original(false);
    REQUIRE(at(canvas, {450, 350}) == QColor(Qt::blue));
    canvas.set_frame(nullptr);
    REQUIRE(at(canvas, {450, 350}) == QColor(Qt::gray));
}

TEST_CASE("The wipe shows A to its left and B to its right, and can be dragged", "[canvas]") {
    Canvas canvas;
    canvas.resize(800, 600);
    canvas.show();
    const Pair b = pair(1000, 800, {200, 200, 600, 400}, Qt::gray, Qt::red);
    const Pair a = pair(1000, 800, {200, 200, 600, 400}, Qt::gray, Qt::green);
    canvas.set_picture(b.picture);
    canvas.set_frame(b.frame);
    canvas.set_compare(Compare::Wipe);
    REQUIRE(at(canvas, {350, 400}) == QColor(Qt::gray)); // the original
    REQUIRE(at(canvas, {650, 400}) == QColor(Qt::red));
    canvas.set_frame_a(a.frame, QStringLiteral("A"));
    REQUIRE(at(canvas, {350, 400}) == QColor(Qt::green));
    const QPoint line = canvas.viewport().to_view(QPointF(500, 400)).toPoint();
    const QPoint target = canvas.viewport().to_view(QPointF(700, 400)).toPoint();
    QTest::mousePress(&canvas, Qt::LeftButton, {}, line);
    QTest::mouseMove(&canvas, target);
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, target);
    REQUIRE(at(canvas, {600, 400}) == QColor(Qt::green));
    REQUIRE(at(canvas, {780, 400}) == QColor(Qt::red));
}

TEST_CASE("Side by side both sides show the same place at the same zoom", "[canvas]") {
    Canvas canvas;
    canvas.resize(806, 600);
    const Pair p = pair(1000, 800, {300, 200, 300, 300}, Qt::gray, Qt::red);
    canvas.set_picture(p.picture);
    canvas.set_frame(p.frame);
    canvas.set_compare(Compare::Side);
    canvas.zoom_in();
    const QPointF place = canvas.viewport().to_view(QPointF(450, 350));
    const QImage shot = canvas.grab().toImage();
    REQUIRE(shot.pixelColor(place.toPoint()) == QColor(Qt::gray));
    REQUIRE(shot.pixelColor((place + canvas.picture_area(1).topLeft()).toPoint()) == QColor(Qt::red));
}

TEST_CASE("A click on another face chooses it, a drag moves the photo", "[canvas]") {
    Canvas canvas;
    canvas.resize(800, 600);
    canvas.show();
    const Pair p = pair(2000, 1000, {100, 100, 300, 300}, Qt::gray, Qt::red);
    canvas.set_picture(p.picture);
    std::vector<FaceEstimate> faces(2);
    faces[0].face.box = {100, 100, 300, 300};
    faces[1].face.box = {1200, 300, 300, 300};
    canvas.set_faces(faces, 0);
    std::vector<std::size_t> chosen;
    QObject::connect(&canvas, &Canvas::face_chosen, [&](std::size_t face) { chosen.push_back(face); });
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.viewport().to_view(QPointF(1350, 450)).toPoint());
    REQUIRE(chosen == std::vector<std::size_t>{1});
    canvas.actual_size();
    const QPointF before = canvas.viewport().offset;
    QTest::mousePress(&canvas, Qt::LeftButton, {}, {400, 300});
    QTest::mouseMove(&canvas, {350, 280});
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, {350, 280});
    REQUIRE(canvas.viewport().offset != before);
    REQUIRE(chosen.size() == 1);
}

TEST_CASE("A stroke of the brush is told in photo pixels", "[canvas]") {
    Canvas canvas;
    canvas.resize(800, 600);
    canvas.show();
    const Pair p = pair(4000, 3000, {1000, 1000, 600, 600}, Qt::gray, Qt::red);
    canvas.set_picture(p.picture);
    canvas.set_brush(Brush{20, .5, false});
    std::optional<Stroke> painted;
    QObject::connect(&canvas, &Canvas::stroke_painted, [&](const Stroke& stroke) { painted = stroke; });
    const QPoint from = canvas.viewport().to_view(QPointF(1500, 1500)).toPoint();
    QTest::mousePress(&canvas, Qt::LeftButton, {}, from);
    QTest::mouseMove(&canvas, from + QPoint(30, 0));
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, from + QPoint(30, 0));
    REQUIRE(painted.has_value());
    REQUIRE(painted->points.size() == 2);
    REQUIRE(painted->points[0][0] == Approx(1500).margin(6));
    REQUIRE(painted->radius == Approx(20 / canvas.viewport().scale));
    // The stroke shows on the photo while it is painted.
    REQUIRE(at(canvas, {1530, 1500}).red() > at(canvas, {3000, 2500}).red());
}

TEST_CASE("Two fingers zoom, on a touchpad and on a touch screen, and the wheel zooms at the pointer",
          "[canvas]") {
    Canvas canvas;
    canvas.resize(800, 600);
    canvas.show();
    const Pair p = pair(3000, 2000, {1000, 500, 640, 640}, Qt::gray, Qt::red);
    canvas.set_picture(p.picture);
    const QPointF at(500, 320);
    const QPointF under = canvas.viewport().to_photo(at);
    const auto stays = [&] { return (canvas.viewport().to_photo(at) - under).manhattanLength() < 2; };
    double before = canvas.zoom();
    QWheelEvent wheel(at, canvas.mapToGlobal(at), {}, {0, 240}, {}, {}, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&canvas, &wheel);
    REQUIRE(canvas.zoom() > 1.3 * before);
    REQUIRE(stays());

    before = canvas.zoom();
    QNativeGestureEvent pad(Qt::ZoomNativeGesture, QPointingDevice::primaryPointingDevice(), 2, at, at,
                            canvas.mapToGlobal(at), .5, {});
    QApplication::sendEvent(&canvas, &pad);
    REQUIRE(canvas.zoom() == Approx(1.5 * before));
    REQUIRE(stays());

    before = canvas.zoom();
    QPointingDevice* screen = QTest::createTouchDevice();
    const auto fingers = [&](int apart) {
        return std::pair(QPoint(400 - apart, 300), QPoint(400 + apart, 300));
    };
    QTest::touchEvent(&canvas, screen)
        .press(0, fingers(50).first, &canvas)
        .press(1, fingers(50).second, &canvas);
    for (int apart = 60; apart <= 100; apart += 10)
        QTest::touchEvent(&canvas, screen)
            .move(0, fingers(apart).first, &canvas)
            .move(1, fingers(apart).second, &canvas);
    QTest::touchEvent(&canvas, screen)
        .release(0, fingers(100).first, &canvas)
        .release(1, fingers(100).second, &canvas);
    REQUIRE(canvas.zoom() == Approx(2 * before)); // they are twice as far apart
    const QPointF offset = canvas.viewport().offset;
    QTest::touchEvent(&canvas, screen).press(0, {400, 300}, &canvas); // one finger moves the photo
    QTest::touchEvent(&canvas, screen).move(0, {360, 270}, &canvas);
    QTest::touchEvent(&canvas, screen).release(0, {360, 270}, &canvas);
    REQUIRE(canvas.viewport().offset == offset - QPointF(40, 30));
}
