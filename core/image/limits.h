#pragma once

#include "core/image/read.h"

#include <algorithm>

namespace c2c {

/// An Input error for a header that claims more than the limits, or nothing at all.
inline Result<void> check_limits(const std::filesystem::path& file, std::int64_t width, std::int64_t height,
                                 const ReadLimits& limits) {
    if (width <= 0 || height <= 0)
        return fail(ErrorKind::Input, "{} has no pixels; choose another file.", file.string());
    if (std::max(width, height) > limits.max_side)
        return fail(ErrorKind::Input, "{} is {} x {} pixels, and {} a side is the most; make it smaller.",
                    file.string(), width, height, limits.max_side);
    if (width * height > limits.max_pixels)
        return fail(ErrorKind::Input,
                    "{} is {} x {} pixels, more than the limit of {:.6g} million; make it smaller or raise "
                    "--max-pixels.",
                    file.string(), width, height, double(limits.max_pixels) / 1e6);
    return {};
}

} // namespace c2c
