// Exports, and what waits until they are done.
#include "ui/session/fill_order.h"
#include "ui/session/session.h"

#include <QDateTime>

namespace c2c::ui {
namespace fs = std::filesystem;

int Session::export_ages(const std::vector<std::pair<double, fs::path>>& ages, const ExportOptions& options) {
    const int batch = export_.batch + 1;
    export_ = {.batch = batch, .total = static_cast<int>(ages.size())};
    export_started_ = QDateTime::currentMSecsSinceEpoch();
    std::vector<ExportJob> jobs;
    for (const auto& [age, target] : ages)
        jobs.push_back({batch, edit_.look, rounded(age), target, options});
    inference_.enqueue(std::move(jobs));
    exported_ = edit_;
    emit export_changed();
    return batch;
}

void Session::export_step(bool ok) {
    ok ? ++export_.done : ++export_.failed;
    const double seconds = static_cast<double>(QDateTime::currentMSecsSinceEpoch() - export_started_) / 1000;
    const int finished = export_.done + export_.failed;
    export_.seconds_left = seconds / finished * (export_.total - finished);
    if (!export_.running() && export_.failed == 0)
        saved_ = exported_; // what is on the disk need not be kept as a session too
    emit export_changed();
    run_deferred();
}

void Session::cancel_export() {
    inference_.cancel_exports();
    export_.total = export_.done + export_.failed;
    ++export_.batch; // what still comes of it is not counted
    emit export_changed();
    run_deferred();
}

/// The engine has one photo and one model, which the pictures being written still need.
bool Session::defer(Task task, std::function<void()> act) {
    if (!export_.running())
        return false;
    deferred_[task] = std::move(act);
    emit deferred(task);
    return true;
}

void Session::run_deferred() {
    if (export_.running())
        return;
    for (const auto& [task, act] : std::exchange(deferred_, {}))
        act();
}

} // namespace c2c::ui
