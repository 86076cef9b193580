#include "ui/session/recovery.h"

#include "core/base/log.h"

#include <QDir>
#include <QFile>
#include <QStandardPaths>
#include <QThreadPool>
#include <QUuid>

#include <algorithm>
#include <mutex>

namespace c2c::ui {
namespace fs = std::filesystem;

namespace {

constexpr const char* kept_prefix = "kept_";

QString text(const fs::path& path) {
    return QFile::decodeName(path.c_str());
}

fs::path lock_of(fs::path session) {
    return session.replace_extension(".lock");
}

} // namespace

/// Shared with the pool's threads, which may outlive the Recovery by a moment.
struct Recovery::Writer {
    fs::path file;
    std::mutex mutex;
    std::optional<SessionFile> waiting;
    bool scheduled = false, closed = false;
    QThreadPool pool;

    void write() {
        for (;;) {
            SessionFile session;
            {
                const std::lock_guard lock(mutex);
                if (!waiting || closed) {
                    scheduled = false;
                    return;
                }
                session = *std::exchange(waiting, std::nullopt);
            }
            if (const auto written = write_session(session, file); !written)
                log_warning("Autosave: {}", written.error().text);
        }
    }
};

fs::path Recovery::default_folder() {
    // Qt 6.4 knows no state folder, so the rule of the XDG base directories is followed by hand.
    QString state = qEnvironmentVariable("XDG_STATE_HOME");
    if (state.isEmpty())
        state = QDir::homePath() + QStringLiteral("/.local/state");
    return fs::path(QFile::encodeName(state).toStdString()) / "cradle2cane" / "recovery";
}

Recovery::Recovery(fs::path folder) : folder_(std::move(folder)), writer_(std::make_shared<Writer>()) {
    std::error_code ignored; // a folder that cannot be made shows as a failed save in the log
    fs::create_directories(folder_, ignored);
    file_ = folder_ / (QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString() + ".c2c");
    writer_->file = file_;
    writer_->pool.setMaxThreadCount(1);
    lock_ = std::make_unique<QLockFile>(text(lock_of(file_)));
    lock_->setStaleLockTime(0); // only the death of the process makes it stale
    lock_->tryLock();
}

Recovery::~Recovery() {
    {
        const std::lock_guard lock(writer_->mutex);
        writer_->closed = true;
    }
    writer_->pool.waitForDone();
    std::error_code ignored;
    fs::remove(file_, ignored);
}

std::vector<Recovery::Found> Recovery::found() const {
    std::vector<std::pair<fs::file_time_type, Found>> dated;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
        const fs::path file = entry.path();
        if (file.extension() != ".c2c" || file == file_)
            continue;
        QLockFile lock(text(lock_of(file)));
        lock.setStaleLockTime(0);
        if (!lock.tryLock()) // its program is alive
            continue;
        lock.unlock();
        if (auto session = read_session(file))
            dated.push_back({entry.last_write_time(ignored),
                             {file, *std::move(session), file.filename().string().starts_with(kept_prefix)}});
        else
            fs::remove(file, ignored);
    }
    std::sort(dated.begin(), dated.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<Found> found;
    for (auto& [time, item] : dated)
        found.push_back(std::move(item));
    return found;
}

std::set<fs::path> Recovery::photos() const {
    std::set<fs::path> photos;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_, ignored))
        if (entry.path().extension() == ".c2c")
            if (const auto session = read_session(entry.path()))
                photos.insert(session->photo);
    return photos;
}

void Recovery::discard(const Found& found) {
    std::error_code ignored;
    fs::remove(found.file, ignored);
}

void Recovery::save(const SessionFile& session) {
    const std::lock_guard lock(writer_->mutex);
    writer_->waiting = session;
    if (!std::exchange(writer_->scheduled, true))
        writer_->pool.start([writer = writer_.get()] { writer->write(); });
}

Result<void> Recovery::keep(const SessionFile& session) const {
    const std::size_t hash = std::hash<std::string>{}(session.photo.string());
    return write_session(session, folder_ / fmt::format("{}{:016x}.c2c", kept_prefix, hash));
}

void Recovery::wait() const {
    writer_->pool.waitForDone();
}

} // namespace c2c::ui
