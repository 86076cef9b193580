#include "core/sequence/palette.h"

#include <algorithm>
#include <limits>

namespace c2c {
namespace {

std::array<int, 3> channels_of(std::uint32_t color) {
    return {static_cast<int>(color >> 16 & 255), static_cast<int>(color >> 8 & 255),
            static_cast<int>(color & 255)};
}

/// 8x8 Bayer matrix, −32 … 31.
int bayer(int x, int y) {
    int value = 0;
    for (int bit = 0; bit < 3; ++bit) {
        const int a = x >> bit & 1, b = y >> bit & 1;
        value |= ((a ^ b) << 1 | b) << 2 * (2 - bit);
    }
    return value - 32;
}

} // namespace

void ColorHistogram::add(std::span<const std::uint8_t> pixels, int channels) {
    for (std::size_t i = 0; i + 2 < pixels.size(); i += static_cast<std::size_t>(channels)) {
        Bin& bin = bins_[static_cast<std::size_t>(pixels[i] >> 3 << 10 | pixels[i + 1] >> 3 << 5 |
                                                  pixels[i + 2] >> 3)];
        ++bin.count;
        for (std::size_t c = 0; c < 3; ++c)
            bin.sum[c] += pixels[i + c];
    }
}

std::vector<std::uint32_t> ColorHistogram::median_cut(std::size_t count) const {
    struct Box {
        std::vector<std::uint32_t> bins;
        std::uint64_t weight = 0;
        int channel = 0, range = 0; ///< its longest side
    };
    const auto place = [](std::uint32_t bin, int channel) {
        return static_cast<int>(bin >> (10 - 5 * channel) & 31);
    };
    const auto measure = [&](Box& box) {
        box.weight = 0;
        std::array<int, 3> low = {31, 31, 31}, high = {0, 0, 0};
        for (const std::uint32_t bin : box.bins) {
            box.weight += bins_[bin].count;
            for (std::size_t c = 0; c < 3; ++c) {
                low[c] = std::min(low[c], place(bin, static_cast<int>(c)));
                high[c] = std::max(high[c], place(bin, static_cast<int>(c)));
            }
        }
        box.range = -1;
        for (int c = 0; c < 3; ++c)
            if (high[static_cast<std::size_t>(c)] - low[static_cast<std::size_t>(c)] > box.range) {
                box.range = high[static_cast<std::size_t>(c)] - low[static_cast<std::size_t>(c)];
                box.channel = c;
            }
    };
    std::vector<Box> boxes(1);
    for (std::uint32_t bin = 0; bin < bins_.size(); ++bin)
        if (bins_[bin].count > 0)
            boxes.front().bins.push_back(bin);
    if (boxes.front().bins.empty())
        return {0xFF000000};
    measure(boxes.front());
    while (boxes.size() < count) {
        // Where many pixels share a wide box the error is largest.
        const auto cost = [](const Box& box) {
            return box.bins.size() < 2 ? 0.0 : static_cast<double>(box.weight) * box.range * box.range;
        };
        const auto worst = std::max_element(boxes.begin(), boxes.end(),
                                            [&](const Box& a, const Box& b) { return cost(a) < cost(b); });
        if (worst->bins.size() < 2)
            break;
        std::stable_sort(worst->bins.begin(), worst->bins.end(), [&](std::uint32_t a, std::uint32_t b) {
            return place(a, worst->channel) < place(b, worst->channel);
        });
        std::uint64_t seen = 0;
        std::size_t cut = 0;
        while (cut + 1 < worst->bins.size() && (cut == 0 || 2 * seen < worst->weight))
            seen += bins_[worst->bins[cut++]].count;
        Box upper;
        upper.bins.assign(worst->bins.begin() + static_cast<std::ptrdiff_t>(cut), worst->bins.end());
        worst->bins.resize(cut);
        measure(*worst);
        measure(upper);
        boxes.push_back(std::move(upper));
    }
    std::vector<std::uint32_t> colors;
    for (const Box& box : boxes) {
        std::uint32_t color = 0xFF;
        for (std::size_t c = 0; c < 3; ++c) {
            std::uint64_t sum = 0;
            for (const std::uint32_t bin : box.bins)
                sum += bins_[bin].sum[c];
            color = color << 8 | static_cast<std::uint32_t>((sum + box.weight / 2) / box.weight);
        }
        colors.push_back(color);
    }
    return colors;
}

Palette::Palette(std::vector<std::uint32_t> colors) : colors_(std::move(colors)), nearest_(64 * 64 * 64) {
    for (int r = 0; r < 64; ++r)
        for (int g = 0; g < 64; ++g)
            for (int b = 0; b < 64; ++b) {
                int best = std::numeric_limits<int>::max();
                std::uint8_t index = 0;
                for (std::size_t i = 0; i < colors_.size(); ++i) {
                    const auto color = channels_of(colors_[i]);
                    const int dr = 4 * r + 2 - color[0], dg = 4 * g + 2 - color[1], db = 4 * b + 2 - color[2];
                    const int distance = 2 * dr * dr + 4 * dg * dg + db * db; // as the eye sees it, roughly
                    if (distance < best) {
                        best = distance;
                        index = static_cast<std::uint8_t>(i);
                    }
                }
                nearest_[static_cast<std::size_t>(r << 12 | g << 6 | b)] = index;
            }
}

void Palette::map(std::span<const std::uint8_t> pixels, int width, int height, int channels,
                  std::uint8_t* indices, int stride) const {
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const auto* pixel =
                pixels.data() + static_cast<std::size_t>(channels) *
                                    (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                                     static_cast<std::size_t>(x));
            const int push = bayer(x & 7, y & 7) / 5; // about half a palette's step
            const auto six = [&](int c) { return std::clamp(pixel[c] + push, 0, 255) >> 2; };
            indices[y * stride + x] = nearest_[static_cast<std::size_t>(six(0) << 12 | six(1) << 6 | six(2))];
        }
}

} // namespace c2c
