#pragma once

#include <array>
#include <vector>

namespace c2c {

/// Pixel centres lie at whole numbers.
struct Point {
    double x = 0, y = 0;
};

struct Box {
    double x = 0, y = 0, width = 0, height = 0;
};

struct Face {
    Box box;
    double score = 0; ///< detector's, 0..1
    std::array<Point, 5> five =
        {}; ///< the subject's right eye (left in the picture), left eye, nose, mouth corners
    std::array<Point, 68> landmarks = {}; ///< iBUG 300-W order
};

enum class Gender { Male, Female };

/// Of a search. Large: those that are found quickly, from the longest side/13 on; where there is none, All.
/// All: these, and behind them what a closer look shows.
enum class Faces { Large, All };

} // namespace c2c
