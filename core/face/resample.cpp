#include "core/face/resample.h"

#include "core/image/opencv.h"
#include "core/image/pixels.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace c2c {
namespace {

/// Whole pixels of the photo that bilinear sampling of the template touches.
cv::Rect footprint(const Image& srgb, const Warp& warp, int width, int height) {
    const double right = width - 1, bottom = height - 1;
    double x0 = 1e18, y0 = 1e18, x1 = -1e18, y1 = -1e18;
    for (const Point corner : {Point{0, 0}, Point{right, 0}, Point{0, bottom}, Point{right, bottom}}) {
        const Point p = warp.apply(corner);
        x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
        y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
    }
    // At least one pixel, so that a crop wholly outside still has an edge to go on from.
    const auto low = [](double v, int n) {
        return static_cast<int>(std::clamp(std::floor(v) - 1, 0.0, n - 1.0));
    };
    const auto high = [](double v, int n) {
        return static_cast<int>(std::clamp(std::ceil(v) + 2, 1.0, double(n)));
    };
    const int left = low(x0, srgb.width), top = low(y0, srgb.height);
    return {left, top, std::max(1, high(x1, srgb.width) - left), std::max(1, high(y1, srgb.height) - top)};
}

/// A part of the photo, blurred and perhaps reduced by a whole factor.
struct Patch {
    cv::Mat pixels;
    Warp to_patch; ///< photo → patch
    cv::Rect seen; ///< in the photo
};

Patch prepare(const Image& srgb, cv::Rect part, double sigma) {
    const cv::Mat photo = as_mat(srgb);
    // A wide blur costs its width for every pixel: reduce by a box first, which is itself a blur of variance
    // (k² − 1)/12, and blur by the rest.
    const int k = std::max(1, static_cast<int>(std::floor(1.4 * sigma)));
    if (k > 1) {
        part.width = std::min(photo.cols - part.x, (part.width + k - 1) / k * k);
        part.height = std::min(photo.rows - part.y, (part.height + k - 1) / k * k);
    }
    cv::Mat pixels = photo(part);
    double rest = sigma;
    double kx = 1, ky = 1;
    if (k > 1 && part.width >= 2 * k && part.height >= 2 * k) {
        const cv::Size small(part.width / k, part.height / k);
        kx = double(part.width) / small.width;
        ky = double(part.height) / small.height;
        cv::resize(photo(part), pixels, small, 0, 0, cv::INTER_AREA);
        rest = std::sqrt(std::max(0.0, sigma * sigma - (k * k - 1) / 12.0)) / k;
    }
    cv::Mat blurred; // not `pixels`, which may be the photo itself
    if (rest <= 0.1)
        blurred = pixels;
    else // of a part of the photo OpenCV reads the pixels around it as well
        cv::GaussianBlur(pixels, blurred, {}, rest, rest, cv::BORDER_REFLECT_101);
    return {blurred, {{1 / kx, 0, (0.5 - part.x) / kx - 0.5, 0, 1 / ky, (0.5 - part.y) / ky - 0.5}}, part};
}

} // namespace

double reduction_sigma(double scale) {
    return scale > 2.0 ? 0.35 * scale : 0.0;
}

Image sample(const Image& srgb, const Warp& warp, int width, int height, const Sampling& sampling) {
    Image out(width, height, 3);
    // A face of no size (all points in one place) has no warp.
    const bool finite = std::all_of(warp.m.begin(), warp.m.end(), [](double v) { return std::isfinite(v); });
    if (srgb.empty() || !finite)
        return out;
    const double sigma = std::min(sampling.sigma, std::max(srgb.width, srgb.height) / 4.0);
    const Patch patch = prepare(srgb, footprint(srgb, warp, width, height), sigma);
    const Warp to_patch = compose(patch.to_patch, warp);
    const int columns = patch.pixels.cols, rows = patch.pixels.rows;
    std::array<float, 3> fill = sampling.fill.value_or(std::array<float, 3>{});
    const auto tap = [&](int x, int y) -> const float* {
        if (x >= 0 && y >= 0 && x < columns && y < rows)
            return patch.pixels.ptr<float>(y) + 3 * x;
        if (sampling.fill)
            return fill.data();
        return patch.pixels.ptr<float>(std::clamp(y, 0, rows - 1)) + 3 * std::clamp(x, 0, columns - 1);
    };
    parallel_rows(height, [&](int first, int last) {
        for (int y = first; y < last; ++y) {
            float* row = out.row(y);
            for (int x = 0; x < width; ++x, row += 3) {
                const Point p = to_patch.apply({double(x), double(y)});
                // Far outside a whole number would overflow; two pixels beyond the edge all is the same.
                const double px = std::clamp(p.x, -2.0, columns + 1.0),
                             py = std::clamp(p.y, -2.0, rows + 1.0);
                const int ix = static_cast<int>(std::floor(px)), iy = static_cast<int>(std::floor(py));
                const auto fx = static_cast<float>(px - ix), fy = static_cast<float>(py - iy);
                const float *a = tap(ix, iy), *b = tap(ix + 1, iy), *c = tap(ix, iy + 1),
                            *d = tap(ix + 1, iy + 1);
                for (int i = 0; i < 3; ++i)
                    row[i] = (1 - fy) * ((1 - fx) * a[i] + fx * b[i]) + fy * ((1 - fx) * c[i] + fx * d[i]);
            }
        }
    });
    return out;
}

} // namespace c2c
