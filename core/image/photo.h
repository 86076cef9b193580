#pragma once

#include "core/image/image.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2c {

enum class Depth { U8, U16, F16, F32 };

/// Metadata as raw blocks, so that what we do not understand survives; empty when the file has none.
struct Metadata {
    std::vector<std::uint8_t> exif, iptc;
    std::string xmp;
};

struct ExtraChannel {
    std::string name;
    Image pixels;               ///< 1 channel
    bool whole_numbers = false; ///< EXR UINT ids: kept as numbers (exact to 2^24), not scaled to 0..1
    Depth depth = Depth::F32;   ///< half or float in an EXR file, whatever the colour has
};

struct ExrHeader; ///< attributes, windows and channel names of an EXR file, for writing them back

/// A picture as its file has it, upright (EXIF orientation applied once).
struct Photo {
    Image color; ///< 1 or 3 channels; integer files 0..1 as encoded, float files as stored
    Image alpha; ///< 1 channel 0..1, or empty; never multiplied into color by us, see `premultiplied`
    bool premultiplied = false;      ///< the file stores color multiplied by alpha (EXR does by definition)
    std::vector<ExtraChannel> extra; ///< further EXR/TIFF channels, kept as they are
    Depth depth = Depth::U8;
    std::vector<std::uint8_t> icc; ///< embedded profile; empty: sRGB, or scene-linear when linear is set
    bool linear = false;           ///< scene-linear values (untagged float files)
    std::optional<std::array<float, 8>> chromaticities; ///< EXR: red, green, blue, white xy
    Metadata metadata;
    std::shared_ptr<const ExrHeader> exr;
    std::string format; ///< "jpeg", "png", "tiff", "webp", "openexr", "heic", "raw", "gif", "bmp", …
    std::filesystem::path source;
    bool has_content_credentials = false; ///< C2PA manifest found; it will not survive an edit

    int width() const { return color.width; }
    int height() const { return color.height; }
};

} // namespace c2c
