#include "core/face/align.h"
#include "core/face/resample.h"
#include "core/face/similarity.h"
#include "core/image/opencv.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace c2c {
namespace {

/// What the manifest of a model like nano asks for: a blur where the quad is larger than the template, and
/// one colour around the photo.
Image crop_on_color(const Image& srgb, const Warp& warp, const Template& shape) {
    Sampling sampling;
    const double ratio = warp.scale();
    if (ratio > 1.5)
        sampling.sigma = shape.prefilter * ratio;
    std::array<float, 3> fill{};
    std::transform(shape.border_color.begin(), shape.border_color.end(), fill.begin(),
                   [](float v) { return v / 255.0f; });
    sampling.fill = fill;
    return sample(srgb, warp, shape.size, shape.size, sampling);
}

/// A wide blur done small: what a reduction by a third of sigma loses, the blur would take away.
cv::Mat blurred_wide(const cv::Mat& pixels, double sigma) {
    const double k = std::max(1.0, sigma / 3);
    const cv::Size size(std::max(1, int(pixels.cols / k)), std::max(1, int(pixels.rows / k)));
    cv::Mat small, out;
    cv::resize(pixels, small, size, 0, 0, cv::INTER_AREA);
    cv::GaussianBlur(small, small, {}, sigma / k, sigma / k, cv::BORDER_REFLECT);
    cv::resize(small, out, pixels.size(), 0, 0, cv::INTER_LINEAR);
    return out;
}

/// The median colour, of every fourth pixel each way.
cv::Vec3f median(const cv::Mat& pixels) {
    cv::Vec3f out;
    for (int c = 0; c < 3; ++c) {
        std::vector<float> values;
        for (int y = 0; y < pixels.rows; y += 4)
            for (int x = 0; x < pixels.cols; x += 4)
                values.push_back(pixels.at<cv::Vec3f>(y, x)[c]);
        const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
        std::nth_element(values.begin(), middle, values.end());
        out[c] = *middle;
    }
    return out;
}

/// Pixels added at the left, top, right and bottom.
using Padding = std::array<int, 4>;

/// pixel += (other(y, x) − pixel) · clip(outside · slope + offset), where `outside` is 1 at the outer edge, 0
/// at the photo's edge and negative inside.
template <class Other>
void mix_outside(cv::Mat& pixels, const Padding& pad, double slope, double offset, const Other& other) {
    for (int y = 0; y < pixels.rows; ++y) {
        const double vertical = std::max(1 - double(y) / pad[1], 1 - double(pixels.rows - 1 - y) / pad[3]);
        auto* row = pixels.ptr<cv::Vec3f>(y);
        for (int x = 0; x < pixels.cols; ++x) {
            const double horizontal =
                std::max(1 - double(x) / pad[0], 1 - double(pixels.cols - 1 - x) / pad[2]);
            const double amount = std::max(horizontal, vertical) * slope + offset;
            if (amount > 0)
                row[x] += (other(y, x) - row[x]) * static_cast<float>(std::min(amount, 1.0));
        }
    }
}

/// Continues the photo by reflection that grows softer outward and goes over into the median colour.
void pad_softly(cv::Mat& pixels, const Padding& pad, double sigma) {
    cv::copyMakeBorder(pixels, pixels, pad[1], pad[3], pad[0], pad[2], cv::BORDER_REFLECT_101);
    const cv::Mat soft = blurred_wide(pixels, sigma);
    mix_outside(pixels, pad, 3, 1, [&](int y, int x) { return soft.at<cv::Vec3f>(y, x); });
    const cv::Vec3f flat = median(pixels);
    mix_outside(pixels, pad, 1, 0, [&](int, int) { return flat; });
}

/// FFHQ's way (the steps of its download script): reduce by a whole factor, cut out the quad with a tenth of
/// its side around it, pad what is missing.
Image crop_reflected(const Image& srgb, const Warp& warp, const Template& shape) {
    const double side = warp.scale() * shape.size;
    const Point half = {(shape.size - 1) / 2.0, (shape.size - 1) / 2.0};
    const Point centre = warp.apply(half);
    const int shrink = std::max(1, static_cast<int>(std::floor(side / shape.size * 0.5)));

    // Half the extent of the turned square, its corners included.
    const double reach = (std::abs(warp.m[0]) + std::abs(warp.m[1])) * shape.size / 2;
    const double border = std::max(std::rint(side * 0.1), 3.0 * shrink);
    const cv::Rect wanted(
        cv::Point(int(std::floor(centre.x - reach - border)), int(std::floor(centre.y - reach - border))),
        cv::Point(int(std::ceil(centre.x + reach + border)), int(std::ceil(centre.y + reach + border))));
    cv::Rect part = wanted & cv::Rect(0, 0, srgb.width, srgb.height);
    if (part.empty()) // wholly outside: go on from the nearest pixel
        part = {std::clamp(wanted.x, 0, srgb.width - 1), std::clamp(wanted.y, 0, srgb.height - 1), 1, 1};
    cv::Mat pixels = as_mat(srgb)(part).clone();
    double kx = 1, ky = 1;
    if (shrink > 1 && part.width >= shrink && part.height >= shrink) {
        const cv::Size small(part.width / shrink, part.height / shrink);
        kx = double(part.width) / small.width, ky = double(part.height) / small.height;
        cv::resize(pixels, pixels, small, 0, 0, cv::INTER_AREA);
    }
    // Lengths below are in reduced pixels.
    const double s = side / shrink;
    const int least = static_cast<int>(std::rint(s * 0.3));
    Padding pad = {int((part.x - wanted.x) / kx), int((part.y - wanted.y) / ky),
                   int((wanted.br().x - part.br().x) / kx), int((wanted.br().y - part.br().y) / ky)};
    if (*std::max_element(pad.begin(), pad.end()) > int(border / shrink) - 4) {
        for (int& p : pad)
            p = std::max({p, least, 1});
        pad_softly(pixels, pad, s * 0.02);
    } else {
        pad = {};
    }
    Image patch(pixels.cols, pixels.rows, 3);
    pixels.copyTo(as_mat(patch));
    const Warp to_patch = {
        {1 / kx, 0, (0.5 - part.x) / kx - 0.5 + pad[0], 0, 1 / ky, (0.5 - part.y) / ky - 0.5 + pad[1]}};

    // The script samples at a high resolution and reduces; here every pixel is the mean of n x n samples.
    constexpr int n = 3;
    const Warp fine = {{1.0 / n, 0, 0.5 / n - 0.5, 0, 1.0 / n, 0.5 / n - 0.5}};
    const Image samples =
        sample(patch, compose(to_patch, compose(warp, fine)), n * shape.size, n * shape.size);
    Image out(shape.size, shape.size, 3);
    cv::Mat target = as_mat(out);
    cv::resize(as_mat(samples), target, target.size(), 0, 0, cv::INTER_AREA);
    return out;
}

} // namespace

Image crop_face(const Image& srgb, const Warp& warp, const Template& shape) {
    if (srgb.empty() || !(warp.scale() > 1e-6 && warp.scale() < 1e5))
        return Image(shape.size, shape.size, 3);
    return shape.border == Template::Border::Color ? crop_on_color(srgb, warp, shape)
                                                   : crop_reflected(srgb, warp, shape);
}

Image arcface_chip(const Image& srgb, const std::array<Point, 5>& five) {
    // The five points of ArcFace's 112x112 template (insightface, face_align.py).
    constexpr std::array<Point, 5> mean = {
        {{38.2946, 51.6963}, {73.5318, 51.5014}, {56.0252, 71.7366}, {41.5493, 92.3655}, {70.7299, 92.2041}}};
    // Fitted from the face to the template, as insightface does: least squares the other way gives another
    // scale.
    const Warp warp = similarity<5>(five, mean).inverse();
    return sample(srgb, warp, 112, 112, {reduction_sigma(warp.scale()), {}});
}

} // namespace c2c
