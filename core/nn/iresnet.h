#pragma once

#include "core/base/result.h"
#include "core/nn/weights.h"

#include <filesystem>
#include <utility>
#include <vector>

namespace c2c::nn {

/// IResNet, the network of ArcFace (github deepinsight/insightface, recognition/arcface_torch): IResNet-100
/// for the published backbone.pth. Depths and widths are read from the tensors. Copies share their weights.
class IResNet {
  public:
    /// A .pth or .safetensors file.
    static Result<IResNet> load(const std::filesystem::path& file, const Placement& placement);
    static Result<IResNet> from(Weights weights, Placement placement);

    /// RGB 0..1 [B, 3, h, w], made 112x112 by an antialiased bilinear filter and −1..1 → fp32 {the flattened
    /// map before the last layer [B, 25088], the identity embedding [B, 512]}; neither is of unit length.
    Result<std::pair<at::Tensor, at::Tensor>> operator()(const at::Tensor& rgb) const;

  private:
    IResNet(Weights weights, std::vector<std::size_t> depths, Placement placement);
    Weights weights_;
    std::vector<std::size_t> depths_; ///< blocks of layer1, layer2, …
    Placement placement_;
};

/// `depths` and `widths` of the four stages; IResNet-100 has {3, 13, 30, 3} and {64, 128, 256, 512}.
Shapes iresnet_shapes(const std::vector<std::size_t>& depths, const std::vector<std::int64_t>& widths,
                      std::int64_t embedding = 512);

} // namespace c2c::nn
