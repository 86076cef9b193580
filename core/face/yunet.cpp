#include "core/face/yunet.h"

#include "core/face/nets.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace c2c {
namespace {

constexpr std::array strides = {8, 16, 32};

double area(const Box& b) {
    return b.width * b.height;
}

double overlap(const Box& a, const Box& b) {
    const double w = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
    const double h = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
    return w > 0 && h > 0 ? w * h : 0;
}

} // namespace

/// Intersection over union tells the same face at two scales; over the smaller one, a face and a part of it.
bool same_face(const Box& a, const Box& b) {
    const double both = overlap(a, b);
    return both > 0.4 * (area(a) + area(b) - both) || both > 0.65 * std::min(area(a), area(b));
}

Result<YuNet> YuNet::create(const std::filesystem::path& face_models) {
    C2C_TRY(auto net, load_net(face_models, "yunet.onnx"));
    return YuNet(std::move(net));
}

std::vector<Face> YuNet::look(const cv::Mat& picture, double threshold) {
    // The net halves its input five times; black rows and columns fill it up to multiples of 32.
    const int width = (picture.cols + 31) / 32 * 32, height = (picture.rows + 31) / 32 * 32;
    cv::Mat whole;
    cv::copyMakeBorder(picture, whole, 0, height - picture.rows, 0, width - picture.cols,
                       cv::BORDER_CONSTANT);
    net_.setInput(cv::dnn::blobFromImage(whole, 255.0, {}, {}, /*swapRB=*/true));
    static const std::vector<cv::String> names = {"cls_8",   "cls_16", "cls_32", "obj_8",
                                                  "obj_16",  "obj_32", "bbox_8", "bbox_16",
                                                  "bbox_32", "kps_8",  "kps_16", "kps_32"};
    std::vector<cv::Mat> out;
    net_.forward(out, names);

    std::vector<Face> faces;
    for (std::size_t level = 0; level < strides.size(); ++level) {
        const int stride = strides[level], columns = width / stride, cells = columns * (height / stride);
        const float *cls = out[level].ptr<float>(), *obj = out[level + 3].ptr<float>();
        const float *box = out[level + 6].ptr<float>(), *kps = out[level + 9].ptr<float>();
        for (int i = 0; i < cells; ++i) {
            const double score =
                std::sqrt(std::clamp(cls[i], 0.0f, 1.0f) * double(std::clamp(obj[i], 0.0f, 1.0f)));
            if (!(score >= threshold))
                continue;
            const double column = i % columns, row = i / columns; // NOLINT: whole division is meant
            Face face;
            face.score = score;
            face.box.width = std::exp(std::min(box[4 * i + 2], 6.0f)) * stride;
            face.box.height = std::exp(std::min(box[4 * i + 3], 6.0f)) * stride;
            face.box.x = (column + box[4 * i]) * stride - face.box.width / 2;
            face.box.y = (row + box[4 * i + 1]) * stride - face.box.height / 2;
            for (int k = 0; k < 5; ++k)
                face.five[std::size_t(k)] = {(column + kps[10 * i + 2 * k]) * stride,
                                             (row + kps[10 * i + 2 * k + 1]) * stride};
            faces.push_back(face);
        }
    }
    return faces;
}

Face map_face(const Face& face, const Warp& to_photo) {
    Face out = face;
    for (auto& p : out.five)
        p = to_photo.apply(p);
    for (auto& p : out.landmarks)
        p = to_photo.apply(p);
    const double s = to_photo.scale();
    const Point centre = to_photo.apply({face.box.x + face.box.width / 2, face.box.y + face.box.height / 2});
    // The box stays upright: at a quarter turn its sides change places, between they mix.
    const double c2 = to_photo.m[0] * to_photo.m[0] / (s * s), s2 = 1 - c2;
    out.box.width = s * (face.box.width * c2 + face.box.height * s2);
    out.box.height = s * (face.box.height * c2 + face.box.width * s2);
    out.box.x = centre.x - out.box.width / 2;
    out.box.y = centre.y - out.box.height / 2;
    return out;
}

double roll_of(const Face& face) {
    return std::atan2(face.five[1].y - face.five[0].y, face.five[1].x - face.five[0].x);
}

std::vector<Face> merge(std::vector<Face> faces) {
    std::sort(faces.begin(), faces.end(), [](const Face& a, const Face& b) { return a.score > b.score; });
    std::vector<Face> kept;
    for (const auto& face : faces)
        if (std::none_of(kept.begin(), kept.end(), [&](const Face& k) { return same_face(k.box, face.box); }))
            kept.push_back(face);
    return kept;
}

} // namespace c2c
