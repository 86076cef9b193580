#include "core/base/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace c2c {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

std::uint64_t number_in(const std::string& file, std::uint64_t otherwise) {
    std::ifstream in(file);
    std::uint64_t number = 0;
    return in >> number ? number : otherwise; // "max" is no number
}

std::uint64_t available() {
    std::ifstream in("/proc/meminfo");
    for (std::string key; in >> key;) {
        if (key == "MemAvailable:") {
            std::uint64_t kilobytes = 0;
            in >> kilobytes;
            return kilobytes * 1024;
        }
        std::getline(in, key);
    }
    return kNoLimit;
}

std::uint64_t left_of_cgroup() {
    std::ifstream in("/proc/self/cgroup");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("0::")) {
            const std::string folder = "/sys/fs/cgroup" + line.substr(3);
            const std::uint64_t limit = number_in(folder + "/memory.max", kNoLimit),
                                used = number_in(folder + "/memory.current", 0);
            return limit == kNoLimit ? kNoLimit : limit - std::min(limit, used);
        }
    return kNoLimit;
}

std::uint64_t left_of_ulimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return kNoLimit;
    const std::uint64_t used =
        number_in("/proc/self/statm", 0) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, used);
}

} // namespace

std::uint64_t free_memory() {
    return std::min({available(), left_of_cgroup(), left_of_ulimit()});
}

} // namespace c2c
