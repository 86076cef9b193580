#include "ui/session/pyramid.h"

#include <algorithm>
#include <cstring>

namespace c2c::ui {
namespace {

const QRgb* line(const QImage& image, int y) {
    return reinterpret_cast<const QRgb*>(image.constScanLine(y));
}

QImage halved(const QImage& image) {
    QImage half((image.width() + 1) / 2, (image.height() + 1) / 2, QImage::Format_RGB32);
    for (int y = 0; y < half.height(); ++y) {
        const QRgb* top = line(image, 2 * y);
        const QRgb* bottom = line(image, std::min(2 * y + 1, image.height() - 1));
        auto* out = reinterpret_cast<QRgb*>(half.scanLine(y));
        // Two channels a time in one word: red and blue, then green; none runs over into the next.
        const auto mean = [&](int left, int right, int shift) {
            constexpr QRgb mask = 0x00ff00ff;
            const QRgb sum = (top[left] >> shift & mask) + (top[right] >> shift & mask) +
                             (bottom[left] >> shift & mask) + (bottom[right] >> shift & mask) + 0x00020002;
            return sum >> 2 & mask;
        };
        const auto pixel = [&](int left, int right) {
            return 0xff000000 | mean(left, right, 0) | (mean(left, right, 8) & 0xff) << 8;
        };
        const int pairs = image.width() / 2; // without a question in the loop many are done at a time
        for (int x = 0; x < pairs; ++x)
            out[x] = pixel(2 * x, 2 * x + 1);
        if (pairs < half.width())
            out[pairs] = pixel(2 * pairs, 2 * pairs);
    }
    return half;
}

} // namespace

Pyramid make_pyramid(const QImage& image) {
    Pyramid levels{image};
    while (static_cast<int>(levels.size()) < pyramid_levels)
        levels.push_back(halved(levels.back()));
    return levels;
}

Rect pyramid_rect(const Rect& rect, int width, int height) {
    constexpr int step = 1 << (pyramid_levels - 1);
    const int left = rect.x / step * step, top = rect.y / step * step;
    const int right = std::min((rect.x + rect.width + step - 1) / step * step, width);
    const int bottom = std::min((rect.y + rect.height + step - 1) / step * step, height);
    return {left, top, right - left, bottom - top};
}

Pyramid patch_pyramid(const QImage& photo, const QImage& patch, const Rect& rect, Rect& widened) {
    widened = pyramid_rect(rect, photo.width(), photo.height());
    QImage whole = photo.copy(widened.x, widened.y, widened.width, widened.height);
    for (int y = 0; y < rect.height; ++y)
        std::memcpy(whole.scanLine(rect.y - widened.y + y) +
                        static_cast<std::size_t>(rect.x - widened.x) * sizeof(QRgb),
                    patch.constScanLine(y), static_cast<std::size_t>(rect.width) * sizeof(QRgb));
    return make_pyramid(whole);
}

} // namespace c2c::ui
