#pragma once

#include "core/base/result.h"
#include "core/image/photo.h"
#include "core/image/write.h"

#include <cstdint>
#include <string>
#include <vector>

namespace c2c {

enum class Format { Jpeg, Png, Tiff, WebP, Exr };

/// A picture in the values and depth of its file.
struct Encodable {
    Image color, alpha;
    bool premultiplied = false;
    Depth depth = Depth::U8;
    std::vector<std::uint8_t> icc;
    int quality = 95;
    std::vector<const ExtraChannel*> extra; ///< TIFF and EXR only
    const ExrHeader* exr = nullptr;         ///< EXR only, attributes already chosen
};

/// The file in memory, so that the disk is written once and a full one is noticed. An error is a reason.
tl::expected<std::vector<std::uint8_t>, std::string> encode(const Encodable& picture, Format format);

} // namespace c2c
