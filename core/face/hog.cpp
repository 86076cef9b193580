#include "core/face/hog.h"

#include "core/face/pixels8.h"

#include <dlib/image_processing/frontal_face_detector.h>

namespace c2c {

struct HogDetector::Impl {
    dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
};

HogDetector::HogDetector() = default;
HogDetector::~HogDetector() = default;

std::vector<Box> HogDetector::look(const Image& picture, double adjust) {
    if (!impl_)
        impl_ = std::make_unique<Impl>();
    std::vector<Box> boxes;
    for (const auto& r : impl_->detector(to_dlib(picture), adjust))
        boxes.push_back({double(r.left()), double(r.top()), double(r.width()), double(r.height())});
    return boxes;
}

} // namespace c2c
