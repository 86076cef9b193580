#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace c2c {

/// How often each colour occurs, five bits a channel.
class ColorHistogram {
  public:
    ColorHistogram() : bins_(32 * 32 * 32) {}
    void add(std::span<const std::uint8_t> pixels, int channels);
    /// At most `count` colours by median cut (Heckbert 1982), as 0xFFRRGGBB.
    std::vector<std::uint32_t> median_cut(std::size_t count) const;

  private:
    struct Bin {
        std::uint64_t count = 0;
        std::array<std::uint64_t, 3> sum = {};
    };
    std::vector<Bin> bins_;
};

class Palette {
  public:
    explicit Palette(std::vector<std::uint32_t> colors);
    const std::vector<std::uint32_t>& colors() const { return colors_; }

    /// The index of each pixel's colour, under an 8x8 ordered dither that is the same in every frame.
    void map(std::span<const std::uint8_t> pixels, int width, int height, int channels, std::uint8_t* indices,
             int stride) const;

  private:
    std::vector<std::uint32_t> colors_;
    std::vector<std::uint8_t> nearest_; ///< by six bits a channel
};

} // namespace c2c
