#include "ui/session/screen_color.h"

#include <lcms2.h>

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <vector>

namespace c2c::ui {
namespace {

using Profile = std::unique_ptr<void, decltype(&cmsCloseProfile)>;

constexpr auto qt_rgb32 = TYPE_BGRA_8; ///< 0xffRRGGBB as its bytes lie in memory

/// In place, in a few strips side by side: a draft is waited for.
void convert(cmsHTRANSFORM transform, QImage& image) {
    const auto line = static_cast<cmsUInt32Number>(image.bytesPerLine());
    uchar* const bits = image.bits();
    const auto rows = [&, width = cmsUInt32Number(image.width())](int first, int last) {
        uchar* const from = bits + std::ptrdiff_t(first) * image.bytesPerLine();
        cmsDoTransformLineStride(transform, from, from, width, cmsUInt32Number(last - first), line, line, 0,
                                 0);
    };
    constexpr int worth_a_thread = 100'000; // pixels
    const int height = image.height();
    const int strips = std::clamp(image.width() * height / worth_a_thread, 1,
                                  std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 4));
    std::vector<std::jthread> others;
    for (int strip = 1; strip < strips; ++strip)
        others.emplace_back(rows, height * strip / strips, height * (strip + 1) / strips);
    rows(0, height / strips);
}

/// A profile that is sRGB by another name costs nothing if it is known as such.
bool keeps_all(cmsHTRANSFORM transform) {
    constexpr int steps = 8, most = 1;
    QImage before((steps + 1) * (steps + 1), steps + 1, QImage::Format_RGB32);
    for (int y = 0; y < before.height(); ++y)
        for (int x = 0; x < before.width(); ++x)
            before.setPixel(
                x, y, qRgb(x % (steps + 1) * 255 / steps, x / (steps + 1) * 255 / steps, y * 255 / steps));
    QImage after = before.copy();
    convert(transform, after);
    const uchar *a = before.constBits(), *b = after.constBits();
    return std::equal(a, a + before.sizeInBytes(), b,
                      [](uchar x, uchar y) { return std::abs(int(x) - int(y)) <= most; });
}

} // namespace

Result<ScreenColor> ScreenColor::create(const QByteArray& icc, const std::string& name) {
    const Profile screen(cmsOpenProfileFromMem(icc.constData(), cmsUInt32Number(icc.size())),
                         cmsCloseProfile);
    const auto refused = [&] {
        return fail(ErrorKind::Input,
                    "{} is not the profile of a screen, so colours are shown as sRGB; choose another profile "
                    "in the settings.",
                    name);
    };
    if (!screen || cmsGetColorSpace(screen.get()) != cmsSigRgbData)
        return refused();
    const Profile srgb(cmsCreate_sRGBProfile(), cmsCloseProfile);
    // Without a cache a transform may be used by several threads at once.
    cmsHTRANSFORM transform =
        cmsCreateTransform(srgb.get(), qt_rgb32, screen.get(), qt_rgb32, INTENT_RELATIVE_COLORIMETRIC,
                           cmsFLAGS_NOCACHE | cmsFLAGS_BLACKPOINTCOMPENSATION);
    if (!transform)
        return refused();
    ScreenColor color;
    color.transform_ = std::shared_ptr<void>(transform, cmsDeleteTransform);
    return keeps_all(transform) ? ScreenColor() : color;
}

QImage ScreenColor::shown(const QImage& srgb) const {
    if (!transform_ || srgb.isNull())
        return srgb;
    QImage image = srgb.copy(); // lcms leaves the fourth byte as it is
    convert(transform_.get(), image);
    return image;
}

} // namespace c2c::ui
