#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"

#include <filesystem>
#include <span>
#include <string>

namespace c2c {

/// Lower-case hexadecimal SHA-256, as sha256sum prints it.
std::string sha256(std::span<const std::byte> bytes);
Result<std::string> sha256_file(const std::filesystem::path& file, const StopToken& stop = {});

/// The same, remembered in the user's cache for as long as the file's inode, size, time and time of the last
/// change of any kind (ctime, which no program can set) are what they were: hashing gigabytes takes seconds.
Result<std::string> remembered_sha256(const std::filesystem::path& file, const StopToken& stop = {});

} // namespace c2c
