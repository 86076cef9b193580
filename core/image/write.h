#pragma once

#include "core/base/files.h"
#include "core/base/result.h"
#include "core/image/photo.h"

#include <filesystem>
#include <string>

namespace c2c {

/// What the output says of its making (written as XMP and EXIF; see IPTC DigitalSourceType).
struct Provenance {
    bool generated = true;    ///< compositeWithTrainedAlgorithmicMedia
    std::string creator_tool; ///< xmp:CreatorTool, "Cradle2Cane 0.1"
    std::string description;  ///< appended to xmpMM history: model, hash, age, seed
    std::string usage_terms;  ///< xmpRights:UsageTerms when the model's licence forbids commercial use
};

struct WriteOptions {
    Overwrite overwrite = Overwrite::No;
    int jpeg_quality = 95; ///< JPEG and WebP; JPEG is 4:4:4 above 90, WebP lossless at 100
    bool keep_metadata = true;
    bool keep_gps = true;
    std::optional<Depth> depth; ///< default: the photo's own, or the nearest that the format has
    std::optional<Provenance> provenance;
};

/// JPEG has no alpha: the colour is written as it is. Format by the suffix of `file` (.jpg .jpeg .png .tif
/// .tiff .webp .exr). Atomic; refuses to write over photo.source (links to it too) whatever `overwrite` says.
/// Profile and metadata are written back, orientation and size tags corrected, the EXIF thumbnail made anew.
/// Scene-linear photos are encoded to sRGB for integer formats, encoded photos are linearised for EXR. Output
/// errors name the file and what to do.
Result<void> write_photo(const Photo& photo, const std::filesystem::path& file,
                         const WriteOptions& options = {});

} // namespace c2c
