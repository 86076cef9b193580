#include "core/nn/unet_config.h"

#include "core/nn/shapes.h"
#include "core/weights/mapped_file.h"
#include "core/weights/strict_json.h"

#include <algorithm>
#include <map>

namespace c2c::nn {
namespace {

using nlohmann::json;

struct Unsupported {
    std::string text;
};

/// Options that only have one supported value; a missing key has it by diffusers' own default.
const std::map<std::string, std::vector<json>>& only_values() {
    static const std::map<std::string, std::vector<json>> values = {
        {"act_fn", {"silu", "swish"}},
        {"attention_type", {"default"}},
        {"center_input_sample", {false}},
        {"class_embed_type", {nullptr}},
        {"class_embeddings_concat", {false}},
        {"conv_in_kernel", {3}},
        {"conv_out_kernel", {3}},
        {"cross_attention_norm", {nullptr}},
        {"downsample_padding", {1}},
        {"dual_cross_attention", {false}},
        {"encoder_hid_dim", {nullptr}},
        {"encoder_hid_dim_type", {nullptr}},
        {"mid_block_only_cross_attention", {nullptr, false}},
        {"mid_block_scale_factor", {1}},
        {"mid_block_type", {"UNetMidBlock2DCrossAttn"}},
        {"num_attention_heads", {nullptr}},
        {"num_class_embeds", {nullptr}},
        {"only_cross_attention", {false}},
        {"resnet_out_scale_factor", {1}},
        {"resnet_skip_time_act", {false}},
        {"reverse_transformer_layers_per_block", {nullptr}},
        {"time_cond_proj_dim", {nullptr}},
        {"time_embedding_act_fn", {nullptr}},
        {"time_embedding_type", {"positional"}},
        {"timestep_post_act", {nullptr}},
        {"upcast_attention", {nullptr, false}},
    };
    return values;
}

class Options {
  public:
    explicit Options(const json& object) : object_(object) {
        for (const auto& [key, allowed] : only_values())
            if (object_.contains(key) && std::none_of(allowed.begin(), allowed.end(),
                                                      [&](const json& v) { return v == object_[key]; }))
                throw Unsupported{fmt::format("{} = {} is not supported", key, object_[key].dump())};
    }
    bool has(const char* key) const { return object_.contains(key) && !object_[key].is_null(); }

    std::int64_t whole(const char* key, std::int64_t otherwise) const {
        return has(key) ? whole(object_[key], key) : otherwise;
    }
    double number(const char* key, double otherwise) const {
        if (has(key) && !object_[key].is_number())
            throw Unsupported{fmt::format("{} is not a number", key)};
        return has(key) ? object_[key].get<double>() : otherwise;
    }
    bool flag(const char* key, bool otherwise) const {
        if (has(key) && !object_[key].is_boolean())
            throw Unsupported{fmt::format("{} is neither true nor false", key)};
        return has(key) ? object_[key].get<bool>() : otherwise;
    }
    std::string word(const char* key, const char* otherwise) const {
        if (has(key) && !object_[key].is_string())
            throw Unsupported{fmt::format("{} is not a word", key)};
        return has(key) ? object_[key].get<std::string>() : otherwise;
    }
    std::vector<std::string> words(const char* key) const {
        std::vector<std::string> list;
        if (!has(key) || !object_[key].is_array())
            throw Unsupported{fmt::format("{} is missing", key)};
        for (const json& item : object_[key])
            list.push_back(item.is_string() ? item.get<std::string>() : item.dump());
        return list;
    }
    /// One number for all levels, or a list with one for each.
    std::vector<std::int64_t> per_level(const char* key, std::size_t levels, std::int64_t otherwise) const {
        if (!has(key) || !object_[key].is_array())
            return std::vector(levels, whole(key, otherwise));
        std::vector<std::int64_t> list;
        for (const json& item : object_[key])
            list.push_back(whole(item, key));
        if (list.size() != levels)
            throw Unsupported{fmt::format("{} has {} entries for {} levels", key, list.size(), levels)};
        return list;
    }

  private:
    static std::int64_t whole(const json& value, const char* key) {
        if (!value.is_number_integer() || value < 0 || value > 1'000'000)
            throw Unsupported{fmt::format("{} = {} is not supported", key, value.dump())};
        return value.get<std::int64_t>();
    }
    const json& object_;
};

bool has_attention(const std::string& type, const char* plain, const char* cross, const char* key) {
    if (type != plain && type != cross)
        throw Unsupported{fmt::format("{} with {} is not supported", key, type)};
    return type == cross;
}

UNetConfig from_options(const Options& options) {
    const auto down_types = options.words("down_block_types"), up_types = options.words("up_block_types");
    const std::size_t levels = down_types.size();
    if (levels == 0 || levels > 16 || up_types.size() != levels)
        throw Unsupported{"down_block_types and up_block_types do not have one entry for each level"};
    const auto channels = options.per_level("block_out_channels", levels, 0);
    const auto layers = options.per_level("layers_per_block", levels, 2);
    const auto depths = options.per_level("transformer_layers_per_block", levels, 1);
    // diffusers' attention_head_dim holds the number of heads: a wrong name that its files keep
    // (github huggingface/diffusers issue 2011).
    const auto heads = options.per_level("attention_head_dim", levels, 8);

    UNetConfig config;
    config.in_channels = options.whole("in_channels", 4);
    config.out_channels = options.whole("out_channels", 4);
    config.base_channels = channels[0];
    config.time_channels = options.whole("time_embedding_dim", channels[0] * 4);
    config.cross_attention_dim = options.whole("cross_attention_dim", 1280);
    config.norm_groups = options.whole("norm_num_groups", 32);
    config.norm_eps = options.number("norm_eps", 1e-5);
    config.flip_sin_to_cos = options.flag("flip_sin_to_cos", true);
    config.freq_shift = options.number("freq_shift", 0);
    config.linear_projection = options.flag("use_linear_projection", false);
    const std::string scale_shift = options.word("resnet_time_scale_shift", "default");
    if (scale_shift != "default" && scale_shift != "scale_shift")
        throw Unsupported{fmt::format("resnet_time_scale_shift = {} is not supported", scale_shift)};
    config.scale_shift = scale_shift == "scale_shift";
    const std::string added = options.word("addition_embed_type", "");
    if (!added.empty() && added != "text_time")
        throw Unsupported{fmt::format("addition_embed_type = {} is not supported", added)};
    config.text_time = added == "text_time";
    config.time_id_channels = options.whole("addition_time_embed_dim", 0);
    config.added_channels = options.whole("projection_class_embeddings_input_dim", 0);
    if (config.text_time && (config.time_id_channels == 0 || config.added_channels == 0))
        throw Unsupported{
            "text_time needs addition_time_embed_dim and projection_class_embeddings_input_dim"};

    for (std::size_t i = 0; i < levels; ++i) {
        if (channels[i] == 0 || heads[i] == 0 || layers[i] == 0 || channels[i] % heads[i] != 0 ||
            config.norm_groups == 0 || channels[i] % config.norm_groups != 0)
            throw Unsupported{fmt::format("{} channels do not divide into {} heads and {} norm groups",
                                          channels[i], heads[i], config.norm_groups)};
        UNetBlock block{fmt::format("down_blocks.{}", i), {}, {}, heads[i], i + 1 < levels};
        for (std::int64_t k = 0; k < layers[i]; ++k)
            block.resnets.push_back({k == 0 && i > 0 ? channels[i - 1] : channels[i], channels[i]});
        if (has_attention(down_types[i], "DownBlock2D", "CrossAttnDownBlock2D", "down_block_types"))
            block.depths.assign(block.resnets.size(), depths[i]);
        config.down.push_back(std::move(block));
    }
    const std::int64_t deepest = channels.back();
    config.mid = {
        "mid_block", {{deepest, deepest}, {deepest, deepest}}, {depths.back()}, heads.back(), false};

    // The way up takes back, last in first out, what conv_in and every layer of the way down left.
    std::vector<std::int64_t> skips = {channels[0]};
    for (const UNetBlock& block : config.down) {
        for (const auto& resnet : block.resnets)
            skips.push_back(resnet.out);
        if (block.resample)
            skips.push_back(block.resnets.back().out);
    }
    std::int64_t coming = deepest;
    for (std::size_t i = 0; i < levels; ++i) {
        const std::size_t level = levels - 1 - i;
        UNetBlock block{fmt::format("up_blocks.{}", i), {}, {}, heads[level], i + 1 < levels};
        for (std::int64_t k = 0; k <= layers[level]; ++k) {
            block.resnets.push_back({coming + skips.back(), channels[level]});
            skips.pop_back();
            coming = channels[level];
        }
        if (has_attention(up_types[i], "UpBlock2D", "CrossAttnUpBlock2D", "up_block_types"))
            block.depths.assign(block.resnets.size(), depths[level]);
        config.up.push_back(std::move(block));
    }
    return config;
}

void expect_resnet(Shapes& shapes, const UNetConfig& config, const std::string& name, UNetBlock::Channels c) {
    expect_norm(shapes, name + ".norm1", c.in);
    expect_conv2d(shapes, name + ".conv1", c.in, c.out, 3);
    expect_linear(shapes, name + ".time_emb_proj", config.time_channels,
                  config.scale_shift ? 2 * c.out : c.out);
    expect_norm(shapes, name + ".norm2", c.out);
    expect_conv2d(shapes, name + ".conv2", c.out, c.out, 3);
    if (c.in != c.out)
        expect_conv2d(shapes, name + ".conv_shortcut", c.in, c.out, 1);
}

void expect_attention(Shapes& shapes, const std::string& name, std::int64_t channels, std::int64_t context) {
    expect_linear(shapes, name + ".to_q", channels, channels, Bias::No);
    expect_linear(shapes, name + ".to_k", context, channels, Bias::No);
    expect_linear(shapes, name + ".to_v", context, channels, Bias::No);
    expect_linear(shapes, name + ".to_out.0", channels, channels);
}

void expect_transformer(Shapes& shapes, const UNetConfig& config, const std::string& name,
                        std::int64_t channels, std::int64_t depth) {
    expect_norm(shapes, name + ".norm", channels);
    for (const char* projection : {".proj_in", ".proj_out"}) {
        if (config.linear_projection)
            expect_linear(shapes, name + projection, channels, channels);
        else
            expect_conv2d(shapes, name + projection, channels, channels, 1);
    }
    for (std::int64_t i = 0; i < depth; ++i) {
        const std::string block = fmt::format("{}.transformer_blocks.{}", name, i);
        for (const char* norm : {".norm1", ".norm2", ".norm3"})
            expect_norm(shapes, block + norm, channels);
        expect_attention(shapes, block + ".attn1", channels, channels);
        expect_attention(shapes, block + ".attn2", channels, config.cross_attention_dim);
        expect_linear(shapes, block + ".ff.net.0.proj", channels, 8 * channels); // GEGLU: value and gate
        expect_linear(shapes, block + ".ff.net.2", 4 * channels, channels);
    }
}

void expect_block(Shapes& shapes, const UNetConfig& config, const UNetBlock& block) {
    for (std::size_t i = 0; i < block.resnets.size(); ++i)
        expect_resnet(shapes, config, fmt::format("{}.resnets.{}", block.name, i), block.resnets[i]);
    for (std::size_t i = 0; i < block.depths.size(); ++i)
        expect_transformer(shapes, config, fmt::format("{}.attentions.{}", block.name, i),
                           block.resnets[i].out, block.depths[i]);
}

} // namespace

Result<UNetConfig> read_unet_config(const std::filesystem::path& file) {
    C2C_TRY(const MappedFile mapped, map_file(file));
    const auto json =
        parse_strict_json({reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size()});
    if (!json)
        return fail(ErrorKind::Model, "{} cannot be read: {}; download it again.", file.string(),
                    json.error());
    try {
        return from_options(Options(*json));
    } catch (const Unsupported& reason) {
        return fail(ErrorKind::Model, "{} describes a network that this program cannot run: {}.",
                    file.string(), reason.text);
    }
}

Shapes unet_shapes(const UNetConfig& config) {
    Shapes shapes;
    expect_conv2d(shapes, "conv_in", config.in_channels, config.base_channels, 3);
    expect_linear(shapes, "time_embedding.linear_1", config.base_channels, config.time_channels);
    expect_linear(shapes, "time_embedding.linear_2", config.time_channels, config.time_channels);
    if (config.text_time) {
        expect_linear(shapes, "add_embedding.linear_1", config.added_channels, config.time_channels);
        expect_linear(shapes, "add_embedding.linear_2", config.time_channels, config.time_channels);
    }
    for (const UNetBlock& block : config.down) {
        expect_block(shapes, config, block);
        if (const auto channels = block.resnets.back().out; block.resample)
            expect_conv2d(shapes, block.name + ".downsamplers.0.conv", channels, channels, 3);
    }
    expect_block(shapes, config, config.mid);
    for (const UNetBlock& block : config.up) {
        expect_block(shapes, config, block);
        if (const auto channels = block.resnets.back().out; block.resample)
            expect_conv2d(shapes, block.name + ".upsamplers.0.conv", channels, channels, 3);
    }
    expect_norm(shapes, "conv_norm_out", config.base_channels);
    expect_conv2d(shapes, "conv_out", config.base_channels, config.out_channels, 3);
    return shapes;
}

} // namespace c2c::nn
