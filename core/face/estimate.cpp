#include "core/face/estimate.h"

#include "core/face/nets.h"
#include "core/face/resample.h"
#include "core/face/similarity.h"
#include "core/image/opencv.h"

#include <cmath>

namespace c2c {
namespace {

/// Years of the 81 classes, as the net's author reads them.
double year(int index) {
    return index == 0 ? 0.25 : index;
}

/// Probabilities of a chip. The means are the ones dlib's input layer subtracts.
cv::Mat run(cv::dnn::Net& net, const Image& chip) {
    Image input = chip;
    constexpr std::array<float, 3> mean = {122.782f, 117.001f, 104.298f};
    for (std::size_t i = 0; i < input.data.size(); ++i)
        input.data[i] = (255.0f * input.data[i] - mean[i % 3]) / 256.0f;
    net.setInput(cv::dnn::blobFromImage(as_mat(input)));
    return net.forward().clone();
}

tl::unexpected<Error> failed(const std::exception& e) {
    auto error = fail(ErrorKind::Internal, "Estimating the age failed; please report this.");
    error.value().detail = e.what();
    return error;
}

} // namespace

struct AgeGenderEstimator::Impl {
    cv::dnn::Net age, gender;
};

AgeGenderEstimator::AgeGenderEstimator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AgeGenderEstimator::AgeGenderEstimator(AgeGenderEstimator&&) noexcept = default;
AgeGenderEstimator& AgeGenderEstimator::operator=(AgeGenderEstimator&&) noexcept = default;
AgeGenderEstimator::~AgeGenderEstimator() = default;

Result<AgeGenderEstimator> AgeGenderEstimator::create(const std::filesystem::path& face_models) {
    C2C_TRY(auto age, load_net(face_models, "age.onnx"));
    C2C_TRY(auto gender, load_net(face_models, "gender.onnx"));
    return AgeGenderEstimator(std::make_unique<Impl>(Impl{std::move(age), std::move(gender)}));
}

Image dlib_chip(const Image& srgb, const std::array<Point, 68>& landmarks, int size) {
    // Outer and inner corner of the eye at the picture's right, the same at its left, base of the nose; where
    // dlib/image_transforms/interpolation.h has them in a face of side 1.
    constexpr std::array<Point, 5> mean = {{{0.8595674595992, 0.2134981538014},
                                            {0.6460604764104, 0.2289674387677},
                                            {0.1205750620789, 0.2137274526848},
                                            {0.3340850613712, 0.2290642403242},
                                            {0.4901123135679, 0.6277975316475}}};
    constexpr double padding = 0.25;
    std::array<Point, 5> from;
    for (std::size_t i = 0; i < 5; ++i)
        from[i] = {(padding + mean[i].x) / (2 * padding + 1) * size,
                   (padding + mean[i].y) / (2 * padding + 1) * size};
    const std::array<Point, 5> to = {landmarks[45], landmarks[42], landmarks[36], landmarks[39],
                                     landmarks[33]};
    const Warp warp = similarity<5>(from, to);
    // dlib samples from a pyramid; what lies outside is black there too.
    return sample(srgb, warp, size, size, {reduction_sigma(warp.scale()), std::array<float, 3>{}});
}

Result<double> AgeGenderEstimator::age(const Image& srgb, const std::array<Point, 68>& landmarks) try {
    const cv::Mat p = run(impl_->age, dlib_chip(srgb, landmarks, 64));
    double sum = 0, total = 0;
    for (int i = 0; i < int(p.total()); ++i)
        sum += year(i) * p.ptr<float>()[i], total += p.ptr<float>()[i];
    return sum / total;
} catch (const std::exception& e) {
    return failed(e);
}

Result<AgeGender> AgeGenderEstimator::estimate(const Image& srgb,
                                               const std::array<Point, 68>& landmarks) try {
    C2C_TRY(const double years, age(srgb, landmarks));
    const cv::Mat p = run(impl_->gender, dlib_chip(srgb, landmarks, 32));
    return AgeGender{years, p.ptr<float>()[1]};
} catch (const std::exception& e) {
    return failed(e);
}

} // namespace c2c
