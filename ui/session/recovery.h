#pragma once

#include "core/replay/session_file.h"

#include <QLockFile>
#include <QObject>

#include <memory>
#include <set>

namespace c2c::ui {

/// What was being worked on, kept while the program runs and gone when it ends well. Files live in
/// $XDG_STATE_HOME/cradle2cane/recovery, one a running program, each with a lock that dies with its process.
class Recovery {
  public:
    explicit Recovery(std::filesystem::path folder = default_folder());
    ~Recovery(); ///< a good end: removes our file

    struct Found {
        std::filesystem::path file;
        SessionFile session;
        bool kept = false; ///< by keep(); else its program was killed
    };
    /// Sessions whose program is no longer there, newest first; damaged files are removed.
    std::vector<Found> found() const;
    static void discard(const Found& found);
    /// That a session here works on, those of programs that run too.
    std::set<std::filesystem::path> photos() const;

    /// Written on a thread of the pool; a newer call replaces one that has not begun.
    void save(const SessionFile& session);
    void wait() const; ///< until what was saved is on the disk

    /// What the program is closed with; offered at the next start. One a photo, the newer replaces the older.
    Result<void> keep(const SessionFile& session) const;

    static std::filesystem::path default_folder();

  private:
    struct Writer;
    std::filesystem::path folder_, file_;
    std::unique_ptr<QLockFile> lock_;
    std::shared_ptr<Writer> writer_;
};

} // namespace c2c::ui
