#pragma once

#include "core/image/image.h"
#include "core/image/photo.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace c2c {

/// Calls `rows(first, last)` for parts of [0, height) on OpenCV's threads.
void parallel_rows(int height, const std::function<void(int first, int last)>& rows);

/// Gives memory for a large picture its pages, by several threads, before one thread fills it: for 24
/// megapixels the kernel takes longer for them than the decoder for the pixels.
void make_pages(void* data, std::size_t bytes);

/// One plane group out of interleaved integers: channel `first` to `first + count` of `stride`, value /
/// maximum. Writing with to_integers gives back every integer.
Image from_integers(std::span<const std::uint8_t> values, int width, int height, int stride, int first,
                    int count);
Image from_integers(std::span<const std::uint16_t> values, int width, int height, int stride, int first,
                    int count);
/// The same for floats: a copy.
Image from_floats(std::span<const float> values, int width, int height, int stride, int first, int count);

/// Interleaves planes of equal size (color, alpha, …); clips to 0..1, rounds to nearest, NaN is 0.
std::vector<std::uint8_t> to_u8(std::span<const Image* const> planes);
std::vector<std::uint16_t> to_u16(std::span<const Image* const> planes);
std::vector<float> to_floats(std::span<const Image* const> planes);

/// The picture upright, from the EXIF orientation 1..8 of what is given.
Image upright(Image image, int orientation);

/// Colour multiplied or divided by alpha; where alpha is 0, dividing leaves the colour.
Image multiplied(const Image& color, const Image& alpha);
Image divided(const Image& color, const Image& alpha);

} // namespace c2c
