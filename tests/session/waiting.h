#pragma once

#include "tests/session/fake_engine.h"
#include "tests/support.h"
#include "ui/session/session.h"

#include <QCoreApplication>
#include <QElapsedTimer>

#include <functional>

namespace c2c::test {

/// Runs the event loop until `done`; the limit only ends a test that hangs.
inline bool wait_for(const std::function<bool()>& done, int limit_ms = 20'000) {
    QElapsedTimer timer;
    timer.start();
    while (!done()) {
        if (timer.elapsed() > limit_ms)
            return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return true;
}

/// A session on a fake engine, and what it showed.
struct Rig {
    std::shared_ptr<Script> script;
    ui::Session session;
    std::vector<ui::FramePtr> shown;
    std::vector<ui::Failure> failures;

    explicit Rig(ui::Session::Options options = {.rest_ms = 30, .idle_ms = 10, .fill = false},
                 std::shared_ptr<Script> the_script = std::make_shared<Script>())
        : script(std::move(the_script)), session(
                                             [s = script]() -> Result<std::unique_ptr<ui::Engine>> {
                                                 return std::make_unique<FakeEngine>(s);
                                             },
                                             options) {
        QObject::connect(&session, &ui::Session::frame_shown, [this](const ui::FramePtr& frame) {
            if (frame)
                shown.push_back(frame);
        });
        QObject::connect(&session, &ui::Session::failed,
                         [this](const ui::Failure& failure) { failures.push_back(failure); });
    }
    bool open(const std::string& name = "synthetic.png") {
        session.open(name);
        return wait_for([&] {
            const bool there =
                name.ends_with(".c2c") || (session.picture() && session.picture()->info.path == name);
            return there && session.settled();
        });
    }
};

} // namespace c2c::test
