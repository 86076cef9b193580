#include "core/face/mask.h"

#include "core/image/opencv.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace c2c {

namespace {

double smootherstep(double t) {
    t = std::clamp(t, 0.0, 1.0);
    return t * t * t * (t * (6.0 * t - 15.0) + 10.0);
}

/// The face of the landmarks, with a forehead as high as the nose is long; soft.
cv::Mat face_hull(const std::array<Point, 68>& landmarks, const Warp& to_mask) {
    std::vector<cv::Point> points;
    const auto add = [&](Point p) {
        p = to_mask.apply(p);
        points.emplace_back(cvRound(p.x * 16), cvRound(p.y * 16));
    };
    for (std::size_t i = 0; i <= 16; ++i)
        add(landmarks[i]);
    const double up_x = landmarks[27].x - landmarks[33].x, up_y = landmarks[27].y - landmarks[33].y;
    for (std::size_t i = 17; i <= 26; ++i)
        add({landmarks[i].x + 0.6 * up_x, landmarks[i].y + 0.6 * up_y});
    std::vector<cv::Point> hull;
    cv::convexHull(points, hull);
    cv::Mat mask(mask_size, mask_size, CV_32F, cv::Scalar(0));
    cv::fillConvexPoly(mask, hull, cv::Scalar(1), cv::LINE_8, 4);
    // Drawn inside the outline: the landmarks' jaw may lie a little outside of the real one.
    cv::erode(mask, mask, cv::getStructuringElement(cv::MORPH_ELLIPSE, {9, 9}));
    cv::GaussianBlur(mask, mask, {}, 4.0);
    return mask;
}

} // namespace

Image fade_window(int size, double from, double to) {
    constexpr double roundness = 6.0; // of the superellipse
    // -1 and 1 at the centres of the outermost pixels, where the window has to be 0.
    std::vector<double> powers;
    for (int i = 0; i < size; ++i)
        powers.push_back(std::pow(std::abs(2.0 * i / (size - 1) - 1.0), roundness));
    // Well within the ring in which the window falls it is 1: half a million roots would be drawn for
    // nothing.
    const double flat = std::pow(1.0 - to, roundness) * (1.0 - 1e-9);
    Image window(size, size, 1, 1.0f);
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x) {
            const double power = powers[std::size_t(x)] + powers[std::size_t(y)];
            if (power < flat)
                continue;
            const double inside = 1.0 - std::pow(power, 1.0 / roundness);
            window.at(x, y) = static_cast<float>(smootherstep((inside - from) / (to - from)));
        }
    return window;
}

BlendMask blend_mask(const FaceMaps& maps, const std::array<Point, 68>& landmarks, const Warp& warp,
                     int template_size, int photo_width, int photo_height) {
    const Warp to_photo = context_warp(warp, template_size, mask_size);
    Image mask(mask_size, mask_size, 1);
    cv::Mat m = as_mat(mask);
    const cv::Mat hull = face_hull(landmarks, to_photo.inverse());
    if (maps.empty()) {
        hull.copyTo(m);
    } else {
        cv::max(as_mat(maps.skin), as_mat(maps.hair), m);
        // What is the person but neither skin nor hair: above the mouth the nets missed hair or an ear, below
        // it is clothing, named or not.
        const Warp to_mask = to_photo.inverse();
        const double mouth = to_mask.apply(landmarks[66]).y, chin = to_mask.apply(landmarks[8]).y;
        for (int y = 0; y < mask_size; ++y) {
            const float share =
                static_cast<float>(1.0 - smootherstep((y - mouth) / std::max(1.0, chin - mouth)));
            for (int x = 0; x < mask_size; ++x)
                mask.at(x, y) = std::max(mask.at(x, y), share * maps.person.at(x, y));
        }
        // Where the two nets' answers meet, hair and skin win: false clothing makes holes in light hair.
        for (std::size_t k = 0; k < mask.data.size(); ++k)
            mask.data[k] *=
                1.0f - maps.clothes.data[k] * (1.0f - std::max(maps.skin.data[k], maps.hair.data[k]));
        cv::max(m, hull, m);
        cv::GaussianBlur(m, m, {}, 2.4);
        // The faint outer tail of the mattes would shade the background beside jaw and hair, and stretch the
        // touched part over the whole square.
        m = (m - 0.1) / 0.8;
        cv::max(m, 0.0f, m);
        cv::min(m, 1.0f, m);
    }
    // All of it inside the template, nothing on the border of the square.
    const Image window = fade_window(mask_size, 0.02, 1.0 - 1.0 / FaceMaps::context);
    cv::multiply(m, as_mat(window), m);
    // One mask pixel further than the photo, so that interpolation does not thin out the photo's own border.
    const double margin = 0.5 + to_photo.scale();
    for (int y = 0; y < mask_size; ++y)
        for (int x = 0; x < mask_size; ++x) {
            const Point p = to_photo.apply({static_cast<double>(x), static_cast<double>(y)});
            if (p.x < -margin || p.y < -margin || p.x > photo_width - 1 + margin ||
                p.y > photo_height - 1 + margin)
                mask.at(x, y) = 0.0f;
        }
    return {std::move(mask), maps.empty() ? Image(mask_size, mask_size, 1) : maps.hair, to_photo};
}

} // namespace c2c
