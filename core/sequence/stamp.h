#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>

namespace c2c {

/// Puts an XMP packet into a finished loop or movie where its format has a place for one: WebP's chunk, GIF's
/// application extension, the box of MP4 and MOV. Matroska has none; there the movie's comment has to do.
/// `name` tells the format: the file itself may still have a temporary one. Output error, naming the file.
Result<void> stamp(const std::filesystem::path& file, const std::filesystem::path& name,
                   const std::string& xmp);

} // namespace c2c
