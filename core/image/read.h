#pragma once

#include "core/base/result.h"
#include "core/image/photo.h"

#include <cstdint>
#include <filesystem>

namespace c2c {

struct ReadLimits {
    std::int64_t max_pixels = 300'000'000;
    int max_side = 65'535;
};

/// Colour is never multiplied by or divided by alpha: straight formats stay straight, EXR stays as stored.
/// The first frame or page is read. An EXR's picture is its data window; CMYK and Lab files are refused with
/// a word. Reads JPEG, PNG, TIFF, WebP, OpenEXR, and HEIC or camera raw where the library has them, by
/// content and not by suffix. Limits are checked on the header before pixels are allocated. Every failure is
/// an Input error that names the file.
Result<Photo> read_photo(const std::filesystem::path& file, const ReadLimits& limits = {});

/// The header only: pixels are left empty, color has its size and channel count.
Result<Photo> read_photo_header(const std::filesystem::path& file, const ReadLimits& limits = {});

} // namespace c2c
