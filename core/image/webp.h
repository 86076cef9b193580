#pragma once

#include "core/base/result.h"
#include "core/image/photo.h"
#include "core/image/read.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace c2c {

/// WebP by libwebp itself: OpenImageIO 2.4 multiplies the colour by alpha, in 8 bits, whatever it is told.
/// Fills size, color, alpha and profile; the first frame of an animation.
Result<void> read_webp(const std::filesystem::path& file, bool pixels, const ReadLimits& limits,
                       Photo& photo);

/// RGB or RGBA, 8 bits; lossless (colour below alpha 0 as well) at quality 100.
/// An error is a reason in a few words, for the caller's sentence.
tl::expected<std::vector<std::uint8_t>, std::string>
encode_webp(std::span<const std::uint8_t> pixels, int width, int height, int channels, int quality);

/// The file with an ICC profile; exiv2 0.27 writes it as a chunk of the wrong name.
std::vector<std::uint8_t> webp_with_profile(const std::vector<std::uint8_t>& file,
                                            const std::vector<std::uint8_t>& icc, bool alpha, int width,
                                            int height);

} // namespace c2c
