#pragma once

// A small random SDXL model as it would be published, which tests/parity/make_pipeline_fixture.py has too.
#include "core/aging/ager.h"
#include "core/base/files.h"
#include "core/base/philox.h"
#include "core/nn/autoencoder_kl.h"
#include "core/nn/autoencoder_tiny.h"
#include "core/nn/clip_text.h"
#include "core/nn/clip_vision.h"
#include "core/nn/iresnet.h"
#include "core/nn/random_weights.h"
#include "core/nn/unet_config.h"
#include "tests/support.h"
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>

namespace c2c::test {

namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 7;
constexpr std::int64_t kRank = 4;
constexpr int kSide = 64;

/// The layers that listen to the conditions, louder: the rule of make_pipeline_fixture.py.
inline std::vector<float> weight(const std::string& name, const std::vector<std::int64_t>& shape) {
    static const std::array<std::pair<std::string, float>, 8> scales = {{{"attn2.to_v.weight", 6},
                                                                         {"add_embedding.linear_2.weight", 4},
                                                                         {"self_attn.v_proj.weight", 6},
                                                                         {"lora.up.weight", 2},
                                                                         {"decoder.conv_out.weight", 0.7F},
                                                                         {"encoder.conv_out.weight", 3},
                                                                         {"token_embedding.weight", 3},
                                                                         {"fc_out.weight", 3}}};
    std::vector<float> values = nn::random_tensor(name, shape, kSeed);
    for (const auto& [ending, scale] : scales)
        if (name.ends_with(ending)) {
            for (float& value : values)
                value *= scale;
            break;
        }
    return values;
}

inline void write_random(const fs::path& file, const nn::Shapes& shapes) {
    std::map<std::string, std::vector<float>> values;
    std::map<std::string, TensorView, std::less<>> views;
    for (const auto& [name, shape] : shapes) {
        const auto& numbers = values[name] = weight(name, shape);
        views[name] = {DType::F32, shape, std::as_bytes(std::span(numbers))};
    }
    value(write_safetensors(file, views));
}

inline nn::Shapes mlp_shapes(const std::vector<std::int64_t>& widths) {
    nn::Shapes shapes;
    for (std::size_t i = 0; i + 2 < widths.size(); ++i) {
        const std::string linear = fmt::format("layers.{}.", 4 * i),
                          norm = fmt::format("layers.{}.", 4 * i + 1);
        shapes[linear + "weight"] = {widths[i + 1], widths[i]};
        shapes[linear + "bias"] = {widths[i + 1]};
        for (const char* part : {"weight", "bias", "running_mean", "running_var"})
            shapes[norm + part] = {widths[i + 1]};
    }
    shapes["fc_out.weight"] = {widths.back(), widths[widths.size() - 2]};
    shapes["fc_out.bias"] = {widths.back()};
    return shapes;
}

inline nn::Shapes lora_shapes(const nn::Shapes& unet) {
    nn::Shapes shapes;
    for (const auto& [name, shape] : unet)
        for (const std::string_view layer :
             {".to_q.weight", ".to_k.weight", ".to_v.weight", ".to_out.0.weight"})
            if (name.ends_with(layer)) {
                const std::string key = "unet." + name.substr(0, name.size() - 6) + "lora.";
                shapes[key + "down.weight"] = {kRank, shape[1]};
                shapes[key + "up.weight"] = {shape[0], kRank};
            }
    return shapes;
}

/// The model as it would be published, without a manifest.
inline void write_model(const fs::path& folder) {
    fs::copy(data("parity/pipeline"), folder, fs::copy_options::recursive);
    const nn::Shapes unet = nn::unet_shapes(value(nn::read_unet_config(folder / "unet/config.json")));
    write_random(folder / "unet/diffusion_pytorch_model.safetensors", unet);
    write_random(folder / "vae/diffusion_pytorch_model.safetensors",
                 value(nn::autoencoder_kl_shapes(folder / "vae/config.json")));
    for (const std::string name : {"text_encoder", "text_encoder_2"})
        write_random(folder / name / "model.safetensors",
                     value(nn::clip_text_shapes(folder / name / "config.json")));
    nn::Shapes clip = value(nn::clip_text_shapes(folder / "clip/config.json"));
    clip.merge(value(nn::clip_vision_shapes(folder / "clip/config.json")));
    write_random(folder / "clip/model.safetensors", clip);
    write_random(folder / "backbone.safetensors", nn::iresnet_shapes({1, 1, 1, 1}, {8, 12, 16, 20}, 32));
    write_random(folder / "face_project.safetensors", mlp_shapes({980, 64, 48, 80}));
    write_random(folder / "clip_project.safetensors", mlp_shapes({24, 32, 80}));
    write_random(folder / "pytorch_lora_weights.safetensors", lora_shapes(unet));
    for (const std::string name : {"tokenizer", "tokenizer_2"}) {
        fs::create_directory(folder / name);
        fs::copy(data("clip_tokenizer/merges.txt"), folder / name / "merges.txt");
        std::ofstream(folder / name / "special_tokens_map.json")
            << (name == "tokenizer" ? R"({"pad_token": "<|endoftext|>"})" : R"({"pad_token": "!"})");
    }
}

inline const fs::path& model() {
    static const TempDir folder;
    static const TempDir cache; // not the user's
    static const bool written = [] {
        ::setenv("XDG_CACHE_HOME", cache.path().c_str(), 1);
        write_model(folder / "model");
        return true;
    }();
    static const fs::path path = folder / "model";
    return written ? path : path;
}

inline float from_half(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
    const float size = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24)
                                     : std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
    return (bits & 0x8000) != 0 ? -size : size;
}

/// [3, side, side] of the expected outputs, as an image.
inline Image expected(const TensorFile& file, const std::string& name) {
    const TensorView& view = file.tensors.at(name);
    const auto side = static_cast<std::size_t>(view.shape.at(1));
    std::vector<std::uint16_t> bits(view.bytes.size() / 2);
    std::memcpy(bits.data(), view.bytes.data(), view.bytes.size());
    Image image(static_cast<int>(side), static_cast<int>(side), 3);
    for (std::size_t channel = 0; channel < 3; ++channel)
        for (std::size_t at = 0; at < side * side; ++at)
            image.data[at * 3 + channel] = from_half(bits[channel * side * side + at]);
    return image;
}

inline EngineOptions engine(const MethodOptions& method = {}) {
    return {.device = "cpu", .precision = Precision::Fp32, .method = method};
}

inline std::vector<float> settled_at(const fs::path& path, const EngineOptions& options) {
    const Image crop = expected(value(read_safetensors(data("parity/pipeline/outputs.safetensors"))), "crop");
    Ager ager = value(Ager::load(path, options));
    const Portrait portrait = value(ager.portrait(crop, {}, {}));
    return value(ager.settle(portrait, 60)).network.data;
}

} // namespace c2c::test
