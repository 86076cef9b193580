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

} // namespace c2c
