#pragma once

#include "core/base/result.h"
#include "core/nn/weights.h"

#include <filesystem>
#include <vector>

namespace c2c::nn {

/// The identity embedding's projection: blocks of Linear, BatchNorm1d (its stored statistics), LeakyReLU 0.2
/// and dropout (nothing here) under layers.{0,1}, layers.{4,5}, …, then fc_out. Widths are read from the
/// tensors.
class Mlp {
  public:
    static Result<Mlp> load(const std::filesystem::path& safetensors, const Placement& placement);
    static Result<Mlp> from(Weights weights, Placement placement);

    Result<at::Tensor> operator()(const at::Tensor& x) const; ///< [B, in] → fp32 [B, out]

    std::int64_t in_features() const;
    std::int64_t out_features() const;

  private:
    Mlp(Weights weights, std::size_t blocks, Placement placement);
    Weights weights_;
    std::size_t blocks_ = 0;
    Placement placement_;
};

/// {25088, 12544, …, 2048, 2048}: a block from each width to the next, the last step is fc_out.
Shapes mlp_shapes(const std::vector<std::int64_t>& widths);

} // namespace c2c::nn
