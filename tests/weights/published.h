#pragma once

#include "core/weights/safetensors.h"
#include "tests/support.h"

#include <fstream>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace c2c::test {

namespace fs = std::filesystem;

using Tensors = std::map<std::string, std::vector<std::int64_t>>;

inline void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::trunc) << text;
}

/// Zeros of these shapes.
inline void write_weights(const fs::path& file, const Tensors& tensors) {
    static const std::vector<std::byte> zeros(1 << 20);
    std::map<std::string, TensorView, std::less<>> views;
    for (const auto& [name, shape] : tensors) {
        std::size_t bytes = 4;
        for (const auto side : shape)
            bytes *= static_cast<std::size_t>(side);
        views[name] = {DType::F32, shape, std::span(zeros).first(bytes)};
    }
    fs::create_directories(file.parent_path());
    value(write_safetensors(file, views));
}

/// The published layout with the fewest tensors that tell what a part is.
inline void write_published(const fs::path& folder) {
    write(folder / "unet/config.json", R"({"addition_time_embed_dim": 4})");
    write_weights(folder / "unet/diffusion_pytorch_model.safetensors",
                  {{"down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight", {16, 20}},
                   {"add_embedding.linear_1.weight", {32, 7 + 6 * 4}}});
    write(folder / "vae/config.json", "{}");
    write_weights(folder / "vae/diffusion_pytorch_model.safetensors",
                  {{"encoder.conv_in.weight", {8, 3, 3, 3}}, {"decoder.conv_in.weight", {8, 4, 3, 3}}});
    write(folder / "text_encoder/config.json", "{}");
    write_weights(folder / "text_encoder/model.safetensors",
                  {{"text_model.embeddings.token_embedding.weight", {9, 8}}});
    write(folder / "text_encoder_2/config.json", "{}");
    write_weights(
        folder / "text_encoder_2/model.fp16.safetensors",
        {{"text_model.embeddings.token_embedding.weight", {9, 12}}, {"text_projection.weight", {7, 12}}});
    write(folder / "tokenizer/merges.txt", "#version: 0.2\n");
    write(folder / "tokenizer_2/merges.txt", "#version: 0.2\n");
    write(folder / "tokenizer_2/special_tokens_map.json", R"({"pad_token": "!"})");
    write(folder / "scheduler/scheduler_config.json", "{}");
    write(folder / "clip/config.json", "{}");
    write_weights(folder / "clip/model.safetensors",
                  {{"visual_projection.weight", {6, 10}},
                   {"text_projection.weight", {6, 8}},
                   {"text_model.embeddings.token_embedding.weight", {9, 8}}});
    write_weights(
        folder / "backbone.safetensors",
        {{"fc.weight", {5, 98}}, {"layer1.0.conv1.weight", {2, 2, 3, 3}}, {"features.running_mean", {5}}});
    write_weights(folder / "face_project.safetensors",
                  {{"layers.0.weight", {30, 98}}, {"fc_out.weight", {20, 30}}});
    write_weights(folder / "clip_project.safetensors",
                  {{"layers.0.weight", {30, 6}}, {"fc_out.weight", {20, 30}}});
    write_weights(folder / "pytorch_lora_weights.safetensors",
                  {{"unet.x.to_q.lora.down.weight", {3, 16}}, {"unet.x.to_q.lora.up.weight", {16, 3}}});
}

} // namespace c2c::test
