#include "core/nn/mlp.h"

#include "core/nn/guard.h"
#include "core/nn/ops.h"
#include "core/nn/shapes.h"
#include "core/nn/torch_types.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

namespace c2c::nn {
namespace {

constexpr double kBatchNormEps = 1e-5, kSlope = 0.2; // torch's default and the published networks' slope
constexpr std::size_t kStride = 4;                   // Linear, BatchNorm1d, LeakyReLU, Dropout

at::Tensor batch_norm(const Weights& w, const at::Tensor& x) {
    return at::batch_norm(x, w.tensor("weight"), w.tensor("bias"), w.tensor("running_mean"),
                          w.tensor("running_var"), false, 0.0, kBatchNormEps, false);
}

} // namespace

Shapes mlp_shapes(const std::vector<std::int64_t>& widths) {
    Shapes shapes;
    for (std::size_t i = 0; i + 2 < widths.size(); ++i) {
        expect_linear(shapes, fmt::format("layers.{}", kStride * i), widths[i], widths[i + 1]);
        const std::string norm = fmt::format("layers.{}", kStride * i + 1);
        expect_norm(shapes, norm, widths[i + 1]);
        shapes[norm + ".running_mean"] = shapes[norm + ".running_var"] = {widths[i + 1]};
    }
    expect_linear(shapes, "fc_out", widths[widths.size() - 2], widths.back());
    return shapes;
}

Mlp::Mlp(Weights weights, std::size_t blocks, Placement placement)
    : weights_(std::move(weights)), blocks_(blocks), placement_(placement) {}

Result<Mlp> Mlp::load(const std::filesystem::path& safetensors, const Placement& placement) {
    C2C_TRY(Weights weights, load_weights(safetensors, placement));
    return from(std::move(weights), placement);
}

Result<Mlp> Mlp::from(Weights weights, Placement placement) {
    // Each width is what the layer's own weight says, and must be what the layer before gives.
    Shapes shapes;
    std::size_t blocks = 0;
    std::int64_t width = 0;
    const auto linear_at = [&](const std::string& name) -> Result<std::int64_t> {
        const std::string weight = name + ".weight";
        if (!weights.has(weight) || weights.tensor(weight).dim() != 2)
            return fail(ErrorKind::Model, "{} has no linear layer {}; it is not an identity projection.",
                        weights.file(), name);
        const auto sizes = weights.tensor(weight).sizes();
        expect_linear(shapes, name, width > 0 ? width : sizes[1], sizes[0]);
        return sizes[0];
    };
    for (; weights.has(fmt::format("layers.{}.weight", blocks * kStride)); ++blocks) {
        C2C_TRY(width, linear_at(fmt::format("layers.{}", blocks * kStride)));
        const std::string norm = fmt::format("layers.{}", blocks * kStride + 1);
        expect_norm(shapes, norm, width);
        shapes[norm + ".running_mean"] = shapes[norm + ".running_var"] = {width};
    }
    C2C_TRY(width, linear_at("fc_out"));
    C2C_CHECK(check_shapes(weights, shapes));
    return Mlp(std::move(weights), blocks, placement);
}

Result<at::Tensor> Mlp::operator()(const at::Tensor& x) const {
    return check_finite(guarded("projecting the identity",
                                [&] {
                                    const c10::InferenceMode no_gradients;
                                    at::Tensor h =
                                        x.to(torch_device(placement_.device), scalar_type(placement_.type));
                                    for (std::size_t i = 0; i < blocks_; ++i) {
                                        h = batch_norm(weights_["layers"][i * kStride + 1],
                                                       linear(weights_["layers"][i * kStride], h));
                                        h = at::leaky_relu(h, kSlope);
                                    }
                                    return linear(weights_["fc_out"], h).to(at::kFloat);
                                }),
                        weights_);
}

std::int64_t Mlp::in_features() const {
    return weights_.tensor(blocks_ > 0 ? "layers.0.weight" : "fc_out.weight").size(1);
}

std::int64_t Mlp::out_features() const {
    return weights_.tensor("fc_out.weight").size(0);
}

} // namespace c2c::nn
