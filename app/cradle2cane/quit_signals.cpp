#include "app/cradle2cane/quit_signals.h"

#include <QSocketNotifier>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace c2c {
namespace {

int write_end = -1;

extern "C" void tell_loop(int) {
    const int before = errno;
    const char one = 1;
    [[maybe_unused]] const auto sent = write(write_end, &one, 1);
    errno = before;
}

} // namespace

void on_quit_signal(QObject* context, const std::function<void()>& quit) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return;
    write_end = ends[1];
    auto* notifier = new QSocketNotifier(ends[0], QSocketNotifier::Read, context);
    QObject::connect(notifier, &QSocketNotifier::activated, context, [from = ends[0], quit] {
        char which = 0;
        while (read(from, &which, 1) == 1) {
        }
        quit();
    });
    struct sigaction action = {};
    action.sa_handler = tell_loop;
    action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        sigaction(number, &action, nullptr);
}

} // namespace c2c
