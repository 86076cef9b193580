#pragma once

#include "core/base/result.h"
#include "core/face/align.h"
#include "core/face/face.h"
#include "core/image/image.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace c2c {

/// The two meters of a result, by nets that no model here is trained with: how old the face reads (dlib's age
/// net) and whether it is the same person (MobileFaceNet). One thread at a time.
class Meters {
  public:
    /// `face_models`: the folder of face.json. Model errors name the file.
    static Result<Meters> create(const std::filesystem::path& face_models);
    Meters(Meters&&) noexcept;
    Meters& operator=(Meters&&) noexcept;
    ~Meters();

    /// Years, 0..80. `face` needs its landmarks; the face is not looked for again.
    Result<double> read_back_age(const Image& srgb, const Face& face);

    /// Unit vector of the face; keep the source's, it serves all ages.
    Result<std::vector<float>> identity_vector(const Image& srgb, const Face& face);

    /// Cosine of the two faces, −1..1; above about 0.4 the same person.
    Result<double> identity(const Image& a, const Face& face_a, const Image& b, const Face& face_b);

  private:
    struct Impl;
    explicit Meters(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// The photo's face as it lies in the template crop of `warp`: judges a crop, or the network's image of it,
/// without another detection.
Face face_in_crop(const Face& face, const Warp& warp);

/// The age net ends at 80: from here on a read-back is not a number.
inline constexpr double read_back_end = 79.5;
inline bool judged(double read_back_age) {
    return read_back_age < read_back_end;
}

/// "47", or "80+" where the meter ends.
std::string format_read_back(double age);

/// 2·A·I/(A + I) of age accuracy and identity similarity (paper, section 4), in the unit they are given in.
double hcs(double age_accuracy, double identity);

/// The paper's age score 1 − |predicted − target|/40, not below 0.
double age_accuracy(double predicted, double target);

} // namespace c2c
