#include "core/face/continuation.h"

#include "core/image/opencv.h"

#include <opencv2/imgproc.hpp>

#include <cmath>

namespace c2c {

namespace {

constexpr int grid = 56, grid_margin = grid / 4, grid_size = grid + 2 * grid_margin;

Image resized(const Image& image, int size) {
    Image out(size, size, image.channels);
    cv::resize(as_mat(image), as_mat(out), {size, size}, 0, 0,
               size < image.width ? cv::INTER_AREA : cv::INTER_LINEAR);
    return out;
}

/// A sum of blurs, each twice as wide and far fainter: near values count, far ones only where there are no
/// near ones (normalised convolution, Knutsson and Westin, CVPR 1993).
cv::Mat spread(const cv::Mat& m) {
    cv::Mat sum, level = m.clone(), wide;
    double faint = 1.0;
    for (int size = grid_size; size >= 5; size /= 2, faint *= 0.02) {
        if (level.cols != size)
            cv::resize(cv::Mat(level), level, {size, size}, 0, 0, cv::INTER_AREA);
        cv::GaussianBlur(cv::Mat(level), level, {}, 1.5, 1.5, cv::BORDER_CONSTANT);
        cv::resize(level, wide, {grid_size, grid_size}, 0, 0, cv::INTER_LINEAR);
        if (sum.empty())
            sum = wide * faint;
        else
            cv::scaleAdd(wide, faint, sum, sum);
    }
    return sum;
}

} // namespace

Continuation prepare_continuation(const BlendMask& mask, int template_size) {
    Continuation c;
    c.template_size = template_size;
    c.margin = static_cast<int>(std::lround(template_size * (FaceMaps::context - 1.0) / 2.0));
    // Twice as wide costs a year on some faces (forehead and chin lie at the border), half as wide shows.
    c.window = fade_window(template_size, 0.0, 0.02);
    c.hair = resized(mask.hair, c.size());
    const Image hair = resized(mask.hair, grid_size), all = resized(mask.pixels, grid_size);
    const Image window = resized(c.window, grid);
    for (int k = 0; k < 2; ++k) {
        c.weights[k] = Image(grid_size, grid_size, 1);
        for (int y = 0; y < grid; ++y)
            for (int x = 0; x < grid; ++x) {
                const int gx = x + grid_margin, gy = y + grid_margin;
                const float share = k == 0 ? hair.at(gx, gy) : 1.0f - hair.at(gx, gy);
                // Squared: half hair, half skin should speak for neither.
                c.weights[k].at(gx, gy) = window.at(x, y) * all.at(gx, gy) * share * share;
            }
        c.total[k] = Image(grid_size, grid_size, 1);
        spread(as_mat(c.weights[k])).copyTo(as_mat(c.total[k]));
    }
    return c;
}

Image continue_change(const Continuation& c, const Image& change) {
    const Image own = change.width == c.template_size ? change : resized(change, c.template_size);
    const Image coarse = resized(own, grid);
    Image means[2];
    for (int k = 0; k < 2; ++k) {
        Image weighted(grid_size, grid_size, 3);
        for (int y = 0; y < grid; ++y)
            for (int x = 0; x < grid; ++x)
                for (int i = 0; i < 3; ++i)
                    weighted.at(x + grid_margin, y + grid_margin, i) =
                        coarse.at(x, y, i) * c.weights[k].at(x + grid_margin, y + grid_margin);
        Image mean(grid_size, grid_size, 3);
        spread(as_mat(weighted)).copyTo(as_mat(mean));
        for (std::size_t i = 0; i < mean.data.size(); ++i)
            mean.data[i] /= c.total[k].data[i / 3] + 1e-9f; // no hair at all: 0
        means[k] = resized(mean, c.size());
    }
    Image out = std::move(means[1]);
    for (int y = 0; y < c.size(); ++y) {
        float* o = out.row(y);
        const float *h = means[0].row(y), *share = c.hair.row(y);
        const int ty = y - c.margin;
        const bool inside_y = ty >= 0 && ty < c.template_size;
        for (int x = 0; x < c.size(); ++x) {
            const int tx = x - c.margin;
            const bool inside = inside_y && tx >= 0 && tx < c.template_size;
            const float w = inside ? c.window.at(tx, ty) : 0.0f;
            const float* t = inside ? &own.data[own.index(tx, ty)] : o;
            for (int i = 0; i < 3; ++i) {
                const float far = o[3 * x + i] + share[x] * (h[3 * x + i] - o[3 * x + i]);
                o[3 * x + i] = inside ? far + w * (t[i] - far) : far;
            }
        }
    }
    return out;
}

} // namespace c2c
