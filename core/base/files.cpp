#include "core/base/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace fs = std::filesystem;

namespace c2c {
namespace {

/// The data must be on the disk before the name points at it, or a power cut leaves an empty file.
int sync_file(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return errno;
    const int error = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    return error;
}

struct RemoveOnExit {
    fs::path file;
    ~RemoveOnExit() {
        std::error_code ignored;
        if (!file.empty())
            fs::remove(file, ignored);
    }
};

} // namespace

tl::unexpected<Error> cannot_write(const fs::path& target, int error) {
    const char* what_to_do = error == ENOSPC || error == EDQUOT ? "free some space or choose another folder"
                             : error == EACCES || error == EROFS || error == EPERM
                                 ? "choose a folder that you may write to"
                             : error == ENOENT ? "create the folder first"
                                               : "choose another place";
    return fail(ErrorKind::Output, "{} cannot be written ({}); {}.", target.string(), std::strerror(error),
                what_to_do);
}

std::string human_size(std::uint64_t bytes) {
    const auto size = static_cast<double>(bytes);
    return size < 1e6   ? fmt::format("{:.0f} kB", size / 1e3)
           : size < 1e9 ? fmt::format("{:.1f} MB", size / 1e6)
                        : fmt::format("{:.2f} GB", size / 1e9);
}

Result<void> write_atomically(const fs::path& target, Overwrite overwrite,
                              const std::function<Result<void>(const fs::path&)>& write) {
    std::error_code ignored;
    if (overwrite == Overwrite::No && fs::exists(target, ignored))
        return fail(ErrorKind::Output, "{} exists already; give another name or --overwrite.",
                    target.string());

    // The suffix stays, because writers choose the format by it; the leading dot hides an orphan of a power
    // cut.
    static std::atomic<unsigned> counter{0};
    RemoveOnExit temporary;
    for (int attempt = 0; temporary.file.empty(); ++attempt) {
        const fs::path name =
            target.parent_path() / fmt::format(".{}.{}-{}.tmp{}", target.stem().string(), ::getpid(),
                                               counter++, target.extension().string());
        const int descriptor = ::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
        if (descriptor >= 0) {
            ::close(descriptor);
            temporary.file = name;
        } else if (errno != EEXIST || attempt == 100) {
            return cannot_write(target, errno);
        }
    }

    C2C_CHECK(write(temporary.file));
    if (const int error = sync_file(temporary.file))
        return cannot_write(target, error);

    if (overwrite == Overwrite::No) {
        if (::link(temporary.file.c_str(), target.c_str()) == 0)
            return {};
        if (errno == EEXIST)
            return fail(ErrorKind::Output, "{} exists already; give another name or --overwrite.",
                        target.string());
        // Some file systems have no hard links: fall through to rename.
    }
    if (::rename(temporary.file.c_str(), target.c_str()) != 0)
        return cannot_write(target, errno);
    temporary.file.clear();
    return {};
}

fs::path cache_dir() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
        return fs::path(cache) / "cradle2cane";
    const char* home = std::getenv("HOME");
    return fs::path(home && *home ? home : "/") / ".cache/cradle2cane";
}

fs::path models_dir() {
    if (const char* given = std::getenv("C2C_MODELS"); given && *given)
        return given;
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    for (fs::path folder = program.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
        if (fs::exists(folder / "models/nano/cradle2cane.json", error))
            return folder / "models";
        if (fs::exists(folder / "share/cradle2cane/models/nano/cradle2cane.json", error))
            return folder / "share/cradle2cane/models";
    }
    return "models";
}

} // namespace c2c
