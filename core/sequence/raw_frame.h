#pragma once

#include "core/base/result.h"
#include "core/image/image.h"

#include <filesystem>

namespace c2c {

/// A picture as an encoder of movies wants it: RGB and alpha (or none) of 0..1.
struct RawFrame {
    Image picture, alpha;
};

/// Kept on the disk while a movie's part is in work: 16-bit numbers as they are, because packing them would
/// take longer than a frame. Atomic. An encoder is given the same numbers by the frame read back as by the
/// frame itself.
Result<void> write_raw_frame(const RawFrame& frame, const std::filesystem::path& file);
/// An Input error when the file is not one of write_raw_frame's.
Result<RawFrame> read_raw_frame(const std::filesystem::path& file);

} // namespace c2c
