#pragma once

#include "core/base/result.h"
#include "core/face/align.h"
#include "core/face/face.h"

#include <opencv2/dnn.hpp>

#include <filesystem>
#include <vector>

// For the sources of this room.

namespace c2c {

/// The detector net alone, on one picture at its own scale.
class YuNet {
  public:
    static Result<YuNet> create(const std::filesystem::path& face_models);

    /// Faces in `picture` (CV_32FC3, RGB 0..1; faces of 12 px and more), not yet merged, with a score of at
    /// least `threshold`. May throw cv::Exception.
    std::vector<Face> look(const cv::Mat& picture, double threshold);

  private:
    explicit YuNet(cv::dnn::Net net) : net_(std::move(net)) {}
    cv::dnn::Net net_;
};

/// A face seen in a view, brought to the photo by the view's warp (a similarity).
Face map_face(const Face& face, const Warp& to_photo);

/// Roll of the face in radians: 0 upright, positive when the picture's right eye is lower.
double roll_of(const Face& face);

/// Whether two boxes are of the same face, as seen at two scales or in part.
bool same_face(const Box& a, const Box& b);

/// The best face of every cluster of overlapping ones, best first.
std::vector<Face> merge(std::vector<Face> faces);

} // namespace c2c
