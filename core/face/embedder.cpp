#include "core/face/embedder.h"

#include "core/face/nets.h"
#include "core/image/opencv.h"

#include <numeric>

namespace c2c {

struct FaceEmbedder::Impl {
    cv::dnn::Net net;
    EmbedderInput input;
};

FaceEmbedder::FaceEmbedder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FaceEmbedder::FaceEmbedder(FaceEmbedder&&) noexcept = default;
FaceEmbedder& FaceEmbedder::operator=(FaceEmbedder&&) noexcept = default;
FaceEmbedder::~FaceEmbedder() = default;

Result<FaceEmbedder> FaceEmbedder::load(const std::filesystem::path& onnx, const EmbedderInput& input) {
    C2C_TRY(const std::string bytes, read_model_file(onnx));
    C2C_TRY(auto net, parse_net(bytes, onnx));
    return FaceEmbedder(std::make_unique<Impl>(Impl{std::move(net), input}));
}

Result<FaceEmbedder> FaceEmbedder::judge(const std::filesystem::path& face_models) {
    C2C_TRY(auto net, load_net(face_models, "mobilefacenet.onnx"));
    return FaceEmbedder(std::make_unique<Impl>(Impl{std::move(net), imagenet_input}));
}

Result<std::vector<float>> FaceEmbedder::embed(const Image& chip) try {
    Image scaled(chip.width, chip.height, 3);
    for (std::size_t i = 0; i < chip.data.size(); ++i)
        scaled.data[i] =
            static_cast<float>((255.0 * chip.data[i] - impl_->input.mean[i % 3]) / impl_->input.scale[i % 3]);
    impl_->net.setInput(cv::dnn::blobFromImage(as_mat(scaled)));
    const cv::Mat out = impl_->net.forward();
    std::vector<float> vector(out.ptr<float>(), out.ptr<float>() + out.total());
    const double norm = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 1e-24));
    for (float& v : vector)
        v = static_cast<float>(v / norm);
    return vector;
} catch (const std::exception& e) {
    auto error =
        fail(ErrorKind::Model, "The face embedder cannot take this face; its file may be of another kind.");
    error.value().detail = e.what();
    return error;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

} // namespace c2c
