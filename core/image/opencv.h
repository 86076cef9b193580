#pragma once

#include "core/image/image.h"

#include <opencv2/core/mat.hpp>

namespace c2c {

/// The same pixels as a CV_32FC(n) Mat; valid while the image lives and is not resized. Channel order stays
/// RGB.
inline cv::Mat as_mat(Image& image) {
    return {image.height, image.width, CV_MAKETYPE(CV_32F, image.channels), image.data.data()};
}
/// OpenCV has no const Mat: do not write through it.
inline cv::Mat as_mat(const Image& image) {
    return {image.height, image.width, CV_MAKETYPE(CV_32F, image.channels),
            const_cast<float*>(image.data.data())};
}

} // namespace c2c
