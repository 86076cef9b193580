#pragma once

#include "core/base/result.h"
#include "core/image/photo.h"
#include "core/image/write.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace c2c {

struct FileMetadata {
    Metadata blocks;
    std::vector<std::uint8_t> icc;
    int orientation = 1;
};

/// EXIF, XMP, IPTC and profile by exiv2. Never fails: damaged metadata is no reason to refuse a photo.
/// Tags that describe the file's own layout (strips, sub-images, previews) are left out.
FileMetadata read_metadata(const std::filesystem::path& file);

/// What is to be written, as options and the new picture demand. `thumbnail` is a JPEG; it replaces the old
/// one where there was one.
Metadata edited_metadata(const Photo& photo, const WriteOptions& options,
                         const std::vector<std::uint8_t>& thumbnail);
/// The provenance alone, as an XMP packet for files that exiv2 does not write. Without the time: a movie that
/// is made again has the same bytes.
std::string provenance_packet(const Provenance& provenance);
bool has_thumbnail(const Metadata& metadata);

/// The encoded file (JPEG, PNG, TIFF, WebP) with metadata; its profile stays. An error is exiv2's reason.
tl::expected<std::vector<std::uint8_t>, std::string> embed_metadata(const std::vector<std::uint8_t>& encoded,
                                                                    const Metadata& metadata);

/// Now, or SOURCE_DATE_EPOCH, in UTC: "2026-01-31T12:00:00Z" and EXIF's "2026:01:31 12:00:00".
struct Timestamp {
    std::string iso, exif;
};
Timestamp modification_time();

} // namespace c2c
