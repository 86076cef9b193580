#include "core/nn/clip_text.h"

#include "core/nn/clip_layers.h"
#include "core/nn/guard.h"
#include "core/nn/shapes.h"
#include "core/nn/torch_types.h"
#include "core/weights/weight_files.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

namespace c2c::nn {
namespace {

struct Config {
    ClipTower tower;
    std::int64_t vocabulary = 49408, max_tokens = 77;
    std::int64_t end_token = 49407;
    std::int64_t projection = 0; ///< its width, 0 for none
};

/// The files leave out what equals transformers' defaults (CLIPTextConfig).
Config read_config(const Options& options) {
    const Options text = options.below("text_config");
    Config config;
    config.tower = read_clip_tower(text, ClipTower{});
    config.vocabulary = text.whole("vocab_size", 49408);
    config.max_tokens = text.whole("max_position_embeddings", 77);
    config.end_token = text.whole("eos_token_id", 49407);
    if (options.has("text_config") || options.first_word("architectures").ends_with("WithProjection"))
        config.projection = options.whole("projection_dim", 512);
    return config;
}

Shapes shapes_of(const Config& config, const std::string& prefix) {
    const std::int64_t width = config.tower.width;
    Shapes shapes;
    shapes[prefix + "embeddings.token_embedding.weight"] = {config.vocabulary, width};
    shapes[prefix + "embeddings.position_embedding.weight"] = {config.max_tokens, width};
    expect_clip_tower(shapes, prefix, config.tower);
    expect_norm(shapes, prefix + "final_layer_norm", width);
    if (config.projection > 0)
        expect_linear(shapes, "text_projection", width, config.projection, Bias::No);
    return shapes;
}

} // namespace

Result<Shapes> clip_text_shapes(const std::filesystem::path& config_json) {
    C2C_TRY(const Config config, read_options(config_json, read_config));
    return shapes_of(config, "text_model.");
}

struct ClipText::Impl {
    Config config;
    Weights root; ///< below "text_model", where the file has it
    Weights projection;
    Placement placement;
};

Result<ClipText> ClipText::load(const std::filesystem::path& folder, const Placement& placement) {
    C2C_TRY(const auto files,
            read_weight_files(folder, placement.type == DType::F32 ? Variant::Full : Variant::Half));
    C2C_TRY(Weights weights, load_weights(files, placement));
    return from(folder / "config.json", std::move(weights), placement);
}

Result<ClipText> ClipText::from(const std::filesystem::path& config_json, Weights weights,
                                Placement placement) {
    C2C_TRY(Config config, read_options(config_json, read_config));
    const std::string prefix = weights.has("embeddings.token_embedding.weight") ? "" : "text_model.";
    if (!weights.has("text_projection.weight")) // a file for CLIPTextModel is used as such
        config.projection = 0;
    C2C_CHECK(check_shapes(weights, shapes_of(config, prefix)));

    ClipText network;
    network.impl_ = std::make_shared<Impl>(Impl{config, prefix.empty() ? weights : weights["text_model"],
                                                weights["text_projection"], placement});
    return network;
}

Result<std::pair<at::Tensor, at::Tensor>>
ClipText::operator()(const std::vector<std::vector<std::int64_t>>& ids, const StopToken& stop) const {
    const Config& config = impl_->config;
    const std::size_t length = ids.empty() ? 0 : ids.front().size();
    std::vector<std::int64_t> flat;
    for (const auto& row : ids) {
        flat.insert(flat.end(), row.begin(), row.end());
        const bool fits = row.size() == length && length > 0 &&
                          row.size() <= static_cast<std::size_t>(config.max_tokens) &&
                          std::all_of(row.begin(), row.end(),
                                      [&](std::int64_t id) { return id >= 0 && id < config.vocabulary; });
        if (!fits)
            return fail(ErrorKind::Internal, "The tokens do not fit the text encoder; please report this.");
    }
    auto result = guarded("reading the prompt", [&] {
        const c10::InferenceMode no_gradients;
        const at::Device device = torch_device(impl_->placement.device);
        const at::Tensor tokens =
            at::tensor(flat, at::kLong)
                .view({static_cast<std::int64_t>(ids.size()), static_cast<std::int64_t>(length)})
                .to(device);
        const Weights& w = impl_->root;
        at::Tensor x =
            at::embedding(w.tensor("embeddings.token_embedding.weight"), tokens) +
            w.tensor("embeddings.position_embedding.weight").slice(0, 0, static_cast<std::int64_t>(length));
        at::Tensor before_last;
        for (std::int64_t i = 0; i < config.tower.layers; ++i) {
            if (stop.stop_requested())
                throw Stopped{};
            before_last = x;
            x = clip_layer(w["encoder.layers"][static_cast<std::size_t>(i)], config.tower, x, Mask::Causal);
        }
        x = layer_norm(w["final_layer_norm"], x, config.tower.eps);
        // The first end token of each row. Old config files say 2, which no row holds; transformers then
        // takes the highest id, which is the end token too.
        const at::Tensor end =
            config.end_token == 2 ? tokens.argmax(1) : tokens.eq(config.end_token).to(at::kInt).argmax(1);
        at::Tensor pooled = x.index({at::arange(x.size(0), end.options()), end});
        if (config.projection > 0)
            pooled = linear(impl_->projection, pooled);
        return std::pair(before_last.to(at::kFloat), pooled.to(at::kFloat));
    });
    if (result)
        C2C_CHECK(check_finite(result->second, impl_->root));
    return result;
}

std::int64_t ClipText::width() const {
    return impl_->config.tower.width;
}
std::int64_t ClipText::pooled_width() const {
    return impl_->config.projection > 0 ? impl_->config.projection : width();
}
std::int64_t ClipText::max_tokens() const {
    return impl_->config.max_tokens;
}

} // namespace c2c::nn
