#include "core/nn/clip_vision.h"

#include "core/nn/clip_layers.h"
#include "core/nn/guard.h"
#include "core/nn/shapes.h"
#include "core/nn/torch_types.h"
#include "core/weights/weight_files.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

namespace c2c::nn {
namespace {

struct Config {
    ClipTower tower;
    std::int64_t image_size = 224, patch = 32, projection = 512;
};

/// The files leave out what equals transformers' defaults (CLIPVisionConfig).
Config read_config(const Options& options) {
    const Options vision = options.below("vision_config");
    Config config;
    config.tower = read_clip_tower(vision, ClipTower{.width = 768, .mlp = 3072, .layers = 12, .heads = 12});
    config.image_size = vision.whole("image_size", 224);
    config.patch = vision.whole("patch_size", 32);
    config.projection = options.whole("projection_dim", 512);
    Options::require(config.patch > 0 && config.image_size % config.patch == 0, "image_size",
                     "is no multiple of patch_size");
    return config;
}

Shapes shapes_of(const Config& config) {
    const std::string prefix = "vision_model.";
    const std::int64_t width = config.tower.width, side = config.image_size / config.patch;
    Shapes shapes;
    shapes[prefix + "embeddings.class_embedding"] = {width};
    shapes[prefix + "embeddings.patch_embedding.weight"] = {width, 3, config.patch, config.patch};
    shapes[prefix + "embeddings.position_embedding.weight"] = {side * side + 1, width};
    expect_norm(shapes, prefix + "pre_layrnorm", width); // transformers' own spelling
    expect_clip_tower(shapes, prefix, config.tower);
    expect_norm(shapes, prefix + "post_layernorm", width);
    expect_linear(shapes, "visual_projection", width, config.projection, Bias::No);
    return shapes;
}

} // namespace

Result<Shapes> clip_vision_shapes(const std::filesystem::path& config_json) {
    C2C_TRY(const Config config, read_options(config_json, read_config));
    return shapes_of(config);
}

at::Tensor clip_pixels(const at::Tensor& rgb, std::int64_t size) {
    const at::Tensor x =
        at::_upsample_bicubic2d_aa(rgb.to(at::kFloat), {size, size}, /*align_corners=*/false).clamp(0, 1);
    const auto channel = [&](double r, double g, double b) {
        return at::tensor({r, g, b}, x.options()).view({3, 1, 1});
    };
    // Mean and deviation of CLIP's training pictures (github openai/CLIP, clip.py).
    return (x - channel(0.48145466, 0.4578275, 0.40821073)) / channel(0.26862954, 0.26130258, 0.27577711);
}

struct ClipVision::Impl {
    Config config;
    Weights root, projection;
    Placement placement;
};

Result<ClipVision> ClipVision::load(const std::filesystem::path& folder, const Placement& placement) {
    C2C_TRY(const auto files,
            read_weight_files(folder, placement.type == DType::F32 ? Variant::Full : Variant::Half));
    C2C_TRY(Weights weights, load_weights(files, placement));
    return from(folder / "config.json", std::move(weights), placement);
}

Result<ClipVision> ClipVision::from(const std::filesystem::path& config_json, Weights weights,
                                    Placement placement) {
    C2C_TRY(Config config, read_options(config_json, read_config));
    C2C_CHECK(check_shapes(weights, shapes_of(config)));

    ClipVision network;
    network.impl_ = std::make_shared<Impl>(
        Impl{config, weights["vision_model"], weights["visual_projection"], placement});
    return network;
}

Result<at::Tensor> ClipVision::operator()(const at::Tensor& rgb, const StopToken& stop) const {
    auto result = guarded("looking at the face", [&] {
        const c10::InferenceMode no_gradients;
        const Config& config = impl_->config;
        const Weights& w = impl_->root;
        const at::Tensor pixels =
            clip_pixels(rgb.to(torch_device(impl_->placement.device)), config.image_size)
                .to(scalar_type(impl_->placement.type));
        const at::Tensor patches =
            conv2d(w["embeddings.patch_embedding"], pixels, config.patch, 0).flatten(2).transpose(1, 2);
        const at::Tensor first =
            w.tensor("embeddings.class_embedding").expand({pixels.size(0), 1, config.tower.width});
        at::Tensor x = at::cat({first, patches}, 1) + w.tensor("embeddings.position_embedding.weight");
        x = layer_norm(w["pre_layrnorm"], x, config.tower.eps);
        for (std::int64_t i = 0; i < config.tower.layers; ++i) {
            if (stop.stop_requested())
                throw Stopped{};
            x = clip_layer(w["encoder.layers"][static_cast<std::size_t>(i)], config.tower, x, Mask::None);
        }
        const at::Tensor feature =
            linear(impl_->projection, layer_norm(w["post_layernorm"], x.select(1, 0), config.tower.eps))
                .to(at::kFloat);
        return feature / feature.norm(2, -1, true);
    });
    return check_finite(std::move(result), impl_->root);
}

std::int64_t ClipVision::image_size() const {
    return impl_->config.image_size;
}
std::int64_t ClipVision::out_features() const {
    return impl_->projection.tensor("weight").size(0);
}

} // namespace c2c::nn
