#include "core/face/landmarks.h"

#include "core/face/pixels8.h"
#include "core/face/resample.h"
#include "core/face/similarity.h"
#include "core/image/pixels.h"

#include <dlib/image_processing/shape_predictor.h>

#include <cmath>
#include <cstdlib>

namespace c2c {
namespace {

using Five = std::array<Point, 5>;

/// Where the five points lie in a HOG box of side 1: means over the boxes that dlib's detector gives on the
/// test photos. The predictor was trained on such boxes, so they are made from the points.
constexpr Five yunet_in_box = {
    {{0.2832, 0.2641}, {0.7157, 0.2624}, {0.5045, 0.5304}, {0.3104, 0.7030}, {0.6965, 0.7002}}};
constexpr Five landmarks_in_box = {
    {{0.2867, 0.2801}, {0.7154, 0.2810}, {0.5012, 0.5132}, {0.3148, 0.7232}, {0.6858, 0.7234}}};

constexpr int box_side = 200; // px in the patch; HOG's own boxes on its trained scale are 80 and more

Five five_of(const std::array<Point, 68>& p) {
    const auto mean = [&](std::size_t first) {
        Point sum;
        for (std::size_t i = first; i < first + 6; ++i)
            sum.x += p[i].x / 6, sum.y += p[i].y / 6;
        return sum;
    };
    return {mean(36), mean(42), p[30], p[48], p[54]};
}

} // namespace

struct Landmarker::Impl {
    dlib::shape_predictor predictor;

    /// Landmarks for the HOG box that lies around `five` as `in_box` says, on a patch turned upright.
    std::array<Point, 68> predict(const Image& srgb, const Five& five, const Five& in_box) const {
        const Warp box = similarity<5>(in_box, five); // unit box → photo
        const double px = 1.0 / box_side, margin = box_side / 2;
        const auto& m = box.m;
        const Warp patch = {{m[0] * px, m[1] * px, m[2] - px * margin * (m[0] + m[1]), m[3] * px, m[4] * px,
                             m[5] - px * margin * (m[3] + m[4])}};
        const Image view =
            sample(srgb, patch, 2 * box_side, 2 * box_side, {reduction_sigma(patch.scale()), {}});
        // The mean of four boxes a few pixels apart: one answer alone jumps when the pixels change a little.
        const auto pixels = to_dlib(view);
        std::array<Point, 68> out{};
        constexpr long first = box_side / 2, last = first + box_side - 1;
        constexpr std::array<std::array<long, 2>, 4> moves = {{{-6, -6}, {6, 6}, {-6, 6}, {6, -6}}};
        std::array<dlib::full_object_detection, moves.size()> shapes;
        parallel_rows(int(moves.size()), [&](int from, int to) {
            for (auto k = std::size_t(from); k < std::size_t(to); ++k) {
                const auto [low, high] = moves[k];
                shapes[k] = predictor(pixels, {first + low, first + low, last + high, last + high});
            }
        });
        for (const auto& shape : shapes)
            for (unsigned long i = 0; i < 68; ++i) {
                out[i].x += double(shape.part(i).x()) / moves.size();
                out[i].y += double(shape.part(i).y()) / moves.size();
            }
        for (Point& p : out)
            p = patch.apply(p);
        return out;
    }
};

std::filesystem::path shape_predictor_file() {
    if (const char* file = std::getenv("C2C_SHAPE_PREDICTOR"); file && *file)
        return file;
    return "/usr/share/dlib/shape_predictor_68_face_landmarks.dat";
}

Result<Landmarker> Landmarker::load(const std::filesystem::path& file) {
    const auto broken = [&](const char* what, const std::string& detail) {
        auto error = fail(ErrorKind::Model,
                          "The landmark model {} {}; run `apt install libdlib-data` (again), or set "
                          "$C2C_SHAPE_PREDICTOR to the file.",
                          file.string(), what);
        error.value().detail = detail;
        return error;
    };
    std::error_code none;
    if (!std::filesystem::is_regular_file(file, none))
        return broken("is missing", none.message());
    try {
        auto impl = std::make_shared<Impl>();
        dlib::deserialize(file.string()) >> impl->predictor;
        if (impl->predictor.num_parts() != 68)
            return broken("has not 68 points", std::to_string(impl->predictor.num_parts()));
        Landmarker landmarker;
        landmarker.impl_ = std::move(impl);
        return landmarker;
    } catch (const std::exception& e) {
        return broken("cannot be read", e.what());
    }
}

Result<void> Landmarker::fit(const Image& srgb, Face& face) const try {
    face.landmarks = impl_->predict(srgb, face.five, yunet_in_box);
    // Once more from the landmarks themselves: the box then no longer depends on the detector's jitter.
    face.landmarks = impl_->predict(srgb, five_of(face.landmarks), landmarks_in_box);
    return {};
} catch (const std::exception& e) {
    auto error = fail(ErrorKind::Internal, "Fitting the landmarks failed; please report this.");
    error.value().detail = e.what();
    return error;
}

} // namespace c2c
