#include "ui/session/screen_color.h"
#include "tests/session/screen.h"
#include "tests/session/waiting.h"

using namespace c2c;
using namespace c2c::ui;
using test::close_to;
using test::on_screen;

TEST_CASE("Pixels are shown in the screen's colours as lcms2 has them, on all threads at once", "[screen]") {
    const QByteArray icc = test::swapped_screen();
    const ScreenColor screen = test::value(ScreenColor::create(icc, "the test's"));
    REQUIRE_FALSE(screen.changes_nothing());
    QImage image(101, 7, QImage::Format_RGB32);
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            image.setPixel(x, y, qRgb(x * 5 % 256, y * 36, 255 - x));
    const QImage before = image.copy();
    QImage shown[2];
    std::thread other([&] { shown[1] = screen.shown(image); });
    shown[0] = screen.shown(image);
    other.join();
    REQUIRE(image == before);
    REQUIRE(shown[0] == shown[1]);
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) {
            INFO(x << ", " << y);
            REQUIRE(qAlpha(shown[0].pixel(x, y)) == 255);
            REQUIRE(close_to(shown[0].pixelColor(x, y), on_screen(icc, image.pixelColor(x, y))));
        }
    const QImage large = image.scaled(701, 903); // in strips, side by side
    const QImage shown_large = screen.shown(large);
    for (const int y : {0, 1, 225, 226, 450, 451, 452, 677, 678, 902})
        REQUIRE(shown_large.copy(0, y, 701, 1) == screen.shown(large.copy(0, y, 701, 1)));
    const QColor red = on_screen(icc, Qt::red); // lights the screen's second lamp
    REQUIRE(red.green() > 240);
    REQUIRE(red.red() < 30);
}

TEST_CASE("Without a profile, and by one that is sRGB, pixels stay as they are", "[screen]") {
    QImage image(9, 5, QImage::Format_RGB32);
    image.fill(qRgb(200, 100, 7));
    REQUIRE(ScreenColor().shown(image).constBits() == std::as_const(image).constBits()); // not even copied
    const cmsHPROFILE srgb = cmsCreate_sRGBProfile();
    cmsUInt32Number size = 0;
    cmsSaveProfileToMem(srgb, nullptr, &size);
    QByteArray bytes(qsizetype(size), 0);
    cmsSaveProfileToMem(srgb, bytes.data(), &size);
    cmsCloseProfile(srgb);
    REQUIRE(test::value(ScreenColor::create(bytes, "sRGB")).changes_nothing());
    const auto refused = ScreenColor::create("no profile", "/tmp/x.icc");
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().text.find("/tmp/x.icc") != std::string::npos);
}

TEST_CASE("Another screen makes photo, frames and thumbnails anew, what is copied stays sRGB", "[screen]") {
    test::Rig rig;
    REQUIRE(rig.open());
    const QImage photo = rig.session.picture()->srgb;
    const QColor aged = test::FakeEngine::color(rig.session.age(), Pass::Settled, 0);
    const QByteArray icc = test::swapped_screen();
    bool recolored = false;
    QObject::connect(&rig.session, &Session::photo_recolored, [&] { recolored = true; });
    rig.session.set_screen(ScreenColor()); // nothing to do
    rig.shown.clear();
    rig.session.set_screen(test::value(ScreenColor::create(icc, "the test's")));
    REQUIRE(test::wait_for([&] { return recolored && !rig.shown.empty() && rig.session.settled(); }));
    const Picture& picture = *rig.session.picture();
    REQUIRE(picture.srgb == photo);
    for (const QImage& level : picture.levels)
        REQUIRE(close_to(level.pixelColor(0, 0), on_screen(icc, photo.pixelColor(0, 0))));
    const Frame& frame = *rig.session.shown();
    const QPoint inside(frame.matte_rect.x - frame.rect.x + 5, frame.matte_rect.y - frame.rect.y + 5);
    REQUIRE(frame.srgb.pixelColor(inside) == aged);
    REQUIRE(close_to(frame.levels[0].pixelColor(inside), on_screen(icc, aged)));
    REQUIRE(close_to(frame.thumbnail.pixelColor(80, 80), on_screen(icc, aged)));
    REQUIRE(close_to(rig.session.original_thumbnail().pixelColor(80, 80),
                     on_screen(icc, photo.pixelColor(0, 0))));
    REQUIRE(rig.open("synthetic_next.png")); // and what is opened later
    REQUIRE(
        close_to(rig.session.picture()->levels[1].pixelColor(0, 0), on_screen(icc, photo.pixelColor(0, 0))));
    rig.session.set_screen({});
    REQUIRE(test::wait_for([&] { return rig.session.picture()->levels[0] == photo; }));
    REQUIRE(rig.session.picture()->levels[0].constBits() ==
            rig.session.picture()->srgb.constBits()); // one copy
}
