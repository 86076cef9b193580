#include "core/sequence/disk.h"

#include <fnmatch.h>

#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace c2c {
namespace {

std::string human(std::uint64_t bytes) {
    return bytes < 1'000'000'000 ? fmt::format("{:.0f} MB", static_cast<double>(bytes) / 1e6)
                                 : fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

} // namespace

Result<void> check_disk_space(const fs::path& folder, std::uint64_t bytes) {
    std::error_code error;
    const fs::space_info space = fs::space(folder.empty() ? fs::path(".") : folder, error);
    if (error)
        return fail(ErrorKind::Output, "The folder {} cannot be used ({}); create it or choose another.",
                    folder.string(), error.message());
    if (space.available < bytes)
        return fail(
            ErrorKind::Output,
            "The frames need about {} more, and the disk of {} has {} free; free some space or choose "
            "another folder.",
            human(bytes), folder.empty() ? "." : folder.string(), human(space.available));
    return {};
}

void remove_orphans(const fs::path& target) {
    const std::string prefix = fmt::format(".{}.", target.stem().string());
    const std::string suffix = target.extension().string();
    const fs::path folder = target.parent_path().empty() ? fs::path(".") : target.parent_path();
    std::error_code error;
    std::vector<fs::path> orphans;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) ||
            !name.ends_with(suffix))
            continue;
        const std::string middle =
            name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()); // "1234-0.tmp"
        if (::fnmatch("[0-9]*-[0-9]*.tmp", middle.c_str(), 0) == 0)
            orphans.push_back(entry.path());
    }
    for (const fs::path& orphan : orphans)
        fs::remove(orphan, error);
}

} // namespace c2c
