#include "tests/session/waiting.h"
#include "ui/session/watchdog.h"

#include <QTimer>

using namespace c2c;
using namespace c2c::ui;

namespace {

QImage noise(int width, int height) {
    QImage image(width, height, QImage::Format_RGB32);
    std::mt19937 random(7);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            image.setPixel(x, y, 0xff000000 | (random() & 0xffffff));
    return image;
}

FramePtr frame(std::uint64_t look, double age, int side = 100) {
    auto result = std::make_shared<Frame>();
    result->job.look_id = look;
    result->job.age = age;
    result->levels = {QImage(side, side, QImage::Format_RGB32)};
    return result;
}

} // namespace

TEST_CASE("Levels of a pyramid are means of 2x2 pixels", "[pyramid]") {
    QImage image(3, 2, QImage::Format_RGB32);
    image.setPixel(0, 0, qRgb(255, 0, 10));
    image.setPixel(1, 0, qRgb(255, 0, 20));
    image.setPixel(0, 1, qRgb(255, 0, 30));
    image.setPixel(1, 1, qRgb(251, 2, 41));
    image.setPixel(2, 0, qRgb(100, 100, 100));
    image.setPixel(2, 1, qRgb(200, 200, 200));
    const Pyramid levels = make_pyramid(image);
    REQUIRE(levels[1].size() == QSize(2, 1));
    REQUIRE(levels[1].pixel(0, 0) == qRgb(254, 1, 25));
    REQUIRE(levels[1].pixel(1, 0) == qRgb(150, 150, 150)); // the border counts twice
}

TEST_CASE("A part's pyramid lies exactly on the photo's, at every level and at the border", "[pyramid]") {
    const QImage photo = noise(333, 257);
    const Rect rect = GENERATE(Rect{50, 70, 91, 33}, Rect{0, 0, 333, 257}, Rect{300, 200, 33, 57});
    const Rect wide = pyramid_rect(rect, photo.size());
    REQUIRE(wide.x <= rect.x);
    REQUIRE(wide.y + wide.height >= rect.y + rect.height);
    const Pyramid expected = make_pyramid(photo);
    for (int from = 0; from < pyramid_levels; ++from) {
        const Pyramid levels = make_pyramid(part_at_level(photo, wide, from), from);
        REQUIRE(levels.size() == pyramid_levels);
        for (int i = 0; i < pyramid_levels; ++i) {
            const QImage& level = levels[static_cast<std::size_t>(i)];
            REQUIRE(level.isNull() == (i < from));
            if (i >= from)
                REQUIRE(level == expected[static_cast<std::size_t>(i)].copy(wide.x >> i, wide.y >> i,
                                                                            level.width(), level.height()));
        }
    }
}

TEST_CASE("The cache keeps to its budget, the least recently used leaves", "[cache]") {
    FrameCache cache(4 * 40'000);
    for (int age = 10; age < 50; age += 10)
        cache.put(frame(1, age));
    REQUIRE(cache.size() == 4);
    REQUIRE_FALSE(cache.has_room());
    REQUIRE(cache.find(1, 100)); // used: stays
    cache.put(frame(1, 50));
    REQUIRE(cache.contains(1, 100));
    REQUIRE_FALSE(cache.contains(1, 200));
    cache.put(frame(2, 50)); // another look is another frame
    REQUIRE(cache.contains(1, 500));
    REQUIRE(cache.contains(2, 500));
    REQUIRE(cache.bytes() == 4 * 40'000);
    cache.put(frame(1, 50, 10)); // replaced, not counted twice
    REQUIRE(cache.bytes() == 3 * 40'000 + 400);
    cache.put(frame(3, 1, 1000)); // larger than all: alone, but there
    REQUIRE(cache.size() == 1);
}

TEST_CASE("A thumbnail shows the face, also of a face at the border of a small photo", "[frame]") {
    Picture photo;
    photo = make_picture(1, {}, noise(120, 90));
    for (const Box& box : {Box{-10, -10, 60, 60}, Box{80, 60, 50, 50}, Box{0, 0, 120, 120}}) {
        const QRectF square = thumbnail_square(box, {120, 90});
        REQUIRE(QRectF(0, 0, 120, 90).contains(square));
        REQUIRE(square.width() == Approx(square.height()));
        REQUIRE(make_thumbnail(photo, nullptr, box).size() == QSize(thumbnail_size, thumbnail_size));
    }
}

TEST_CASE("The watchdog sees a stall, and not the wait of an inner loop", "[watchdog]") {
    Watchdog& watchdog = Watchdog::instance();
    watchdog.reset();
    QEventLoop loop;
    QTimer::singleShot(0, &loop, [&] {
        QEventLoop inner; // as a menu or a drag has one
        QTimer::singleShot(60, &inner, &QEventLoop::quit);
        inner.exec();
        loop.quit();
    });
    loop.exec();
    REQUIRE(watchdog.worst().milliseconds < 60);
    QTimer::singleShot(0, &loop, [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(70));
        loop.quit();
    });
    loop.exec();
    REQUIRE(watchdog.worst().milliseconds >= 70);
    REQUIRE(watchdog.worst().cpu_milliseconds < watchdog.worst().milliseconds);
    watchdog.reset();
}
