#include "ui/session/pyramid.h"

#include <algorithm>
#include <cmath>

namespace c2c::ui {
namespace {

const QRgb* line(const QImage& image, int y) {
    return reinterpret_cast<const QRgb*>(image.constScanLine(y));
}

QRgb mean(QRgb a, QRgb b, QRgb c, QRgb d) {
    // Two channels a time in one word: red and blue, then green; none runs over into the next.
    constexpr QRgb mask = 0x00ff00ff;
    const auto two = [&](int shift) {
        const QRgb sum = (a >> shift & mask) + (b >> shift & mask) + (c >> shift & mask) +
                         (d >> shift & mask) + 0x00020002;
        return sum >> 2 & mask;
    };
    return 0xff000000 | two(0) | (two(8) & 0xff) << 8;
}

QImage halved(const QImage& image) {
    QImage half((image.width() + 1) / 2, (image.height() + 1) / 2, QImage::Format_RGB32);
    for (int y = 0; y < half.height(); ++y) {
        const QRgb* top = line(image, 2 * y);
        const QRgb* bottom = line(image, std::min(2 * y + 1, image.height() - 1));
        auto* out = reinterpret_cast<QRgb*>(half.scanLine(y));
        const int pairs = image.width() / 2;
        for (int x = 0; x < pairs; ++x) // no clamp in here, so that the compiler takes several at a time
            out[x] = mean(top[2 * x], top[2 * x + 1], bottom[2 * x], bottom[2 * x + 1]);
        if (pairs < half.width()) // the border counts twice
            out[pairs] = mean(top[2 * pairs], top[2 * pairs], bottom[2 * pairs], bottom[2 * pairs]);
    }
    return half;
}

} // namespace

Pyramid make_pyramid(const QImage& image, int level) {
    Pyramid levels(static_cast<std::size_t>(level));
    levels.push_back(image);
    while (static_cast<int>(levels.size()) < pyramid_levels)
        levels.push_back(halved(levels.back()));
    return levels;
}

int level_for(double zoom) {
    return std::clamp(static_cast<int>(std::floor(std::log2(1 / zoom) + 1e-6)), 0, pyramid_levels - 1);
}

int made_level(const Pyramid& levels, int level) {
    while (levels[static_cast<std::size_t>(level)].isNull())
        ++level;
    return level;
}

Rect pyramid_rect(const Rect& rect, const QSize& photo) {
    constexpr int step = 1 << (pyramid_levels - 1);
    const int left = rect.x / step * step, top = rect.y / step * step;
    const int right = std::min((rect.x + rect.width + step - 1) / step * step, photo.width());
    const int bottom = std::min((rect.y + rect.height + step - 1) / step * step, photo.height());
    return {left, top, right - left, bottom - top};
}

QImage part_at_level(const QImage& photo, const Rect& rect, int level) {
    QImage part = photo.copy(rect.x, rect.y, rect.width, rect.height);
    for (int i = 0; i < level; ++i)
        part = halved(part);
    return part;
}

} // namespace c2c::ui
