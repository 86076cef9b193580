// Drives the real session as a hand would and prints medians: bench_session [PHOTO]. No limits are asserted
// here; the figures depend on the machine.
#include "tests/session/waiting.h"
#include "ui/engine/studio_engine.h"
#include "ui/session/watchdog.h"
#include "ui/widgets/canvas.h"
#include "ui/widgets/theme.h"

#include <QApplication>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace c2c;
using namespace c2c::ui;

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
    if (values.empty())
        return 0;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
    setenv("QT_QPA_PLATFORM", "offscreen", 0);
    Watched<QApplication> application(argc, argv);
    apply_theme(application, Theme::Dark);
    Session session([]() -> Result<std::unique_ptr<Engine>> { return make_studio_engine(); },
                    {.fill = false});
    Canvas canvas;
    canvas.resize(1200, 800);
    canvas.show();
    QObject::connect(&session, &Session::photo_changed, &canvas,
                     [&] { canvas.set_picture(session.picture()); });
    QObject::connect(&session, &Session::frame_shown, &canvas,
                     [&](const FramePtr& frame) { canvas.set_frame(frame); });
    QObject::connect(&session, &Session::failed, &canvas, [](const Failure& failure) {
        std::fprintf(stderr, "%s\n", failure.error.text.c_str());
        std::exit(1);
    });
    Watchdog::instance().enable(true);

    const std::filesystem::path photo =
        argc > 1 ? std::filesystem::path(argv[1]) : test::photo("man_28_1800px.jpg");
    Clock::time_point start = Clock::now();
    session.open(photo);
    test::wait_for([&] { return session.picture() != nullptr; }, 600'000);
    std::printf("photo visible    %7.0f ms\n", since(start));
    test::wait_for([&] { return session.shown() != nullptr; }, 600'000);
    std::printf("first draft      %7.0f ms (cold: the model is loaded meanwhile)\n", since(start));
    test::wait_for([&] { return session.settled(); }, 600'000);
    std::printf("first settled    %7.0f ms\n", since(start));

    std::vector<double> drafts, settled, cached;
    for (const double age : {22, 31, 47, 53, 64, 79, 81, 90}) {
        const std::uint64_t before = session.shown()->job.number;
        start = Clock::now();
        session.set_age(age);
        test::wait_for([&] { return session.shown()->job.number > before; }, 600'000);
        drafts.push_back(since(start));
        test::wait_for([&] { return session.settled(); }, 600'000);
        settled.push_back(since(start));
        test::wait_for([&] { return session.shown()->meters.has_value(); }, 600'000);
    }
    std::printf("draft            %7.0f ms (median of %zu)\n", median(drafts), drafts.size());
    std::printf("settled          %7.0f ms after the age was asked for\n", median(settled));
    for (const double age : {22, 31, 47, 53, 64, 79, 81, 90}) {
        start = Clock::now();
        session.set_age(age);
        canvas.repaint();
        cached.push_back(since(start));
    }
    std::printf("cached age       %7.1f ms to the painted canvas\n", median(cached));

    int shown = 0;
    QObject::connect(&session, &Session::frame_shown, &canvas, [&](const FramePtr&) { ++shown; });
    Watchdog::instance().reset();
    start = Clock::now();
    session.begin_drag();
    for (int i = 0; since(start) < 5000; ++i) {
        session.set_age(40.05 + i % 300 * .1);
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
        std::this_thread::sleep_for(std::chrono::milliseconds(8));
    }
    std::printf("drafts a second  %7.1f while the hand moves\n", shown / (since(start) / 1000));
    session.end_drag();
    const Watchdog::Stall& worst = Watchdog::instance().worst();
    std::printf("worst stall      %7.1f ms (%.1f ms of work) in %s\n", worst.milliseconds,
                worst.cpu_milliseconds, worst.what.c_str());
    return 0;
}
