#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/nn/weights.h"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace c2c::nn {

/// RGB 0..1 [B, 3, h, w] as CLIP's vision wants it: [B, 3, size, size] by an antialiased bicubic filter,
/// clamped to 0..1, less CLIP's mean, over its deviation. Throws like ops.h.
at::Tensor clip_pixels(const at::Tensor& rgb, std::int64_t size);

/// CLIP's image side with its projection: the vision half of transformers' CLIPModel, or
/// CLIPVisionModelWithProjection. Copies share their weights.
class ClipVision {
  public:
    /// `folder` holds config.json and the weights. Every tensor's shape is checked.
    static Result<ClipVision> load(const std::filesystem::path& folder, const Placement& placement);
    static Result<ClipVision> from(const std::filesystem::path& config_json, Weights weights,
                                   Placement placement);

    /// RGB 0..1 [B, 3, h, w] of any size → fp32 [B, p], of unit length.
    Result<at::Tensor> operator()(const at::Tensor& rgb, const StopToken& stop = {}) const;

    std::int64_t image_size() const;
    std::int64_t out_features() const;

  private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

Result<Shapes> clip_vision_shapes(const std::filesystem::path& config_json);

} // namespace c2c::nn
