#include "core/eval/meters.h"

#include "core/face/embedder.h"
#include "core/face/estimate.h"

#include <algorithm>
#include <cmath>

namespace c2c {

struct Meters::Impl {
    AgeGenderEstimator age;
    FaceEmbedder embedder;
};

Meters::Meters(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Meters::Meters(Meters&&) noexcept = default;
Meters& Meters::operator=(Meters&&) noexcept = default;
Meters::~Meters() = default;

Result<Meters> Meters::create(const std::filesystem::path& face_models) {
    C2C_TRY(auto age, AgeGenderEstimator::create(face_models));
    C2C_TRY(auto embedder, FaceEmbedder::judge(face_models));
    return Meters(std::make_unique<Impl>(Impl{std::move(age), std::move(embedder)}));
}

Result<double> Meters::read_back_age(const Image& srgb, const Face& face) {
    return impl_->age.age(srgb, face.landmarks);
}

Result<std::vector<float>> Meters::identity_vector(const Image& srgb, const Face& face) {
    return impl_->embedder.embed(arcface_chip(srgb, face.five));
}

Result<double> Meters::identity(const Image& a, const Face& face_a, const Image& b, const Face& face_b) {
    C2C_TRY(const auto va, identity_vector(a, face_a));
    C2C_TRY(const auto vb, identity_vector(b, face_b));
    return cosine(va, vb);
}

Face face_in_crop(const Face& face, const Warp& warp) {
    const Warp to_crop = warp.inverse();
    Face out = face;
    for (auto& p : out.five)
        p = to_crop.apply(p);
    for (auto& p : out.landmarks)
        p = to_crop.apply(p);
    const auto [x0, x1] = std::minmax_element(out.landmarks.begin(), out.landmarks.end(),
                                              [](Point a, Point b) { return a.x < b.x; });
    const auto [y0, y1] = std::minmax_element(out.landmarks.begin(), out.landmarks.end(),
                                              [](Point a, Point b) { return a.y < b.y; });
    out.box = {x0->x, y0->y, x1->x - x0->x, y1->y - y0->y};
    return out;
}

std::string format_read_back(double age) {
    return judged(age) ? fmt::format("{:.0f}", age) : std::string("80+");
}

double hcs(double age_accuracy, double identity) {
    const double sum = age_accuracy + identity;
    return sum > 0 ? 2 * age_accuracy * identity / sum : 0;
}

double age_accuracy(double predicted, double target) {
    return std::max(0.0, 1 - std::abs(predicted - target) / 40);
}

} // namespace c2c
