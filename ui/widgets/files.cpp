#include "ui/widgets/files.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QPainter>
#include <QStandardPaths>
#include <QUrl>

#include <algorithm>

namespace c2c::ui {
namespace fs = std::filesystem;

fs::path path_of(const QString& text) {
    return fs::path(QFile::encodeName(text).toStdString());
}

QString text_of(const fs::path& path) {
    return QFile::decodeName(path.c_str());
}

const QStringList& photo_suffixes() {
    static const QStringList suffixes =
        QStringLiteral("jpg jpeg png tif tiff webp exr heic heif avif bmp dng cr2 cr3 nef arw raf orf rw2")
            .split(QLatin1Char(' '));
    return suffixes;
}

bool may_be_photo(const fs::path& file) {
    return photo_suffixes().contains(text_of(file.extension()).mid(1).toLower());
}

fs::path cache_folder() {
    return path_of(QStandardPaths::writableLocation(QStandardPaths::CacheLocation));
}

bool is_cached(const fs::path& file) {
    return text_of(file).startsWith(text_of(cache_folder()) + QLatin1Char('/'));
}

void clean_cache(const fs::path& cache, const std::set<fs::path>& keep, fs::file_time_type then) {
    std::error_code ignored; // what cannot be removed now may be the next time
    for (const char* folder : {"dragged", "pasted"})
        for (const auto& entry : fs::directory_iterator(cache / folder, ignored))
            if (entry.is_regular_file(ignored) && entry.last_write_time(ignored) < then &&
                !keep.contains(entry.path()))
                fs::remove(entry.path(), ignored);
}

Result<void> keep_session(SessionFile session, const fs::path& file) {
    if (is_cached(session.photo)) {
        const fs::path beside = file.parent_path() / session.photo.filename();
        std::error_code error;
        fs::copy_file(session.photo, beside, fs::copy_options::skip_existing, error);
        if (error)
            return fail(ErrorKind::Output, "{} cannot be written: {}.", beside.string(), error.message());
        session.photo = beside;
    }
    return write_session(session, file);
}

fs::path folder_beside(const fs::path& photo) {
    const QString folder = text_of(photo.parent_path());
    if (!is_cached(photo) && QFileInfo(folder).isWritable())
        return photo.parent_path();
    const QString pictures = QStandardPaths::writableLocation(QStandardPaths::PicturesLocation);
    return path_of(QFileInfo(pictures).isDir() ? pictures : QDir::homePath());
}

namespace {

/// A name with its numbers padded, so that img2 comes before img10. (QCollator does so only where Qt has ICU
/// and the locale is not C.)
QString natural_key(const QString& name) {
    QString key, digits;
    const auto flush = [&] {
        key += digits.rightJustified(digits.isEmpty() ? 0 : 20, QLatin1Char('0'));
        digits.clear();
    };
    for (const QChar c : name.toCaseFolded()) {
        if (c.isDigit()) {
            digits += c;
            continue;
        }
        flush();
        key += c;
    }
    flush();
    return key;
}

} // namespace

std::vector<fs::path> photos_in(const std::vector<fs::path>& dropped) {
    std::vector<fs::path> photos;
    std::error_code ignored;
    for (const fs::path& path : dropped) {
        if (!fs::is_directory(path, ignored)) {
            photos.push_back(path); // asked for by name: the reader says what is wrong with it
            continue;
        }
        std::vector<fs::path> inside;
        for (const auto& entry : fs::directory_iterator(path, ignored))
            if (entry.is_regular_file(ignored) && may_be_photo(entry.path()))
                inside.push_back(entry.path());
        std::sort(inside.begin(), inside.end(), [](const fs::path& x, const fs::path& y) {
            return natural_key(text_of(x.filename())) < natural_key(text_of(y.filename()));
        });
        photos.insert(photos.end(), inside.begin(), inside.end());
    }
    return photos;
}

std::vector<fs::path> files_of(const QMimeData& data) {
    std::vector<fs::path> files;
    for (const QUrl& url : data.urls())
        if (url.isLocalFile())
            files.push_back(path_of(url.toLocalFile()));
    return files;
}

QImage composed(const Picture& picture, const Frame* frame) {
    QImage image = picture.srgb;
    if (frame) {
        QPainter painter(&image);
        painter.drawImage(frame->rect.x, frame->rect.y, frame->srgb);
    }
    return image;
}

} // namespace c2c::ui
