#include "core/face/protect.h"

#include "core/image/opencv.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace c2c {

namespace {

cv::Rect as_rect(Rect r) {
    return {r.x, r.y, r.width, r.height};
}

double eye_distance(const Face& face) {
    return std::hypot(face.landmarks[45].x - face.landmarks[36].x,
                      face.landmarks[45].y - face.landmarks[36].y);
}

/// Closed outlines of landmarks (first, last), filled, widened by `grow` and softened by `soft` pixels.
RegionMask outlines(const Face& face, std::initializer_list<std::pair<std::size_t, std::size_t>> ranges,
                    double grow, double soft, int width, int height) {
    double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
    for (const auto& [first, last] : ranges)
        for (std::size_t i = first; i <= last; ++i) {
            left = std::min(left, face.landmarks[i].x), right = std::max(right, face.landmarks[i].x);
            top = std::min(top, face.landmarks[i].y), bottom = std::max(bottom, face.landmarks[i].y);
        }
    const double margin = grow + 3.0 * soft + 2.0;
    const cv::Rect inside = cv::Rect(cv::Point(static_cast<int>(std::floor(left - margin)),
                                               static_cast<int>(std::floor(top - margin))),
                                     cv::Point(static_cast<int>(std::ceil(right + margin)),
                                               static_cast<int>(std::ceil(bottom + margin)))) &
                            cv::Rect(0, 0, width, height);
    RegionMask mask{{inside.x, inside.y, inside.width, inside.height}, Image(inside.width, inside.height, 1)};
    if (inside.empty())
        return {};
    cv::Mat m = as_mat(mask.pixels);
    for (const auto& [first, last] : ranges) {
        std::vector<cv::Point> polygon;
        for (std::size_t i = first; i <= last; ++i)
            polygon.emplace_back(cvRound((face.landmarks[i].x - inside.x) * 16),
                                 cvRound((face.landmarks[i].y - inside.y) * 16));
        cv::fillPoly(m, std::vector<std::vector<cv::Point>>{polygon}, cv::Scalar(1), cv::LINE_8, 4);
    }
    if (const int k = static_cast<int>(std::lround(grow)); k > 0)
        cv::dilate(m, m, cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * k + 1, 2 * k + 1}));
    cv::GaussianBlur(m, m, {}, std::max(0.5, soft));
    return mask;
}

RegionMask map_in_photo(const FaceMaps& maps, const Image& map, int width, int height) {
    if (maps.empty())
        return {};
    double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
    for (const double x : {0.0, map.width - 1.0})
        for (const double y : {0.0, map.height - 1.0}) {
            const Point p = maps.warp.apply({x, y});
            left = std::min(left, p.x), right = std::max(right, p.x);
            top = std::min(top, p.y), bottom = std::max(bottom, p.y);
        }
    const cv::Rect inside =
        cv::Rect(cv::Point(static_cast<int>(std::floor(left)), static_cast<int>(std::floor(top))),
                 cv::Point(static_cast<int>(std::ceil(right)) + 1, static_cast<int>(std::ceil(bottom)) + 1)) &
        cv::Rect(0, 0, width, height);
    if (inside.empty())
        return {};
    const Rect rect{inside.x, inside.y, inside.width, inside.height};
    return {rect, template_in_photo(map, maps.warp, map.width, rect)};
}

} // namespace

RegionMask protect_eyes(const Face& face, int photo_width, int photo_height) {
    const double unit = eye_distance(face);
    return outlines(face, {{36, 41}, {42, 47}}, 0.03 * unit, 0.02 * unit, photo_width, photo_height);
}

RegionMask protect_mouth(const Face& face, int photo_width, int photo_height) {
    return outlines(face, {{60, 67}}, 0.0, 0.01 * eye_distance(face), photo_width, photo_height);
}

RegionMask protect_hair(const FaceMaps& maps, int photo_width, int photo_height) {
    return map_in_photo(maps, maps.hair, photo_width, photo_height);
}

RegionMask protect_clothes(const FaceMaps& maps, int photo_width, int photo_height) {
    return map_in_photo(maps, maps.clothes, photo_width, photo_height);
}

RegionMask combine(const RegionMask& a, const RegionMask& b) {
    if (a.pixels.empty() || b.pixels.empty())
        return a.pixels.empty() ? b : a;
    const cv::Rect both = as_rect(a.rect) | as_rect(b.rect);
    RegionMask out{{both.x, both.y, both.width, both.height}, Image(both.width, both.height, 1)};
    cv::Mat all = as_mat(out.pixels);
    for (const RegionMask* mask : {&a, &b}) {
        cv::Mat part = all(as_rect(mask->rect) - both.tl());
        cv::max(part, as_mat(mask->pixels), part);
    }
    return out;
}

RegionMask protect_picture(const Image& picture) {
    RegionMask mask{{0, 0, picture.width, picture.height}, picture};
    if (picture.channels >= 3) {
        mask.pixels = Image(picture.width, picture.height, 1);
        for (std::size_t i = 0; i < mask.pixels.data.size(); ++i) {
            const float* p = picture.data.data() + i * static_cast<std::size_t>(picture.channels);
            mask.pixels.data[i] = 0.2126f * p[0] + 0.7152f * p[1] + 0.0722f * p[2];
        }
    }
    return mask;
}

} // namespace c2c
