#include "core/replay/protect.h"

#include <algorithm>
#include <cmath>
#include <span>

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

/// Fills a closed outline; `feather` pixels outside of it fall off to 0.
void fill(std::span<const Point> outline, double feather, Image& mask) {
    double low_x = 1e9, high_x = -1e9, low_y = 1e9, high_y = -1e9;
    for (const Point& p : outline) {
        low_x = std::min(low_x, p.x), high_x = std::max(high_x, p.x);
        low_y = std::min(low_y, p.y), high_y = std::max(high_y, p.y);
    }
    const Span xs = clipped(low_x - feather, high_x + feather, mask.width);
    const Span ys = clipped(low_y - feather, high_y + feather, mask.height);
    for (int y = ys.first; y <= ys.last; ++y)
        for (int x = xs.first; x <= xs.last; ++x) {
            bool inside = false; // even-odd rule
            double distance = 1e9;
            for (std::size_t i = 0, j = outline.size() - 1; i < outline.size(); j = i++) {
                const Point &a = outline[i], &b = outline[j];
                if ((a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x)
                    inside = !inside;
                distance = std::min(distance, distance_to_segment(x, y, {a.x, a.y}, {b.x, b.y}));
            }
            const double cover = inside ? 1 : smooth_fall(distance / std::max(feather, 1e-6));
            mask.at(x, y) = std::max(mask.at(x, y), static_cast<float>(cover));
        }
}

} // namespace

void paint(const Stroke& stroke, Image& mask) {
    if (stroke.points.empty())
        return;
    if (stroke.points.size() == 1)
        paint_segment(stroke, stroke.points[0], stroke.points[0], mask);
    for (std::size_t i = 1; i < stroke.points.size(); ++i)
        paint_segment(stroke, stroke.points[i - 1], stroke.points[i], mask);
}

Image protect_mask(const Protect& protect, const Face& face, int width, int height) {
    if (protect.empty())
        return {};
    Image mask(width, height, 1);
    const std::span<const Point> points =
        face.landmarks; // iBUG order: 36-41, 42-47 the eyes, 60-67 the inner lips
    const double feather = .04 * std::hypot(points[45].x - points[36].x, points[45].y - points[36].y);
    if (protect.eyes) {
        fill(points.subspan(36, 6), feather, mask);
        fill(points.subspan(42, 6), feather, mask);
    }
    if (protect.lips)
        fill(points.subspan(60, 8), feather, mask);
    for (const Stroke& stroke : protect.strokes)
        paint(stroke, mask);
    return mask;
}

} // namespace c2c
