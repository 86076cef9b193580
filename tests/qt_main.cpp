// The main of tests that need Qt: no screen, and the watchdog of the event loop on.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "ui/session/watchdog.h"

#include <cstdlib>
#ifdef C2C_WIDGET_TESTS
#include <QApplication>
using Application = QApplication;
#else
#include <QGuiApplication>
using Application = QGuiApplication;
#endif

int main(int argc, char** argv) {
    setenv("QT_QPA_PLATFORM", "offscreen", 0);
    if (!std::getenv("XDG_RUNTIME_DIR"))
        setenv("XDG_RUNTIME_DIR", "/tmp", 1);
    c2c::ui::Watched<Application> application(argc, argv);
    c2c::ui::Watchdog::instance().enable(true);
    const int failures = Catch::Session().run(argc, argv);
    if (c2c::ui::Watchdog::instance().over_8ms() > 0)
        c2c::ui::Watchdog::instance().log_worst();
    return failures;
}
