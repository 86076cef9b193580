#include "core/image/pixels.h"

#include "core/image/opencv.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>

#include <sys/mman.h>
#include <unistd.h>

namespace c2c {
namespace {

template <class T, class Convert>
Image take(std::span<const T> values, int width, int height, int stride, int first, int count,
           Convert convert) {
    Image image;
    image.width = width;
    image.height = height;
    image.channels = count;
    const std::size_t size = std::size_t(width) * std::size_t(height) * std::size_t(count);
    image.data.reserve(size);
    make_pages(image.data.data(), size * sizeof(float));
    image.data.resize(size);
    parallel_rows(height, [&](int y0, int y1) {
        for (int y = y0; y < y1; ++y) {
            const T* from = values.data() + std::size_t(y) * std::size_t(width) * std::size_t(stride) + first;
            float* to = image.row(y);
            if (stride == count) // one loop, which the compiler makes several times as quick
                std::transform(from, from + std::ptrdiff_t(width) * stride, to, convert);
            else
                for (int x = 0; x < width; ++x, from += stride)
                    for (int c = 0; c < count; ++c)
                        *to++ = convert(from[c]);
        }
    });
    return image;
}

template <class T> const std::vector<float>& table() {
    static const std::vector<float> values = [] {
        constexpr int maximum = std::numeric_limits<T>::max();
        std::vector<float> result(maximum + 1);
        for (int i = 0; i <= maximum; ++i)
            result[std::size_t(i)] = float(i) / float(maximum);
        return result;
    }();
    return values;
}

template <class T, class Convert> std::vector<T> give(std::span<const Image* const> planes, Convert convert) {
    const int width = planes[0]->width, height = planes[0]->height;
    int stride = 0;
    for (const Image* plane : planes)
        stride += plane->channels;
    std::vector<T> values(std::size_t(width) * std::size_t(height) * std::size_t(stride));
    parallel_rows(height, [&](int y0, int y1) {
        for (int y = y0; y < y1; ++y) {
            int first = 0;
            for (const Image* plane : planes) {
                const float* from = plane->row(y);
                T* to = values.data() + std::size_t(y) * std::size_t(width) * std::size_t(stride) + first;
                for (int x = 0; x < width; ++x, to += stride)
                    for (int c = 0; c < plane->channels; ++c)
                        to[c] = convert(*from++);
                first += plane->channels;
            }
        }
    });
    return values;
}

template <class T> T rounded(float value) {
    constexpr float maximum = float(std::numeric_limits<T>::max());
    if (!(value > 0.0f)) // NaN too
        return 0;
    return static_cast<T>(std::min(value, 1.0f) * maximum + 0.5f);
}

template <class Operation> Image by_alpha(const Image& color, const Image& alpha, Operation operation) {
    Image result(color.width, color.height, color.channels);
    parallel_rows(color.height, [&](int y0, int y1) {
        for (int y = y0; y < y1; ++y)
            for (int x = 0; x < color.width; ++x)
                for (int c = 0; c < color.channels; ++c)
                    result.at(x, y, c) = operation(color.at(x, y, c), alpha.at(x, y));
    });
    return result;
}

} // namespace

void parallel_rows(int height, const std::function<void(int, int)>& rows) {
    cv::parallel_for_(cv::Range(0, height), [&](const cv::Range& range) { rows(range.start, range.end); });
}

void make_pages(void* data, std::size_t bytes) {
#ifdef MADV_POPULATE_WRITE // from Linux 5.14; a hint: without it the first touch does the same
    const auto page = std::size_t(sysconf(_SC_PAGESIZE));
    constexpr std::size_t part = std::size_t{1} << 20;
    if (bytes < 8 * part || !std::align(page, page, data, bytes))
        return;
    parallel_rows(int(bytes / part), [&](int first, int last) {
        (void)::madvise(static_cast<char*>(data) + std::size_t(first) * part,
                        std::size_t(last - first) * part, MADV_POPULATE_WRITE);
    });
#endif
}

Image from_integers(std::span<const std::uint8_t> values, int width, int height, int stride, int first,
                    int count) {
    return take(values, width, height, stride, first, count, [](auto v) { return float(v) / 255.0f; });
}
Image from_integers(std::span<const std::uint16_t> values, int width, int height, int stride, int first,
                    int count) {
    const float* numbers = table<std::uint16_t>().data();
    return take(values, width, height, stride, first, count, [numbers](auto v) { return numbers[v]; });
}
Image from_floats(std::span<const float> values, int width, int height, int stride, int first, int count) {
    return take(values, width, height, stride, first, count, [](float v) { return v; });
}

std::vector<std::uint8_t> to_u8(std::span<const Image* const> planes) {
    return give<std::uint8_t>(planes, rounded<std::uint8_t>);
}
std::vector<std::uint16_t> to_u16(std::span<const Image* const> planes) {
    return give<std::uint16_t>(planes, rounded<std::uint16_t>);
}
std::vector<float> to_floats(std::span<const Image* const> planes) {
    return give<float>(planes, [](float v) { return v; });
}

Image upright(Image image, int orientation) {
    if (orientation < 2 || orientation > 8 || image.empty())
        return image;
    const bool turned = orientation >= 5;
    Image result(turned ? image.height : image.width, turned ? image.width : image.height, image.channels);
    const cv::Mat from = as_mat(image);
    cv::Mat to = as_mat(result);
    switch (orientation) {
    case 2:
        cv::flip(from, to, 1);
        break;
    case 3:
        cv::rotate(from, to, cv::ROTATE_180);
        break;
    case 4:
        cv::flip(from, to, 0);
        break;
    case 5:
        cv::transpose(from, to);
        break;
    case 6:
        cv::rotate(from, to, cv::ROTATE_90_CLOCKWISE);
        break;
    case 7:
        cv::transpose(from, to);
        cv::flip(to, to, -1);
        break;
    case 8:
        cv::rotate(from, to, cv::ROTATE_90_COUNTERCLOCKWISE);
        break;
    }
    return result;
}

Image multiplied(const Image& color, const Image& alpha) {
    return by_alpha(color, alpha, [](float c, float a) { return c * a; });
}
Image divided(const Image& color, const Image& alpha) {
    return by_alpha(color, alpha, [](float c, float a) { return a > 0.0f ? c / a : c; });
}

} // namespace c2c
