#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>

namespace c2c {

/// An Output error when the disk of `folder` has less than `bytes` free. Asked before the first frame, with
/// what the frames surely need, and again after it, with what it took.
Result<void> check_disk_space(const std::filesystem::path& folder, std::uint64_t bytes);

/// Removes what a killed run left of `target`: write_atomically's temporary files. Only for files that no
/// other process writes now.
void remove_orphans(const std::filesystem::path& target);

} // namespace c2c
