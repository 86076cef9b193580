#include "ui/session/watchdog.h"

#include "core/base/log.h"

#include <QMetaEnum>

#include <ctime>

namespace c2c::ui {

Watchdog& Watchdog::instance() {
    static Watchdog watchdog; // of the GUI thread alone
    return watchdog;
}

void Watchdog::reset() {
    worst_ = {};
    over_ = 0;
}

double Watchdog::cpu_ms() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

void Watchdog::handled(const std::string& receiver, int event, double wall_ms, double cpu) {
    if (wall_ms > 8)
        ++over_;
    if (wall_ms <= worst_.milliseconds)
        return;
    const char* name = QMetaEnum::fromType<QEvent::Type>().valueToKey(event);
    worst_ = {wall_ms, cpu, fmt::format("{} {}", receiver, name ? name : "user event")};
    if (wall_ms > 8)
        log_debug("The window stood still for {:.1f} ms ({:.1f} ms of work) in {}", wall_ms, cpu,
                  worst_.what);
}

void Watchdog::log_worst() const {
    log_info("Worst stall of the window: {:.1f} ms ({:.1f} ms of work) in {}; {} over 8 ms",
             worst_.milliseconds, worst_.cpu_milliseconds, worst_.what, over_);
}

} // namespace c2c::ui
