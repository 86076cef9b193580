#include "core/image/resample.h"

#include "core/image/opencv.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace c2c {
namespace {

Image resize(const Image& image, int width, int height, int filter) {
    if (image.width == width && image.height == height)
        return image;
    Image result(width, height, image.channels);
    cv::Mat to = as_mat(result);
    cv::resize(as_mat(image), to, to.size(), 0, 0, filter);
    return result;
}

} // namespace

Image resize_area(const Image& image, int width, int height) {
    return resize(image, width, height, cv::INTER_AREA);
}
Image resize_linear(const Image& image, int width, int height) {
    return resize(image, width, height, cv::INTER_LINEAR);
}
Image resize_cubic(const Image& image, int width, int height) {
    return resize(image, width, height, cv::INTER_CUBIC);
}

Image fit_within(const Image& image, int side) {
    const int longer = std::max(image.width, image.height);
    if (longer <= side)
        return image;
    const double scale = double(side) / longer;
    return resize_area(image, std::max(1, int(std::lround(image.width * scale))),
                       std::max(1, int(std::lround(image.height * scale))));
}

Image crop(const Image& image, Rect rect) {
    const int x0 = std::clamp(rect.x, 0, image.width), y0 = std::clamp(rect.y, 0, image.height);
    const int x1 = std::clamp(rect.x + rect.width, x0, image.width);
    const int y1 = std::clamp(rect.y + rect.height, y0, image.height);
    Image result(x1 - x0, y1 - y0, image.channels);
    for (int y = y0; y < y1; ++y)
        std::copy_n(image.data.data() + image.index(x0, y),
                    std::size_t(x1 - x0) * std::size_t(image.channels), result.row(y - y0));
    return result;
}

} // namespace c2c
