#include "tests/session/screen.h"
#include "tests/session/waiting.h"
#include "ui/session/fill_order.h"

#include <malloc.h>

using namespace c2c;
using namespace c2c::ui;
using test::wait_for;

namespace {

/// Megabytes that are held; none under a sanitizer, which keeps its own books.
double held() {
    const auto info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd) / (1 << 20);
}

} // namespace

// What the screen may never do, checked on every frame shown: go back to an older request, show a draft of
// what was settled, another photo's or another face's picture, or pixels that were not made for the age they
// are said to be.
TEST_CASE("A thousand random events never show a stale frame", "[session][stress]") {
    const unsigned seed = GENERATE(1u, 2u, 3u);
    INFO("seed " << seed);
    auto script = std::make_shared<test::Script>();
    script->faces = 3;
    script->draft_ms = 2;
    script->settle_ms = 3;
    script->measure_ms = 1;
    script->open_ms = 2;
    script->export_ms = 2;
    std::mt19937 random(seed);
    test::TempDir folder;
    const ScreenColor screen = test::value(ScreenColor::create(test::swapped_screen(), "a screen"));

    std::uint64_t last_job = 0;
    Pass last_pass = Pass::Draft;
    int frames = 0, wrong = 0, small = 0;
    std::size_t most_bytes = 0;
    Session session(
        [=]() -> Result<std::unique_ptr<Engine>> { return std::make_unique<test::FakeEngine>(script); },
        {.cache_bytes = 20'000'000, .rest_ms = 4, .idle_ms = 3, .fill = true});
    QObject::connect(&session, &Session::frame_shown, [&](const FramePtr& frame) {
        most_bytes = std::max(most_bytes, session.cache().bytes());
        if (!frame)
            return;
        ++frames;
        const FrameJob& job = frame->job;
        const bool back = job.number < last_job || (job.number == last_job && last_pass == Pass::Settled &&
                                                    frame->pass == Pass::Draft);
        const Rect& outer = frame->rect;
        const Rect& inner = frame->matte_rect;
        const int level = made_level(frame->levels, 0);
        const QRgb pixel = frame->levels[static_cast<std::size_t>(level)].pixel(
            (inner.x + inner.width / 2 - outer.x) >> level, (inner.y + inner.height / 2 - outer.y) >> level);
        QImage expected(1, 1, QImage::Format_RGB32);
        expected.fill(test::FakeEngine::color(job.age, frame->pass, job.look.face));
        small += level > 0;
        const bool other = (pixel != expected.pixel(0, 0) && pixel != screen.shown(expected).pixel(0, 0)) ||
                           job.photo != session.picture()->id || job.look.face != session.look().face;
        wrong += back || other;
        last_job = job.number;
        last_pass = frame->pass;
    });

    session.open("synthetic");
    bool dragging = false;
    double early = 0, late = 0; // the most of events 300 to 500 and of the last 200
    for (int i = 0; i < 1000; ++i) {
        const unsigned dice = random() % 100;
        if (dice < 60) {
            session.set_age(random() % 1001 / 10.0);
        } else if (dice < 68) {
            dragging ? session.end_drag() : session.begin_drag();
            dragging = !dragging;
        } else if (dice < 74) {
            session.undo_stack().undo();
        } else if (dice < 78) {
            session.undo_stack().redo();
        } else if (dice < 82) {
            Look look = session.look();
            look.amount = random() % 4 * .5;
            session.set_look(look, QStringLiteral("Amount"));
        } else if (dice < 87) {
            session.choose_face(random() % 3);
        } else if (dice < 91) {
            session.open(random() % 5 ? "synthetic" + std::to_string(random() % 9) : "garbage");
        } else if (dice < 95) {
            session.cancel();
        } else if (dice < 97) {
            session.load_model({random() % 2 ? "" : "/models/other"});
        } else if (dice < 98) {
            session.set_screen(random() % 2 ? screen : ScreenColor());
            session.set_zoom(random() % 2 ? 1 : .2);
        } else {
            session.export_ages({{random() % 100, folder / "a.jpg"}}, {});
        }
        if (random() % 3 != 0) // at times several events come before anything is answered
            QCoreApplication::processEvents();
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 7));
        if (i >= 300 && i < 500)
            early = std::max(early, held());
        else if (i >= 800)
            late = std::max(late, held());
    }
    if (dragging)
        session.end_drag();
    session.open("synthetic-last");
    REQUIRE(wait_for([&] {
        return session.picture() && session.picture()->info.path == "synthetic-last" && session.settled();
    }));
    REQUIRE(wrong == 0);
    REQUIRE(frames > 50);
    REQUIRE(small > 0); // drafts of a view that was zoomed out
    REQUIRE(most_bytes <= 20'000'000);
    INFO("held " << early << " MB, then " << late << " MB");
    REQUIRE(late < early + 25); // a frame is .3 MB, a photo 1.6: of a hundred kept none would go unseen
    REQUIRE(session.cached(session.age()));
}
