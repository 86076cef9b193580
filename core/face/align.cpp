#include "core/face/align.h"

#include <cmath>

namespace c2c {
namespace {

Point operator+(Point a, Point b) {
    return {a.x + b.x, a.y + b.y};
}
Point operator-(Point a, Point b) {
    return {a.x - b.x, a.y - b.y};
}
Point operator*(double s, Point a) {
    return {s * a.x, s * a.y};
}
double length(Point a) {
    return std::hypot(a.x, a.y);
}

Point mean(const std::array<Point, 68>& points, std::size_t first, std::size_t last) {
    Point sum;
    for (std::size_t i = first; i <= last; ++i)
        sum = sum + points[i];
    return (1.0 / static_cast<double>(last - first + 1)) * sum;
}

} // namespace

Point Warp::apply(Point p) const {
    return {m[0] * p.x + m[1] * p.y + m[2], m[3] * p.x + m[4] * p.y + m[5]};
}

Warp Warp::inverse() const {
    const double det = m[0] * m[4] - m[1] * m[3];
    const double a = m[4] / det, b = -m[1] / det, c = -m[3] / det, d = m[0] / det;
    return {{a, b, -(a * m[2] + b * m[5]), c, d, -(c * m[2] + d * m[5])}};
}

double Warp::scale() const {
    return std::sqrt(std::abs(m[0] * m[4] - m[1] * m[3]));
}

Warp compose(const Warp& outer, const Warp& inner) {
    const auto &a = outer.m, &b = inner.m;
    return {{a[0] * b[0] + a[1] * b[3], a[0] * b[1] + a[1] * b[4], a[0] * b[2] + a[1] * b[5] + a[2],
             a[3] * b[0] + a[4] * b[3], a[3] * b[1] + a[4] * b[4], a[3] * b[2] + a[4] * b[5] + a[5]}};
}

Warp align_ffhq(const std::array<Point, 68>& landmarks, const Template& shape) {
    const Point left = mean(landmarks, 36, 41), right = mean(landmarks, 42, 47);
    const Point eye = 0.5 * (left + right);
    const Point across = right - left;
    const Point down = 0.5 * (landmarks[48] + landmarks[54]) - eye;
    Point x = across - Point{-down.y, down.x};
    const double half = std::max(2.0 * length(across), 1.8 * length(down)) * shape.quad_scale;
    x = (half / std::max(length(x), 1e-9)) * x;
    const Point y = {-x.y, x.x};
    const Point centre = eye + 0.1 * down;
    // FFHQ's script takes the quad's corners for the outer edges of the template, so that pixel i has its
    // centre at (i + ½)/size of a side. The crops that colour-border models learned from were made by an
    // affine that puts the corner at pixel centre (0, 0): i/size. (nano's reference crop: mean difference 0.3
    // of 255 so, 3 the other way.)
    const double n = shape.size, first = shape.border == Template::Border::Color ? 0.0 : 0.5;
    const Point sx = (2.0 / n) * x, sy = (2.0 / n) * y;
    const Point origin = centre - x - y + first * sx + first * sy;
    return {{sx.x, sy.x, origin.x, sx.y, sy.y, origin.y}};
}

} // namespace c2c
