#include "core/nn/random_model.h"

#include "core/base/philox.h"
#include "core/nn/autoencoder_kl.h"
#include "core/nn/clip_text.h"
#include "core/nn/clip_vision.h"
#include "core/nn/iresnet.h"
#include "core/nn/mlp.h"
#include "core/nn/random_weights.h"
#include "core/nn/unet_config.h"
#include "core/weights/recognise.h"
#include "core/weights/weight_files.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <numeric>

namespace fs = std::filesystem;

namespace c2c::nn {
namespace {

constexpr std::int64_t kChunk = 1 << 18; ///< numbers that are in memory at once

struct Sizes {
    std::vector<std::size_t> backbone_depths;
    std::vector<std::int64_t> backbone_widths;
    std::int64_t embedding = 512, rank = 40;
    std::vector<std::int64_t> face_project, clip_project; ///< widths, the last two are fc_out's
};
const Sizes kFull{{3, 13, 30, 3},
                  {64, 128, 256, 512},
                  512,
                  40,
                  {25088, 12544, 6272, 3136, 2048, 2048},
                  {768, 2048, 2048, 2048, 2048, 2048}};
const Sizes kTiny{{1, 1, 1, 1}, {8, 12, 16, 20}, 32, 4, {980, 64, 48, 80}, {24, 32, 80}};

/// What makes a published config tiny, as a JSON merge patch.
std::string_view tiny_patch(std::string_view part) {
    if (part == "unet")
        return R"({"block_out_channels": [32, 64, 64], "attention_head_dim": [2, 4, 4], "layers_per_block": 1,
            "transformer_layers_per_block": [1, 1, 1], "cross_attention_dim": 80, "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 96, "norm_num_groups": 16, "sample_size": 16})";
    if (part == "vae")
        return R"({"block_out_channels": [16, 16, 32, 32], "norm_num_groups": 8, "layers_per_block": 1,
            "sample_size": 128})";
    if (part == "text_encoder")
        return R"({"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4})";
    if (part == "text_encoder_2")
        return R"({"hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
            "projection_dim": 48})";
    if (part == "clip")
        return R"({"projection_dim": 24, "text_config": {"hidden_size": 32, "intermediate_size": 64,
            "num_hidden_layers": 2, "num_attention_heads": 2}, "vision_config": {"hidden_size": 48,
            "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 3, "image_size": 56}})";
    return "{}";
}

Result<void> write_text(const fs::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out)
        return fail(ErrorKind::Output, "{} could not be written; check the folder and the free space.",
                    file.string());
    return {};
}

/// A vocabulary of CLIP's size whose merges are all pairs of letters, in their order: with random weights the
/// words mean nothing, only their number matters.
Result<void> write_tokenizer(const fs::path& folder, std::string_view pad) {
    std::vector<std::string> letters; // GPT-2's letters for the 256 bytes, as UTF-8
    const auto utf8 = [](unsigned point) {
        return point < 0x80 ? std::string(1, static_cast<char>(point))
                            : std::string{static_cast<char>(0xC0 | point >> 6),
                                          static_cast<char>(0x80 | (point & 63))};
    };
    for (const auto& [first, last] : {std::pair(33U, 126U), std::pair(161U, 172U), std::pair(174U, 255U)})
        for (unsigned point = first; point <= last; ++point)
            letters.push_back(utf8(point));
    for (unsigned point = 256; letters.size() < 256; ++point)
        letters.push_back(utf8(point));

    constexpr std::size_t kVocabulary = 49408;
    std::vector<std::string> words = letters;
    for (const std::string& letter : letters)
        words.push_back(letter + "</w>");
    const std::vector<std::string> base = words;
    std::string merges = "#version: 0.2\n";
    for (const std::string& first : letters)
        for (const std::string& second : base)
            if (words.size() < kVocabulary - 2) {
                merges += first + " " + second + "\n";
                words.push_back(first + second);
            }
    words.insert(words.end(), {"<|startoftext|>", "<|endoftext|>"});
    nlohmann::json vocabulary;
    for (std::size_t i = 0; i < words.size(); ++i)
        vocabulary[words[i]] = i;
    const nlohmann::json config = {{"tokenizer_class", "CLIPTokenizer"}, {"model_max_length", 77},
                                   {"bos_token", "<|startoftext|>"},     {"eos_token", "<|endoftext|>"},
                                   {"unk_token", "<|endoftext|>"},       {"pad_token", pad}};
    C2C_CHECK(write_text(folder / "merges.txt", merges));
    C2C_CHECK(write_text(folder / "vocab.json", vocabulary.dump()));
    return write_text(folder / "tokenizer_config.json", config.dump(2));
}

void put(std::vector<std::byte>& bytes, std::size_t at, float value, DType type) {
    if (type == DType::F32) {
        std::memcpy(&bytes[at * 4], &value, 4);
    } else if (type == DType::F16) {
        const c10::Half half(value);
        std::memcpy(&bytes[at * 2], &half.x, 2);
    } else {
        const c10::BFloat16 brain(value);
        std::memcpy(&bytes[at * 2], &brain.x, 2);
    }
}

/// What keeps the networks' numbers in the range that trained ones have. ArcFace's 49 residual blocks would
/// let them grow to 1e6, of which the identity's token makes an attention of zeros and ones that turns a
/// difference of 1e-6 into another picture; its projections would end far below the text's tokens; that of
/// CLIP's features, whose 768 numbers have the length 1 together, would hear nothing of them; and latents
/// would be lost in the noise, where trained ones have a deviation of 1 / the scaling factor.
double gain(const fs::path& file, std::string_view name) {
    return name.ends_with(".bn3.weight")                                        ? 0.1
           : name.ends_with("fc_out.weight")                                    ? 4
           : file.stem() == "clip_project" && name.ends_with("layers.0.weight") ? 28
           : name.ends_with("encoder.conv_out.weight")                          ? 20
                                                                                : 1;
}

/// The numbers of one tensor, spread evenly with the deviation that random_tensor gives it: ten gigabytes of
/// logarithms would take minutes.
Result<void> fill(const fs::path& file, const std::string& name, const TensorHeader& tensor,
                  const RandomModel& kind, const ByteSink& sink, const StopToken& stop) {
    const std::int64_t count =
        std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::int64_t{1}, std::multiplies<>());
    auto [scale, shift] = random_scale(name, tensor.shape);
    scale *= gain(file, name);
    shift *= gain(file, name);
    const bool positive = name.ends_with("running_var");
    const auto step = static_cast<float>(scale * std::sqrt(3.0) / 32768);
    const std::uint32_t key[2] = {static_cast<std::uint32_t>(kind.seed),
                                  static_cast<std::uint32_t>(kind.seed >> 32)};
    const std::uint32_t stream = crc32(name);
    std::vector<std::byte> bytes;
    for (std::int64_t begin = 0; begin < count; begin += kChunk) {
        if (stop.stop_requested())
            return cancelled();
        const auto size = static_cast<std::size_t>(std::min(kChunk, count - begin));
        bytes.resize(size * size_of(tensor.type));
        for (std::size_t at = 0; at < size; at += 8) {
            const std::uint64_t place = (static_cast<std::uint64_t>(begin) + at) / 8;
            const std::uint32_t counter[4] = {static_cast<std::uint32_t>(place),
                                              static_cast<std::uint32_t>(place >> 32), stream, 1};
            std::uint32_t words[4];
            philox4x32_10(counter, key, words);
            for (std::size_t i = 0; i < 8 && at + i < size; ++i) {
                const auto bits = static_cast<std::int16_t>(words[i / 2] >> (i % 2 * 16));
                const float value = (static_cast<float>(bits) + 0.5F) * step;
                put(bytes, at + i, static_cast<float>(shift) + (positive ? std::abs(value) : value),
                    tensor.type);
            }
        }
        sink(bytes);
    }
    return {};
}

Shapes lora_shapes(const Shapes& unet, std::int64_t rank) {
    Shapes shapes;
    for (const auto& [name, shape] : unet)
        for (const std::string_view layer :
             {".to_q.weight", ".to_k.weight", ".to_v.weight", ".to_out.0.weight"})
            if (name.ends_with(layer)) {
                const std::string key = "unet." + name.substr(0, name.size() - 6) + "lora.";
                shapes[key + "down.weight"] = {rank, shape[1]};
                shapes[key + "up.weight"] = {shape[0], rank};
            }
    return shapes;
}

struct File {
    fs::path path;
    Shapes shapes;
};

/// Configs and tokenizers are written; the weight files that they ask for are returned.
Result<std::vector<File>> write_configs(const fs::path& folder, const RandomModel& kind) {
    const Sizes& sizes = kind.tiny ? kTiny : kFull;
    std::error_code error;
    for (const char* part :
         {"unet", "vae", "text_encoder", "text_encoder_2", "clip", "scheduler", "tokenizer", "tokenizer_2"}) {
        fs::create_directories(folder / part, error);
        if (error)
            return fail(ErrorKind::Output, "{} cannot be made ({}); choose another folder.",
                        (folder / part).string(), error.message());
        if (published_config(part).empty())
            continue;
        auto config = nlohmann::json::parse(published_config(part));
        if (std::string_view(part) == "vae")
            config["force_upcast"] = false; // to be timed as the fp16-fix that the method uses
        if (kind.tiny)
            config.merge_patch(nlohmann::json::parse(tiny_patch(part)));
        C2C_CHECK(write_text(
            folder / part / (std::string_view(part) == "scheduler" ? "scheduler_config.json" : "config.json"),
            config.dump(2) + "\n"));
    }
    C2C_CHECK(write_tokenizer(folder / "tokenizer", "<|endoftext|>"));
    C2C_CHECK(write_tokenizer(folder / "tokenizer_2", "!"));
    C2C_CHECK(write_text(folder / "hparams.yml", "age_threshold1: 5\nage_threshold2: 30\n"));

    C2C_TRY(const UNetConfig unet_config, read_unet_config(folder / "unet/config.json"));
    const Shapes unet = unet_shapes(unet_config);
    C2C_TRY(Shapes vae, autoencoder_kl_shapes(folder / "vae/config.json"));
    C2C_TRY(Shapes text, clip_text_shapes(folder / "text_encoder/config.json"));
    C2C_TRY(Shapes text_2, clip_text_shapes(folder / "text_encoder_2/config.json"));
    C2C_TRY(Shapes clip, clip_text_shapes(folder / "clip/config.json"));
    C2C_TRY(Shapes vision, clip_vision_shapes(folder / "clip/config.json"));
    clip.merge(vision);
    return std::vector<File>{{folder / "unet/diffusion_pytorch_model.safetensors", unet},
                             {folder / "vae/diffusion_pytorch_model.safetensors", vae},
                             {folder / "text_encoder/model.safetensors", text},
                             {folder / "text_encoder_2/model.safetensors", text_2},
                             {folder / "clip/model.safetensors", clip},
                             {folder / "backbone.safetensors",
                              iresnet_shapes(sizes.backbone_depths, sizes.backbone_widths, sizes.embedding)},
                             {folder / "face_project.safetensors", mlp_shapes(sizes.face_project)},
                             {folder / "clip_project.safetensors", mlp_shapes(sizes.clip_project)},
                             {folder / "pytorch_lora_weights.safetensors", lora_shapes(unet, sizes.rank)}};
}

std::uint64_t numbers(const std::vector<std::int64_t>& shape) {
    return std::accumulate(
        shape.begin(), shape.end(), std::uint64_t{1},
        [](std::uint64_t n, std::int64_t side) { return n * static_cast<std::uint64_t>(side); });
}

/// `prefix` is what the file's names lack of the expected ones.
Result<void> compare(const fs::path& folder, const Shapes& expected, std::string_view prefix = {}) {
    C2C_TRY(const auto files, read_weight_files(folder));
    for (const auto& [full_name, shape] : expected) {
        const std::string name = full_name.starts_with(prefix) ? full_name.substr(prefix.size()) : full_name;
        const TensorView* found = nullptr;
        for (const TensorFile& file : files)
            if (const auto at = file.tensors.find(name); at != file.tensors.end())
                found = &at->second;
        if (!found)
            return fail(ErrorKind::Model, "{} has no tensor {}; it is not a file for this network.",
                        files.front().file.string(), name);
        if (found->shape != shape)
            return fail(ErrorKind::Model,
                        "{}: tensor {} has the shape {} where its config.json asks for {}; download "
                        "both again.",
                        files.front().file.string(), name, shape_text(found->shape), shape_text(shape));
    }
    return {};
}

/// Older files call the attention's layers otherwise (see autoencoder_kl.cpp), which loading takes care of.
Shapes without_attention(Shapes shapes) {
    std::erase_if(shapes,
                  [](const auto& entry) { return entry.first.find(".attentions.") != std::string::npos; });
    return shapes;
}

Result<void> compare_text(const fs::path& folder) {
    C2C_TRY(Shapes shapes, clip_text_shapes(folder / "config.json"));
    C2C_TRY(const auto files, read_weight_files(folder));
    const auto has = [&](std::string_view name) {
        return std::any_of(files.begin(), files.end(),
                           [&](const TensorFile& file) { return file.tensors.contains(name); });
    };
    if (!has("text_projection.weight"))
        shapes.erase("text_projection.weight");
    return compare(folder, shapes, has("embeddings.token_embedding.weight") ? "text_model." : "");
}

} // namespace

Result<void> write_random_model(const fs::path& folder, const RandomModel& kind, const Progress& progress,
                                const StopToken& stop) {
    std::error_code error;
    if (fs::exists(folder, error) && !fs::is_empty(folder, error))
        return fail(ErrorKind::Output, "{} is not empty; name a new folder.", folder.string());
    C2C_TRY(const auto files, write_configs(folder, kind));
    std::uint64_t total = 0, done = 0;
    for (const File& file : files)
        for (const auto& [name, shape] : file.shapes)
            total += numbers(shape);
    const std::uint64_t bytes = total * size_of(kind.type);
    if (const auto space = fs::space(folder, error); !error && space.available < bytes)
        return fail(
            ErrorKind::Output, "{} has {:.1f} GB free where the model takes {:.1f}; choose another folder.",
            folder.string(), static_cast<double>(space.available) / 1e9, static_cast<double>(bytes) / 1e9);
    for (const File& file : files) {
        std::map<std::string, TensorHeader, std::less<>> headers;
        for (const auto& [name, shape] : file.shapes)
            headers[name] = {kind.type, shape};
        C2C_CHECK(write_safetensors(
            file.path, headers, [&](const std::string& name, const ByteSink& sink) -> Result<void> {
                const std::string shown = file.path.lexically_relative(folder).string();
                report(progress, static_cast<double>(done) / static_cast<double>(total), shown);
                done += numbers(headers.at(name).shape);
                return fill(file.path, name, headers.at(name), kind, sink, stop);
            }));
    }
    return {};
}

Result<void> check_model_shapes(const ModelFolder& model) {
    C2C_TRY(const UNetConfig unet, read_unet_config(model.unet / "config.json"));
    C2C_CHECK(compare(model.unet, unet_shapes(unet)));
    C2C_TRY(const Shapes vae, autoencoder_kl_shapes(model.vae / "config.json"));
    C2C_CHECK(compare(model.vae, without_attention(vae)));
    C2C_CHECK(compare_text(model.text_encoder));
    C2C_CHECK(compare_text(model.text_encoder_2));
    C2C_CHECK(compare_text(model.clip));
    C2C_TRY(const Shapes vision, clip_vision_shapes(model.clip / "config.json"));
    return compare(model.clip, vision);
}

} // namespace c2c::nn
