#pragma once

#include "core/face/align.h"

#include <array>

// For the sources of this room.

namespace c2c {

/// Least-squares similarity without reflection (Umeyama 1991, two dimensions): from → to.
template <std::size_t N> Warp similarity(const std::array<Point, N>& from, const std::array<Point, N>& to) {
    Point a, b;
    for (std::size_t i = 0; i < N; ++i) {
        a.x += from[i].x / N, a.y += from[i].y / N;
        b.x += to[i].x / N, b.y += to[i].y / N;
    }
    double dot = 0, cross = 0, norm = 1e-12; // five points in one place give a warp of scale 0
    for (std::size_t i = 0; i < N; ++i) {
        const double x = from[i].x - a.x, y = from[i].y - a.y, u = to[i].x - b.x, v = to[i].y - b.y;
        dot += x * u + y * v, cross += x * v - y * u, norm += x * x + y * y;
    }
    const double c = dot / norm, s = cross / norm;
    return {{c, -s, b.x - c * a.x + s * a.y, s, c, b.y - s * a.x - c * a.y}};
}

} // namespace c2c
