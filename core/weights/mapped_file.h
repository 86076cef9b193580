#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace c2c {

/// A whole file as read-only memory; the pages are read when first touched. Valid while `owner` lives.
struct MappedFile {
    std::shared_ptr<const void> owner;
    std::span<const std::byte> bytes;
};

/// A Model error when the file is missing, not a plain file, empty or unreadable; a Device error when there
/// is no memory to map it.
Result<MappedFile> map_file(const std::filesystem::path& file);

/// Gives back the memory that a mapped file's pages take in this process. They stay readable: a page that is
/// touched again comes from the system's cache, or the disk.
void release_pages(std::span<const std::byte> mapped);

} // namespace c2c
