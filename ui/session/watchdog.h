#pragma once

#include <QEvent>
#include <QObject>
#include <QThread>

#include <chrono>
#include <string>

namespace c2c::ui {

/// How long single events kept the GUI thread from the next one.
class Watchdog {
  public:
    struct Stall {
        double milliseconds = 0, cpu_milliseconds = 0; ///< wall time, and what of it this thread really ran
        std::string what;                              ///< receiver's class and the event
    };
    static Watchdog& instance();

    void enable(bool on) { enabled_ = on; }
    bool enabled() const { return enabled_; }
    const Stall& worst() const { return worst_; }
    int over_8ms() const { return over_; }
    void reset();
    void log_worst() const;

    void handled(const std::string& receiver, int event, double wall_ms, double cpu_ms);
    static double cpu_ms();

  private:
    bool enabled_ = false;
    Stall worst_;
    int over_ = 0;
};

/// An application that times each event of its thread: Watched<QApplication>. An event in which an inner loop
/// ran (a menu, a drag) is not counted itself, the inner loop's events are.
template <class Application> class Watched : public Application {
  public:
    using Application::Application;

    bool notify(QObject* receiver, QEvent* event) override {
        Watchdog& watchdog = Watchdog::instance();
        if (!watchdog.enabled() || QThread::currentThread() != this->thread())
            return Application::notify(receiver, event);
        const int level = this->thread()->loopLevel();
        if (level == level_) // sent from inside an event that is being timed already
            return Application::notify(receiver, event);
        const int outer = level_;
        level_ = level;
        inner_ran_ = false;
        const int type = event->type(); // and the name: the receiver may delete itself meanwhile
        const char* const name = receiver->metaObject()->className();
        const auto start = std::chrono::steady_clock::now();
        const double cpu = Watchdog::cpu_ms();
        const bool result = Application::notify(receiver, event);
        const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
        if (!inner_ran_)
            watchdog.handled(name, type, wall.count(), Watchdog::cpu_ms() - cpu);
        level_ = outer;
        inner_ran_ = true;
        return result;
    }

  private:
    int level_ = -1;
    bool inner_ran_ = false;
};

} // namespace c2c::ui
