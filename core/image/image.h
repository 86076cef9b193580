#pragma once

#include <cstddef>
#include <vector>

namespace c2c {

/// Interleaved float32 pixels, rows without padding: value(x, y, c) = data[(y·width + x)·channels + c].
struct Image {
    int width = 0;
    int height = 0;
    int channels = 0;
    std::vector<float> data;

    Image() = default;
    Image(int w, int h, int c, float value = 0.0f)
        : width(w), height(h), channels(c),
          data(static_cast<std::size_t>(w) * static_cast<std::size_t>(h) * static_cast<std::size_t>(c),
               value) {}

    bool empty() const { return data.empty(); }
    std::size_t index(int x, int y, int c = 0) const {
        return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) *
                   static_cast<std::size_t>(channels) +
               static_cast<std::size_t>(c);
    }
    float* row(int y) { return data.data() + index(0, y); }
    const float* row(int y) const { return data.data() + index(0, y); }
    float& at(int x, int y, int c = 0) { return data[index(x, y, c)]; }
    float at(int x, int y, int c = 0) const { return data[index(x, y, c)]; }
};

/// Integer pixel rectangle, [x, x+width) x [y, y+height).
struct Rect {
    int x = 0, y = 0, width = 0, height = 0;
    bool empty() const { return width <= 0 || height <= 0; }
};

} // namespace c2c
