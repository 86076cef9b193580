#pragma once

#include "core/image/image.h"

#include <dlib/array2d.h>
#include <dlib/pixel.h>

#include <algorithm>

// For the sources of this room: it shows dlib's types.

namespace c2c {

/// The 8-bit pixels that dlib's detectors and nets were trained on.
inline dlib::array2d<dlib::rgb_pixel> to_dlib(const Image& image) {
    const auto byte = [](float v) {
        return static_cast<unsigned char>(std::clamp(v, 0.0f, 1.0f) * 255.0f + 0.5f);
    };
    dlib::array2d<dlib::rgb_pixel> out(image.height, image.width);
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x)
            out[y][x] = {byte(image.at(x, y, 0)), byte(image.at(x, y, 1)), byte(image.at(x, y, 2))};
    return out;
}

} // namespace c2c
