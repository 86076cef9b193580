#include "core/nn/clip_layers.h"

#include "core/nn/shapes.h"

#include <ATen/ATen.h>

namespace c2c::nn {

ClipTower read_clip_tower(const Options& options, const ClipTower& otherwise) {
    ClipTower tower;
    tower.width = options.whole("hidden_size", otherwise.width);
    tower.mlp = options.whole("intermediate_size", otherwise.mlp);
    tower.layers = options.whole("num_hidden_layers", otherwise.layers);
    tower.heads = options.whole("num_attention_heads", otherwise.heads);
    tower.eps = options.number("layer_norm_eps", otherwise.eps);
    const std::string activation = options.word("hidden_act", "quick_gelu");
    Options::require(activation == "quick_gelu" || activation == "gelu", "hidden_act", "is not supported");
    tower.quick_gelu = activation == "quick_gelu";
    Options::require(tower.layers >= 1 && tower.layers <= 1000, "num_hidden_layers", "is out of range");
    Options::require(tower.heads >= 1 && tower.width % tower.heads == 0, "num_attention_heads",
                     "does not divide hidden_size");
    return tower;
}

void expect_clip_tower(Shapes& shapes, const std::string& prefix, const ClipTower& tower) {
    for (std::int64_t i = 0; i < tower.layers; ++i) {
        const std::string layer = fmt::format("{}encoder.layers.{}.", prefix, i);
        for (const char* name : {"q_proj", "k_proj", "v_proj", "out_proj"})
            expect_linear(shapes, layer + "self_attn." + name, tower.width, tower.width);
        expect_linear(shapes, layer + "mlp.fc1", tower.width, tower.mlp);
        expect_linear(shapes, layer + "mlp.fc2", tower.mlp, tower.width);
        expect_norm(shapes, layer + "layer_norm1", tower.width);
        expect_norm(shapes, layer + "layer_norm2", tower.width);
    }
}

at::Tensor clip_layer(const Weights& w, const ClipTower& tower, const at::Tensor& x, Mask mask) {
    const Weights attend = w["self_attn"], mlp = w["mlp"];
    const at::Tensor own = layer_norm(w["layer_norm1"], x, tower.eps);
    const at::Tensor attended = attention(linear(attend["q_proj"], own), linear(attend["k_proj"], own),
                                          linear(attend["v_proj"], own), tower.heads, mask);
    const at::Tensor h = x + linear(attend["out_proj"], attended);
    const at::Tensor inner = linear(mlp["fc1"], layer_norm(w["layer_norm2"], h, tower.eps));
    return h + linear(mlp["fc2"], tower.quick_gelu ? quick_gelu(inner) : gelu(inner));
}

} // namespace c2c::nn
