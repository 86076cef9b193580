#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace c2c {

struct Animation {
    std::vector<std::filesystem::path> frames; ///< sRGB pictures of one size
    std::vector<std::int64_t> milliseconds;    ///< when each is shown, and when the last one ends
    int quality = 95;                          ///< WebP, lossless at 100
};

/// An endless loop. WebP keeps alpha; GIF has one palette for all frames (median cut, Heckbert 1982) and an
/// ordered dither, so that what stands still does not shimmer, and shows transparent pixels as opaque. Output
/// errors name the file.
Result<void> write_animation(const Animation& animation, const std::filesystem::path& file,
                             const StopToken& stop = {});

} // namespace c2c
