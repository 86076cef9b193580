#pragma once

#include "core/weights/mapped_file.h"

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>

namespace c2c {

/// The members of a zip file by name; the bytes are in the mapped file.
struct ZipArchive {
    std::shared_ptr<const void> memory;
    std::map<std::string, std::span<const std::byte>, std::less<>> members;
    std::set<std::string> packed; ///< names of compressed or encrypted members, which are not read
};

/// Reads the directory of a zip file (PKWARE's APPNOTE 4.3, with 64-bit sizes). Every range is checked
/// against the file. A Model error for a file that is no zip, is truncated, or has compressed, encrypted or
/// repeated members; PyTorch writes none of these.
Result<ZipArchive> read_zip(const std::filesystem::path& file);

} // namespace c2c
