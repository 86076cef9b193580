#pragma once

#include <functional>

class QObject;

namespace c2c {

/// SIGTERM, SIGINT and SIGHUP (a log-out, Ctrl-C, a closed terminal) call `quit` in the event loop instead of
/// ending the process in the middle of anything; a second one of a kind ends it at once. (Handlers and a
/// pipe: blocking the signals does not reach the threads that libraries start before main.)
void on_quit_signal(QObject* context, const std::function<void()>& quit);

} // namespace c2c
