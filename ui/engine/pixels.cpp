#include "ui/engine/pixels.h"

#include "core/image/opencv.h"

#include <QColorSpace>

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace c2c::ui {
namespace {

int to_byte(float value) {
    return static_cast<int>(std::clamp(value, 0.0f, 1.0f) * 255.0f + 0.5f); // NaN becomes 0 here
}

} // namespace

void put_rgb(const Image& srgb, uchar* bits, qsizetype bytes_per_line, int x, int y) {
    cv::Mat bytes;
    as_mat(srgb).convertTo(bytes, CV_8U, 255);
    cv::Mat into(srgb.height, srgb.width, CV_8UC4, bits + y * bytes_per_line + x * qsizetype(sizeof(QRgb)),
                 static_cast<std::size_t>(bytes_per_line));
    cv::cvtColor(bytes, into, cv::COLOR_RGB2BGRA); // as the bytes of 0xffRRGGBB lie in memory
}

Image rgb_image(const QImage& picture) {
    const cv::Mat bytes(picture.height(), picture.width(), CV_8UC4,
                        const_cast<uchar*>(picture.constBits()), // OpenCV has no const Mat
                        static_cast<std::size_t>(picture.bytesPerLine()));
    cv::Mat rgb;
    cv::cvtColor(bytes, rgb, cv::COLOR_BGRA2RGB);
    Image image(picture.width(), picture.height(), 3);
    rgb.convertTo(as_mat(image), CV_32F, 1 / 255.0);
    return image;
}

QImage grey_image(const Image& mask) {
    QImage image(mask.width, mask.height, QImage::Format_Grayscale8);
    for (int y = 0; y < mask.height; ++y) {
        uchar* line = image.scanLine(y);
        for (int x = 0; x < mask.width; ++x)
            line[x] = static_cast<uchar>(to_byte(mask.at(x, y)));
    }
    return image;
}

void put_part(const Image& part, const Rect& rect, const Rect& area, Image& into) {
    const int left = std::max(rect.x, area.x), right = std::min(rect.x + rect.width, area.x + area.width);
    const int top = std::max(rect.y, area.y), bottom = std::min(rect.y + rect.height, area.y + area.height);
    for (int y = top; y < bottom && left < right; ++y)
        std::copy_n(part.row(y - rect.y) + static_cast<std::ptrdiff_t>(left - rect.x) * part.channels,
                    static_cast<std::ptrdiff_t>(right - left) * part.channels,
                    into.row(y - area.y) + static_cast<std::ptrdiff_t>(left - area.x) * into.channels);
}

QString profile_name(const std::vector<std::uint8_t>& icc) {
    const QColorSpace space = QColorSpace::fromIccProfile(
        QByteArray(reinterpret_cast<const char*>(icc.data()), static_cast<qsizetype>(icc.size())));
    const QString name = space.description();
    return name.isEmpty() ? QStringLiteral("ICC") : name;
}

} // namespace c2c::ui
