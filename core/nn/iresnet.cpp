#include "core/nn/iresnet.h"

#include "core/nn/guard.h"
#include "core/nn/ops.h"
#include "core/nn/shapes.h"
#include "core/nn/torch_types.h"
#include "core/weights/torch_zip.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

namespace c2c::nn {
namespace {

constexpr std::int64_t kSide = 112;
constexpr std::size_t kStages = 4;
constexpr double kBatchNormEps = 1e-5;

void expect_batch_norm(Shapes& shapes, const std::string& name, std::int64_t channels) {
    expect_norm(shapes, name, channels);
    shapes[name + ".running_mean"] = shapes[name + ".running_var"] = {channels};
}

at::Tensor batch_norm(const Weights& w, const at::Tensor& x) {
    return at::batch_norm(x, w.tensor("weight"), w.tensor("bias"), w.tensor("running_mean"),
                          w.tensor("running_var"), false, 0.0, kBatchNormEps, false);
}

at::Tensor prelu(const Weights& w, const at::Tensor& x) {
    return at::prelu(x, w.tensor("weight"));
}

at::Tensor block(const Weights& w, const at::Tensor& x, std::int64_t stride) {
    at::Tensor h = prelu(w["prelu"], batch_norm(w["bn2"], conv2d(w["conv1"], batch_norm(w["bn1"], x))));
    h = batch_norm(w["bn3"], conv2d(w["conv2"], h, stride));
    const Weights shortcut = w["downsample"];
    return h + (shortcut.has("0.weight") ? batch_norm(shortcut["1"], conv2d(shortcut["0"], x, stride)) : x);
}

Shapes shapes_of(std::int64_t stem, const std::vector<std::size_t>& depths,
                 const std::vector<std::int64_t>& widths, std::int64_t embedding) {
    Shapes shapes;
    expect_conv2d(shapes, "conv1", 3, stem, 3, Bias::No);
    expect_batch_norm(shapes, "bn1", stem);
    shapes["prelu.weight"] = {stem};
    std::int64_t width = stem;
    for (std::size_t stage = 0; stage < kStages; ++stage) {
        const std::int64_t out = widths[stage];
        for (std::size_t i = 0; i < depths[stage]; ++i, width = out) {
            const std::string name = fmt::format("layer{}.{}.", stage + 1, i);
            expect_batch_norm(shapes, name + "bn1", width);
            expect_conv2d(shapes, name + "conv1", width, out, 3, Bias::No);
            expect_batch_norm(shapes, name + "bn2", out);
            shapes[name + "prelu.weight"] = {out};
            expect_conv2d(shapes, name + "conv2", out, out, 3, Bias::No);
            expect_batch_norm(shapes, name + "bn3", out);
            if (i == 0) { // the first of a stage halves the size
                expect_conv2d(shapes, name + "downsample.0", width, out, 1, Bias::No);
                expect_batch_norm(shapes, name + "downsample.1", out);
            }
        }
    }
    constexpr std::int64_t kEnd = kSide >> kStages;
    expect_batch_norm(shapes, "bn2", width);
    expect_linear(shapes, "fc", width * kEnd * kEnd, embedding);
    expect_batch_norm(shapes, "features", embedding);
    return shapes;
}

} // namespace

Shapes iresnet_shapes(const std::vector<std::size_t>& depths, const std::vector<std::int64_t>& widths,
                      std::int64_t embedding) {
    return shapes_of(widths.front(), depths, widths, embedding);
}

IResNet::IResNet(Weights weights, std::vector<std::size_t> depths, Placement placement)
    : weights_(std::move(weights)), depths_(std::move(depths)), placement_(placement) {}

Result<IResNet> IResNet::load(const std::filesystem::path& file, const Placement& placement) {
    C2C_TRY(const TensorFile tensors, read_tensors(file));
    C2C_TRY(Weights weights, load_weights(std::span(&tensors, 1), placement));
    return from(std::move(weights), placement);
}

Result<IResNet> IResNet::from(Weights weights, Placement placement) {
    const auto wrong = [&](std::string_view layer) {
        return fail(ErrorKind::Model, "{} has no layer {}; it is not an IResNet of ArcFace (backbone.pth).",
                    weights.file(), layer);
    };
    const auto width_of = [&](const std::string& name) {
        return weights.has(name) && weights.tensor(name).dim() >= 2 ? weights.tensor(name).size(0) : 0;
    };
    if (width_of("conv1.weight") == 0)
        return wrong("conv1");
    std::vector<std::size_t> depths;
    std::vector<std::int64_t> widths;
    for (std::size_t stage = 1; stage <= kStages; ++stage) {
        std::size_t depth = 0;
        while (weights.has(fmt::format("layer{}.{}.conv2.weight", stage, depth)))
            ++depth;
        if (depth == 0)
            return wrong(fmt::format("layer{}", stage));
        depths.push_back(depth);
        widths.push_back(width_of(fmt::format("layer{}.0.conv2.weight", stage)));
    }
    if (width_of("fc.weight") == 0)
        return wrong("fc");
    C2C_CHECK(
        check_shapes(weights, shapes_of(width_of("conv1.weight"), depths, widths, width_of("fc.weight"))));
    return IResNet(std::move(weights), std::move(depths), placement);
}

Result<std::pair<at::Tensor, at::Tensor>> IResNet::operator()(const at::Tensor& rgb) const {
    auto result = guarded("reading the identity", [&] {
        const c10::InferenceMode no_gradients;
        const Weights& w = weights_;
        at::Tensor x = rgb.to(torch_device(placement_.device), at::kFloat);
        x = (at::_upsample_bilinear2d_aa(x, {kSide, kSide}, /*align_corners=*/false) - 0.5) / 0.5;
        x = prelu(w["prelu"], batch_norm(w["bn1"], conv2d(w["conv1"], x.to(scalar_type(placement_.type)))));
        for (std::size_t stage = 0; stage < depths_.size(); ++stage) {
            const Weights layer = w[fmt::format("layer{}", stage + 1)];
            for (std::size_t i = 0; i < depths_[stage]; ++i)
                x = block(layer[i], x, i == 0 ? 2 : 1);
        }
        const at::Tensor map = batch_norm(w["bn2"], x).flatten(1);
        const at::Tensor embedding = batch_norm(w["features"], linear(w["fc"], map));
        return std::pair(map.to(at::kFloat), embedding.to(at::kFloat));
    });
    if (result)
        C2C_CHECK(check_finite(result->second, weights_));
    return result;
}

} // namespace c2c::nn
