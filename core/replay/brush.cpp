#include "core/replay/brush.h"

#include <algorithm>
#include <cmath>

namespace c2c {
namespace {

double smooth_fall(double t) { // 1 at t <= 0, 0 at t >= 1
    t = std::clamp(t, 0.0, 1.0);
    return 1 - t * t * (3 - 2 * t);
}

double distance_to_segment(double x, double y, const std::array<double, 2>& a,
                           const std::array<double, 2>& b) {
    const double dx = b[0] - a[0], dy = b[1] - a[1];
    const double length2 = dx * dx + dy * dy;
    const double t = length2 > 0 ? std::clamp(((x - a[0]) * dx + (y - a[1]) * dy) / length2, 0.0, 1.0) : 0;
    return std::hypot(x - a[0] - t * dx, y - a[1] - t * dy);
}

struct Span {
    int first, last; // inclusive; none when last < first
};

Span clipped(double low, double high, int size) {
    return {static_cast<int>(std::clamp(std::floor(low), 0.0, double(size))),
            static_cast<int>(std::clamp(std::ceil(high), -1.0, double(size - 1)))};
}

void paint_segment(const Stroke& stroke, const std::array<double, 2>& a, const std::array<double, 2>& b,
                   Image& mask) {
    const double r = stroke.radius, solid = r * std::clamp(stroke.hardness, 0.0, 1.0);
    const Span xs = clipped(std::min(a[0], b[0]) - r, std::max(a[0], b[0]) + r, mask.width);
    const Span ys = clipped(std::min(a[1], b[1]) - r, std::max(a[1], b[1]) + r, mask.height);
    for (int y = ys.first; y <= ys.last; ++y)
        for (int x = xs.first; x <= xs.last; ++x) {
            const double d = distance_to_segment(x, y, a, b);
            if (d >= r)
                continue;
            const auto cover = static_cast<float>(smooth_fall((d - solid) / std::max(r - solid, 1e-6)));
            float& value = mask.at(x, y);
            value = stroke.erase ? std::min(value, 1 - cover) : std::max(value, cover);
        }
}

} // namespace

void paint(const Stroke& stroke, Image& mask, int origin_x, int origin_y) {
    if (stroke.points.empty())
        return;
    Stroke moved = stroke;
    for (auto& point : moved.points)
        point = {point[0] - origin_x, point[1] - origin_y};
    if (moved.points.size() == 1)
        paint_segment(moved, moved.points[0], moved.points[0], mask);
    for (std::size_t i = 1; i < moved.points.size(); ++i)
        paint_segment(moved, moved.points[i - 1], moved.points[i], mask);
}

Rect stroke_bounds(const std::vector<Stroke>& strokes, int width, int height) {
    double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
    for (const Stroke& stroke : strokes)
        for (const auto& [x, y] : stroke.points) {
            left = std::min(left, x - stroke.radius), right = std::max(right, x + stroke.radius);
            top = std::min(top, y - stroke.radius), bottom = std::max(bottom, y + stroke.radius);
        }
    const Span xs = clipped(left, right, width), ys = clipped(top, bottom, height);
    if (left > right || xs.last < xs.first || ys.last < ys.first)
        return {};
    return {xs.first, ys.first, xs.last - xs.first + 1, ys.last - ys.first + 1};
}

} // namespace c2c
