#include "core/face/estimate.h"

#include "core/face/nets.h"
#include "core/face/resample.h"
#include "core/face/similarity.h"
#include "core/image/opencv.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace c2c {
namespace {

/// Years of the 81 classes, as the net's author reads them.
double year(int index) {
    return index == 0 ? 0.25 : index;
}

/// The two nets differ by about this much on the test photos.
constexpr double second_opinion_sigma = 9;

/// The net's outputs, averaged over the chips and their mirror pictures: one chip alone jumps by years when
/// the landmarks move by a pixel. The means are the ones dlib's input layer subtracts; face-api uses the
/// same.
cv::Mat run(cv::dnn::Net& net, const std::vector<Image>& chips, double divisor) {
    std::vector<cv::Mat> inputs;
    for (const auto& chip : chips) {
        cv::Mat input = as_mat(chip).mul(cv::Scalar::all(255 / divisor)) -
                        cv::Scalar(122.782, 117.001, 104.298) / divisor;
        cv::Mat mirror;
        cv::flip(input, mirror, 1);
        inputs.push_back(input);
        inputs.push_back(mirror);
    }
    net.setInput(cv::dnn::blobFromImages(inputs));
    const cv::Mat out = net.forward();
    cv::Mat mean;
    cv::reduce(out.reshape(1, int(inputs.size())), mean, 0, cv::REDUCE_AVG);
    return mean;
}

std::vector<Image> dlib_chips(const Image& srgb, const std::array<Point, 68>& landmarks, int size) {
    std::vector<Image> chips;
    for (const double padding : {0.2, 0.25, 0.3})
        chips.push_back(dlib_chip(srgb, landmarks, size, padding));
    return chips;
}

/// Squares around the landmarks, turned upright.
std::vector<Image> box_chips(const Image& srgb, const std::array<Point, 68>& landmarks, int size) {
    const auto box_of = [&](const Warp& upright) {
        double x0 = 1e18, y0 = 1e18, x1 = -1e18, y1 = -1e18;
        for (const Point l : landmarks) {
            const Point p = upright.apply(l);
            x0 = std::min(x0, p.x), x1 = std::max(x1, p.x), y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
        }
        return Box{x0, y0, x1 - x0, y1 - y0};
    };
    Point eyes; // from the picture's left eye to its right one
    for (std::size_t i = 36; i < 42; ++i)
        eyes.x += landmarks[i + 6].x - landmarks[i].x, eyes.y += landmarks[i + 6].y - landmarks[i].y;
    const double length = std::max(std::hypot(eyes.x, eyes.y), 1e-9), c = eyes.x / length,
                 s = eyes.y / length;
    const Warp turned = {{c, -s, 0, s, c, 0}}; // upright frame → photo
    const Box box = box_of(turned.inverse());
    std::vector<Image> chips;
    for (const double margin : {1.0, 1.1, 1.2}) {
        const double side = std::max(box.width, box.height) * margin, px = side / size;
        const Warp chip = {{px, 0, box.x + box.width / 2 - side / 2 + px / 2, 0, px,
                            box.y + box.height / 2 - side / 2 + px / 2}};
        const Warp warp = compose(turned, chip);
        chips.push_back(sample(srgb, warp, size, size, {reduction_sigma(warp.scale()), {}}));
    }
    return chips;
}

double expectation(const cv::Mat& ages) {
    double sum = 0, total = 0;
    for (int i = 0; i < ages.cols; ++i)
        sum += year(i) * double(ages.at<float>(i)), total += double(ages.at<float>(i));
    return sum / total;
}

tl::unexpected<Error> failed(const std::exception& e) {
    auto error = fail(ErrorKind::Internal, "Estimating the age failed; please report this.");
    error.value().detail = e.what();
    return error;
}

} // namespace

struct AgeGenderEstimator::Impl {
    cv::dnn::Net age, gender, age_gender;

    /// Probabilities of dlib's 81 ages.
    cv::Mat ages(const Image& srgb, const std::array<Point, 68>& landmarks) {
        return run(age, dlib_chips(srgb, landmarks, 64), 256);
    }
};

AgeGenderEstimator::AgeGenderEstimator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AgeGenderEstimator::AgeGenderEstimator(AgeGenderEstimator&&) noexcept = default;
AgeGenderEstimator& AgeGenderEstimator::operator=(AgeGenderEstimator&&) noexcept = default;
AgeGenderEstimator::~AgeGenderEstimator() = default;

Result<AgeGenderEstimator> AgeGenderEstimator::create(const std::filesystem::path& face_models) {
    C2C_TRY(auto age, load_net(face_models, "age.onnx"));
    C2C_TRY(auto gender, load_net(face_models, "gender.onnx"));
    C2C_TRY(auto age_gender, load_net(face_models, "age_gender.onnx"));
    return AgeGenderEstimator(
        std::make_unique<Impl>(Impl{std::move(age), std::move(gender), std::move(age_gender)}));
}

Image dlib_chip(const Image& srgb, const std::array<Point, 68>& landmarks, int size, double padding) {
    // Outer and inner corner of the eye at the picture's right, the same at its left, base of the nose; where
    // dlib/image_transforms/interpolation.h has them in a face of side 1.
    constexpr std::array<Point, 5> mean = {{{0.8595674595992, 0.2134981538014},
                                            {0.6460604764104, 0.2289674387677},
                                            {0.1205750620789, 0.2137274526848},
                                            {0.3340850613712, 0.2290642403242},
                                            {0.4901123135679, 0.6277975316475}}};
    std::array<Point, 5> from;
    for (std::size_t i = 0; i < 5; ++i)
        from[i] = {(padding + mean[i].x) / (2 * padding + 1) * size,
                   (padding + mean[i].y) / (2 * padding + 1) * size};
    const std::array<Point, 5> to = {landmarks[45], landmarks[42], landmarks[36], landmarks[39],
                                     landmarks[33]};
    const Warp warp = similarity<5>(from, to);
    return sample(srgb, warp, size, size, {reduction_sigma(warp.scale()), {}});
}

Result<double> AgeGenderEstimator::age(const Image& srgb, const std::array<Point, 68>& landmarks) try {
    return expectation(impl_->ages(srgb, landmarks));
} catch (const std::exception& e) {
    return failed(e);
}

Result<AgeGender> AgeGenderEstimator::estimate(const Image& srgb,
                                               const std::array<Point, 68>& landmarks) try {
    const cv::Mat second = run(impl_->age_gender, box_chips(srgb, landmarks, 112), 255);
    cv::Mat ages = impl_->ages(srgb, landmarks);
    for (int i = 0; i < ages.cols; ++i) {
        const double away = (year(i) - double(second.at<float>(0))) / second_opinion_sigma;
        // Never quite zero, so that the second opinion has something to weigh.
        ages.at<float>(i) = static_cast<float>((ages.at<float>(i) + 1e-4) * std::exp(-0.5 * away * away));
    }
    const cv::Mat gender = run(impl_->gender, dlib_chips(srgb, landmarks, 32), 256);
    const double male = 1 / (1 + std::exp(double(second.at<float>(2)) - double(second.at<float>(1))));
    return AgeGender{expectation(ages), (double(gender.at<float>(1)) + male) / 2};
} catch (const std::exception& e) {
    return failed(e);
}

} // namespace c2c
