#pragma once

#include <array>

namespace c2c {

/// How a model wants its crop; from the manifest's "template".
struct Template {
    int size = 512;          ///< pixels a side
    double quad_scale = 1.0; ///< the FFHQ quad scaled about its centre
    enum class Border { Color, ReflectBlur } border = Border::ReflectBlur;
    std::array<float, 3> border_color = {130, 130, 130}; ///< 0..255, for Border::Color
    double prefilter =
        0.0; ///< Gaussian sigma = prefilter · quad/size where the quad is larger; 0: area shrink
};

} // namespace c2c
