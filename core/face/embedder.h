#pragma once

#include "core/base/result.h"
#include "core/image/image.h"

#include <array>
#include <filesystem>
#include <memory>
#include <vector>

namespace c2c {

/// How an embedder wants its 112x112 RGB chip: (255·value − mean) / scale, channel by channel.
struct EmbedderInput {
    std::array<double, 3> mean = {127, 127, 127};
    std::array<double, 3> scale = {128, 128, 128};
};

/// ImageNet's mean and deviation, which MobileFaceNet of models/face wants.
inline constexpr EmbedderInput imagenet_input = {{0.485 * 255, 0.456 * 255, 0.406 * 255},
                                                 {0.229 * 255, 0.224 * 255, 0.225 * 255}};

/// Any ONNX face embedder. One thread at a time.
class FaceEmbedder {
  public:
    /// A Model error names the file. The default input is that of nano's embedder.
    static Result<FaceEmbedder> load(const std::filesystem::path& onnx, const EmbedderInput& input = {});
    /// MobileFaceNet of models/face, checked against face.json: the judge, never a model's own embedder.
    static Result<FaceEmbedder> judge(const std::filesystem::path& face_models);
    FaceEmbedder(FaceEmbedder&&) noexcept;
    FaceEmbedder& operator=(FaceEmbedder&&) noexcept;
    ~FaceEmbedder();

    /// Unit vector of a chip (RGB 0..1, see arcface_chip).
    Result<std::vector<float>> embed(const Image& chip);

  private:
    struct Impl;
    explicit FaceEmbedder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Cosine of two unit vectors of equal length.
double cosine(const std::vector<float>& a, const std::vector<float>& b);

} // namespace c2c
