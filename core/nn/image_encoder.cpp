#include "core/nn/image_encoder.h"

#include "core/nn/guard.h"
#include "core/nn/ops.h"
#include "core/nn/shapes.h"
#include "core/nn/torch_types.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <numbers>

namespace c2c::nn {
namespace {

constexpr std::int64_t kGroups = 16;

at::Tensor block(const Weights& w, const at::Tensor& x) {
    at::Tensor h = conv2d(w["a"], at::silu(group_norm(w["n"], x, kGroups, 1e-5)));
    h = conv2d(w["b"], at::silu(group_norm(w["m"], h, kGroups, 1e-5)));
    const bool widens = w.has("k.weight");
    h = (h + (widens ? conv2d(w["k"], x) : x)) * (1 / std::numbers::sqrt2);
    return widens ? at::avg_pool2d(h, 2) : h;
}

} // namespace

ImageEncoder::ImageEncoder(Weights weights, std::size_t blocks, Placement placement)
    : weights_(std::move(weights)), blocks_(blocks), placement_(placement) {}

Result<ImageEncoder> ImageEncoder::load(const std::filesystem::path& safetensors,
                                        const Placement& placement) {
    C2C_TRY(Weights weights, load_weights(safetensors, placement));
    const auto sizes = [&](const std::string& name) {
        const at::Tensor tensor = weights.tensor_or_none(name);
        return tensor.defined() && tensor.dim() >= 2 ? tensor.sizes().vec() : std::vector<std::int64_t>{0, 0};
    };
    Shapes shapes;
    std::int64_t width = sizes("body.0.weight")[0];
    expect_conv2d(shapes, "body.0", sizes("body.0.weight")[1], width, 3);
    std::size_t blocks = 0;
    for (; weights.has(fmt::format("body.{}.a.weight", blocks + 1)); ++blocks) {
        const std::string name = fmt::format("body.{}", blocks + 1);
        const auto out = sizes(name + ".a.weight")[0];
        expect_norm(shapes, name + ".n", width);
        expect_conv2d(shapes, name + ".a", width, out, 3);
        expect_norm(shapes, name + ".m", out);
        expect_conv2d(shapes, name + ".b", out, out, 3);
        if (out != width)
            expect_conv2d(shapes, name + ".k", width, out, 1);
        width = out;
        if (width % kGroups != 0)
            return fail(ErrorKind::Model, "{}: {} has {} channels, which do not divide into {} groups.",
                        weights.file(), name, width, kGroups);
    }
    expect_linear(shapes, "img", width, sizes("img.weight")[0]);
    C2C_CHECK(check_shapes(weights, shapes));
    return ImageEncoder(std::move(weights), blocks, placement);
}

Result<at::Tensor> ImageEncoder::operator()(const at::Tensor& latent) const {
    return check_finite(guarded("reading the face's look",
                                [&] {
                                    const c10::InferenceMode no_gradients;
                                    at::Tensor x = latent.to(torch_device(placement_.device),
                                                             scalar_type(placement_.type));
                                    x = conv2d(weights_["body"][0], x);
                                    for (std::size_t i = 1; i <= blocks_; ++i)
                                        x = block(weights_["body"][i], x);
                                    x = linear(weights_["img"], at::silu(x).mean({2, 3})).to(at::kFloat);
                                    return x / x.norm(2, {1}, true);
                                }),
                        weights_);
}

} // namespace c2c::nn
