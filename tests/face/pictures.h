#pragma once

#include "core/base/files.h"
#include "core/face/align.h"
#include "core/face/detect.h"
#include "core/face/landmarks.h"
#include "core/image/color.h"
#include "core/image/opencv.h"
#include "core/image/read.h"
#include "tests/support.h"

#include <opencv2/imgproc.hpp>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace c2c::test {

/// What the networks see of a file: sRGB, RGB 0..1.
inline Image load(const std::filesystem::path& file) {
    const Photo photo = value(read_photo(file));
    return value(ColorTransform::create(photo)).to_srgb(photo.color);
}

inline std::vector<std::string> all_photos() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(data("photos")))
        if (entry.path().extension() != ".md")
            names.insert(entry.path().filename().string());
    return {names.begin(), names.end()};
}

inline std::vector<std::string> portraits() {
    auto names = all_photos();
    std::erase(names, "group_of_four.jpg");
    return names;
}

/// The age in a photo's name.
inline double named_age(const std::string& name) {
    return std::stod(name.substr(name.find_first_of("0123456789")));
}

inline std::filesystem::path face_models() {
    return std::filesystem::path(C2C_SOURCE_DIR) / "models" / "face";
}

inline Image from_mat(const cv::Mat& pixels) {
    Image image(pixels.cols, pixels.rows, 3);
    pixels.copyTo(as_mat(image));
    return image;
}

inline Image resized(const Image& image, double scale) {
    cv::Mat out;
    cv::resize(as_mat(image), out, {}, scale, scale, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    return from_mat(out);
}

/// Turned by `degrees` about its middle on a canvas that holds it all; points go with `m`.
struct Turned {
    Image image;
    Warp to_turned;
};
inline Turned turned(const Image& image, double degrees) {
    const double a = degrees * 3.14159265358979323846 / 180, c = std::cos(a), s = std::sin(a);
    const double w = std::abs(image.width * c) + std::abs(image.height * s);
    const double h = std::abs(image.width * s) + std::abs(image.height * c);
    const double cx = (image.width - 1) / 2.0, cy = (image.height - 1) / 2.0;
    const Warp warp{{c, -s, (w - 1) / 2 - c * cx + s * cy, s, c, (h - 1) / 2 - s * cx - c * cy}};
    cv::Mat out;
    cv::warpAffine(as_mat(image), out, cv::Matx23d(warp.m.data()), cv::Size(int(w), int(h)), cv::INTER_LINEAR,
                   cv::BORDER_CONSTANT, {0.3, 0.4, 0.35});
    return {from_mat(out), warp};
}

inline Box whole_box(const std::array<Point, 68>& points) {
    double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
    for (const Point p : points)
        x0 = std::min(x0, p.x), y0 = std::min(y0, p.y), x1 = std::max(x1, p.x), y1 = std::max(y1, p.y);
    return {x0, y0, x1 - x0, y1 - y0};
}

inline double eye_distance(const std::array<Point, 68>& p) {
    Point a, b;
    for (std::size_t i = 0; i < 6; ++i) {
        a.x += p[36 + i].x / 6, a.y += p[36 + i].y / 6;
        b.x += p[42 + i].x / 6, b.y += p[42 + i].y / 6;
    }
    return std::hypot(a.x - b.x, a.y - b.y);
}

/// Mean distance of two sets of landmarks in parts of the eye distance.
inline double landmark_difference(const std::array<Point, 68>& a, const std::array<Point, 68>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < 68; ++i)
        sum += std::hypot(a[i].x - b[i].x, a[i].y - b[i].y) / 68;
    return sum / eye_distance(b);
}

} // namespace c2c::test
