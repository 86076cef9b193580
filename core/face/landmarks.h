#pragma once

#include "core/base/result.h"
#include "core/face/face.h"
#include "core/image/image.h"

#include <filesystem>
#include <memory>

namespace c2c {

/// $C2C_SHAPE_PREDICTOR, or where Debian's libdlib-data puts the 68-point model.
std::filesystem::path shape_predictor_file();

/// dlib's 68 landmarks (Kazemi and Sullivan, "One Millisecond Face Alignment", CVPR 2014). Cheap to copy
/// (shared).
class Landmarker {
  public:
    /// A Model error names the file and the package that holds it.
    static Result<Landmarker> load(const std::filesystem::path& file = shape_predictor_file());

    /// Fills face.landmarks from the sRGB photo and face.five; a rolled face is turned upright for it.
    Result<void> fit(const Image& srgb, Face& face) const;

  private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

} // namespace c2c
