#pragma once

#include "core/base/result.h"
#include "core/face/face.h"
#include "core/image/image.h"

#include <filesystem>
#include <memory>

namespace c2c {

struct AgeGender {
    double age = 0;              ///< years; the net ends at 80
    double male_probability = 0; ///< 0..1
    Gender gender() const { return male_probability >= 0.5 ? Gender::Male : Gender::Female; }
};

/// dlib's age and gender nets (Cydral Technology, CC0) on dlib's five-point face chip, and face-api's
/// TinyXception (MIT) as a second opinion. One thread at a time.
class AgeGenderEstimator {
  public:
    /// `face_models`: the folder of face.json. Model errors name the file.
    static Result<AgeGenderEstimator> create(const std::filesystem::path& face_models);
    AgeGenderEstimator(AgeGenderEstimator&&) noexcept;
    AgeGenderEstimator& operator=(AgeGenderEstimator&&) noexcept;
    ~AgeGenderEstimator();

    /// Of a face in an sRGB photo, by its 68 landmarks (see Landmarker): dlib's distribution over the ages,
    /// narrowed by the other net's age.
    Result<AgeGender> estimate(const Image& srgb, const std::array<Point, 68>& landmarks);
    /// dlib's net alone, the mean over three sizes of the chip and their mirror pictures: the read-back
    /// meter.
    Result<double> age(const Image& srgb, const std::array<Point, 68>& landmarks);

  private:
    struct Impl;
    explicit AgeGenderEstimator(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// dlib's face chip (get_face_chip_details for five points) of `size` pixels a side; the photo's edge goes on
/// outside.
Image dlib_chip(const Image& srgb, const std::array<Point, 68>& landmarks, int size, double padding = 0.25);

} // namespace c2c
