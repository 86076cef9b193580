#pragma once

#include "ui/session/session.h"

#include <QMimeData>
#include <QString>

#include <filesystem>
#include <functional>
#include <set>
#include <vector>

class QObject;

namespace c2c::ui {

std::filesystem::path path_of(const QString& text);
QString text_of(const std::filesystem::path& path);

/// Suffixes of what may be a photo (the reader looks at the content), without their dots.
const QStringList& photo_suffixes();
bool may_be_photo(const std::filesystem::path& file);

/// The photos among files and folders (not deeper), in the order of a file manager.
std::vector<std::filesystem::path> photos_in(const std::vector<std::filesystem::path>& dropped);

/// What was dropped or pasted, as local files.
std::vector<std::filesystem::path> files_of(const QMimeData& data);

/// Where we keep files that may be lost; "pasted" and "dragged" in it are what the window leaves there.
std::filesystem::path cache_folder();
bool is_cached(const std::filesystem::path& file);

/// Removes what the window left in the cache before `then`, but for what `keep` names.
void clean_cache(const std::filesystem::path& cache, const std::set<std::filesystem::path>& keep,
                 std::filesystem::file_time_type then);

/// Writes a session, and beside it its photo where that lies in our cache, which is no place to keep one.
Result<void> keep_session(SessionFile session, const std::filesystem::path& file);

/// Where pictures made of a photo are proposed to go: beside it, but not into our cache (a pasted photo) nor
/// where nothing can be written (the sample).
std::filesystem::path folder_beside(const std::filesystem::path& photo);

/// The photo with the aged face, in sRGB.
QImage composed(const Picture& picture, const Frame* frame);

/// Runs `work` on a thread of the pool and `done` with its result in `context`'s thread, if that still lives.
template <class Work, class Done> void in_background(QObject* context, Work work, Done done);

} // namespace c2c::ui

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

namespace c2c::ui {

template <class Work, class Done> void in_background(QObject* context, Work work, Done done) {
    QThreadPool::globalInstance()->start(
        [guard = QPointer<QObject>(context), work = std::move(work), done = std::move(done)] {
            auto result = work();
            QMetaObject::invokeMethod(
                QCoreApplication::instance(),
                [guard, done, result = std::move(result)] {
                    if (guard)
                        done(result);
                },
                Qt::QueuedConnection);
        });
}

} // namespace c2c::ui
