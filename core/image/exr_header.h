#pragma once

#include <OpenImageIO/imageio.h>

#include <string>
#include <vector>

namespace c2c {

/// What an EXR file has beside pixels: attributes, data and display windows, and the names of its channels.
struct ExrHeader {
    OIIO::ImageSpec spec;           ///< windows and attributes
    std::vector<std::string> color; ///< "R", "G", "B", or those of a layer
    std::string alpha;
};

} // namespace c2c
