#include "core/nn/autoencoder_kl.h"

#include "core/nn/guard.h"
#include "core/nn/ops.h"
#include "core/nn/shapes.h"
#include "core/nn/torch_types.h"
#include "core/weights/options.h"
#include "core/weights/weight_files.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>

namespace c2c::nn {
namespace {

using Config = AutoencoderKL::Config;

constexpr double kNormEps = 1e-6;
constexpr double kTileOverlap = 0.25; // diffusers' tile_overlap_factor

Config read_config(const Options& options) {
    const std::string name = options.word("_class_name", "AutoencoderKL");
    Options::require(name == "AutoencoderKL", name, "is not supported, only AutoencoderKL");
    Config config;
    config.channels = options.wholes("block_out_channels");
    config.layers = options.whole("layers_per_block", 1);
    config.latent_channels = options.whole("latent_channels", 4);
    config.norm_groups = options.whole("norm_num_groups", 32);
    config.scaling_factor = options.number("scaling_factor", 0.18215);
    config.force_upcast = options.flag("force_upcast", true);
    config.quant_conv = options.flag("use_quant_conv", true);
    config.post_quant_conv = options.flag("use_post_quant_conv", true);
    config.mid_attention = options.flag("mid_block_add_attention", true);
    Options::require(config.channels.size() <= 8 && config.layers >= 1 && config.layers <= 16 &&
                         config.norm_groups > 0,
                     "block_out_channels", "or another size is out of range");
    for (const std::int64_t channels : config.channels)
        Options::require(channels > 0 && channels % config.norm_groups == 0, "norm_num_groups",
                         "does not divide block_out_channels");
    Options::require(config.scaling_factor > 0, "scaling_factor", "is not positive");
    const std::string act = options.word("act_fn", "silu");
    Options::require(act == "silu" || act == "swish", "act_fn", "is not supported");
    for (const char* key : {"latents_mean", "latents_std", "shift_factor"})
        Options::require(!options.has(key), key, "is not supported");
    return config;
}

void expect_resnet(Shapes& shapes, const std::string& name, std::int64_t in, std::int64_t out) {
    expect_norm(shapes, name + ".norm1", in);
    expect_conv2d(shapes, name + ".conv1", in, out, 3);
    expect_norm(shapes, name + ".norm2", out);
    expect_conv2d(shapes, name + ".conv2", out, out, 3);
    if (in != out)
        expect_conv2d(shapes, name + ".conv_shortcut", in, out, 1);
}

void expect_mid(Shapes& shapes, const std::string& name, const Config& config) {
    const std::int64_t width = config.channels.back();
    expect_resnet(shapes, name + ".resnets.0", width, width);
    expect_resnet(shapes, name + ".resnets.1", width, width);
    if (!config.mid_attention)
        return;
    expect_norm(shapes, name + ".attentions.0.group_norm", width);
    for (const char* part : {"to_q", "to_k", "to_v", "to_out.0"})
        expect_linear(shapes, fmt::format("{}.attentions.0.{}", name, part), width, width);
}

Shapes shapes_of(const Config& config) {
    Shapes shapes;
    const auto& channels = config.channels;
    expect_conv2d(shapes, "encoder.conv_in", 3, channels.front(), 3);
    std::int64_t width = channels.front();
    for (std::size_t level = 0; level < channels.size(); ++level) {
        const std::string block = fmt::format("encoder.down_blocks.{}.", level);
        for (std::int64_t i = 0; i < config.layers; ++i, width = channels[level])
            expect_resnet(shapes, fmt::format("{}resnets.{}", block, i), width, channels[level]);
        if (level + 1 < channels.size())
            expect_conv2d(shapes, block + "downsamplers.0.conv", width, width, 3);
    }
    expect_mid(shapes, "encoder.mid_block", config);
    expect_norm(shapes, "encoder.conv_norm_out", width);
    expect_conv2d(shapes, "encoder.conv_out", width, 2 * config.latent_channels, 3);
    if (config.quant_conv)
        expect_conv2d(shapes, "quant_conv", 2 * config.latent_channels, 2 * config.latent_channels, 1);

    if (config.post_quant_conv)
        expect_conv2d(shapes, "post_quant_conv", config.latent_channels, config.latent_channels, 1);
    expect_conv2d(shapes, "decoder.conv_in", config.latent_channels, width, 3);
    expect_mid(shapes, "decoder.mid_block", config);
    for (std::size_t level = 0; level < channels.size(); ++level) {
        const std::string block = fmt::format("decoder.up_blocks.{}.", level);
        const std::int64_t out = channels[channels.size() - 1 - level];
        for (std::int64_t i = 0; i <= config.layers; ++i, width = out)
            expect_resnet(shapes, fmt::format("{}resnets.{}", block, i), width, out);
        if (level + 1 < channels.size())
            expect_conv2d(shapes, block + "upsamplers.0.conv", width, width, 3);
    }
    expect_norm(shapes, "decoder.conv_norm_out", width);
    expect_conv2d(shapes, "decoder.conv_out", width, 3, 3);
    return shapes;
}

/// Files from before diffusers 0.18 call the attention's layers otherwise, some as 1x1 convolutions.
Weights with_new_names(const Weights& weights) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames = {
        {{"query", "to_q"}, {"key", "to_k"}, {"value", "to_v"}, {"proj_attn", "to_out.0"}}};
    std::map<std::string, at::Tensor> renamed;
    for (const std::string& name : weights.names()) {
        if (name.find(".attentions.") == name.npos)
            continue;
        const at::Tensor& tensor = weights.tensor(name);
        const at::Tensor flat = tensor.dim() == 4 ? tensor.flatten(1) : tensor;
        std::string now = name;
        for (const auto& [before, after] : kNames)
            if (const auto at = name.find(fmt::format(".{}.", before)); at != name.npos)
                now.replace(at + 1, before.size(), after);
        if (now != name || tensor.dim() == 4)
            renamed[now] = flat;
    }
    return renamed.empty() ? weights : weights.with(renamed);
}

/// What every block needs beside its own input.
struct Context {
    const Config& config;
    const StopToken& stop;

    at::Tensor norm(const Weights& w, const at::Tensor& x) const {
        return group_norm(w, x, config.norm_groups, kNormEps);
    }
    at::Tensor norm_silu(const Weights& w, const at::Tensor& x) const {
        return group_norm_silu(w, x, config.norm_groups, kNormEps);
    }
};

at::Tensor resnet(const Weights& w, const Context& c, const at::Tensor& x) {
    if (c.stop.stop_requested())
        throw Stopped{};
    const at::Tensor h = conv2d(w["conv1"], c.norm_silu(w["norm1"], x));
    const at::Tensor out = conv2d(w["conv2"], c.norm_silu(w["norm2"], h));
    const Weights shortcut = w["conv_shortcut"];
    return out.add_(shortcut.has("weight") ? conv2d(shortcut, x) : x);
}

/// Every pixel looks at every other, with one head.
at::Tensor attend(const Weights& w, const Context& c, const at::Tensor& x) {
    const at::Tensor tokens = c.norm(w["group_norm"], x).flatten(2).transpose(1, 2).contiguous();
    const at::Tensor out =
        attention(linear(w["to_q"], tokens), linear(w["to_k"], tokens), linear(w["to_v"], tokens), 1);
    return linear(w["to_out.0"], out).transpose(1, 2).reshape(x.sizes()) + x;
}

at::Tensor mid(const Weights& w, const Context& c, at::Tensor x) {
    x = resnet(w["resnets"][0], c, x);
    if (c.config.mid_attention)
        x = attend(w["attentions"][0], c, x);
    return resnet(w["resnets"][1], c, x);
}

at::Tensor encode_whole(const Weights& weights, const Context& c, const at::Tensor& pixels) {
    const Weights w = weights["encoder"];
    at::Tensor x = conv2d(w["conv_in"], pixels);
    for (std::size_t level = 0; level < c.config.channels.size(); ++level) {
        const Weights block = w["down_blocks"][level];
        for (std::int64_t i = 0; i < c.config.layers; ++i)
            x = resnet(block["resnets"][static_cast<std::size_t>(i)], c, x);
        if (level + 1 < c.config.channels.size()) // padded at the right and the bottom only
            x = conv2d(block["downsamplers.0.conv"], at::constant_pad_nd(x, {0, 1, 0, 1}), 2, 0);
    }
    x = mid(w["mid_block"], c, x);
    x = conv2d(w["conv_out"], c.norm_silu(w["conv_norm_out"], x));
    return c.config.quant_conv ? conv2d(weights["quant_conv"], x) : x;
}

at::Tensor decode_whole(const Weights& weights, const Context& c, const at::Tensor& latent) {
    const Weights w = weights["decoder"];
    at::Tensor x = c.config.post_quant_conv ? conv2d(weights["post_quant_conv"], latent) : latent;
    x = mid(w["mid_block"], c, conv2d(w["conv_in"], x));
    for (std::size_t level = 0; level < c.config.channels.size(); ++level) {
        const Weights block = w["up_blocks"][level];
        for (std::int64_t i = 0; i <= c.config.layers; ++i)
            x = resnet(block["resnets"][static_cast<std::size_t>(i)], c, x);
        if (level + 1 < c.config.channels.size())
            x = conv2d(block["upsamplers.0.conv"], upsample2x(x));
    }
    return conv2d(w["conv_out"], c.norm_silu(w["conv_norm_out"], x));
}

/// Fades the end of `before` into the beginning of `tile` along `side`, in place.
void blend(const at::Tensor& before, const at::Tensor& tile, std::int64_t side, std::int64_t extent) {
    extent = std::min({extent, before.size(side), tile.size(side)});
    if (extent == 0)
        return;
    std::vector<std::int64_t> shape(4, 1);
    shape[static_cast<std::size_t>(side)] = extent;
    const at::Tensor part =
        (at::arange(extent, tile.options().dtype(at::kFloat)) / static_cast<double>(extent))
            .to(tile.scalar_type())
            .view(shape);
    at::Tensor begin = tile.narrow(side, 0, extent);
    begin.copy_(before.narrow(side, before.size(side) - extent, extent) * (1 - part) + begin * part);
}

/// Runs `network` on squares of `tile` pixels of x that overlap by a quarter; its output has `tile_out`
/// pixels for one. Which pixels come from where follows diffusers' tiled_encode and tiled_decode.
template <class Network>
at::Tensor in_tiles(const at::Tensor& x, std::int64_t tile, std::int64_t tile_out, Network&& network) {
    const auto stride =
        std::max(std::int64_t{1}, static_cast<std::int64_t>(static_cast<double>(tile) * (1 - kTileOverlap)));
    const auto extent = static_cast<std::int64_t>(static_cast<double>(tile_out) * kTileOverlap);
    std::vector<at::Tensor> above, result_rows;
    for (std::int64_t top = 0; top < x.size(2); top += stride) {
        std::vector<at::Tensor> row, result_row;
        for (std::int64_t left = 0; left < x.size(3); left += stride) {
            at::Tensor out = network(x.slice(2, top, top + tile).slice(3, left, left + tile));
            if (!above.empty())
                blend(above[row.size()], out, 2, extent);
            if (!row.empty())
                blend(row.back(), out, 3, extent);
            row.push_back(out);
            result_row.push_back(out.slice(2, 0, tile_out - extent).slice(3, 0, tile_out - extent));
        }
        result_rows.push_back(at::cat(result_row, 3));
        above = std::move(row);
    }
    return at::cat(result_rows, 2);
}

} // namespace

Result<Shapes> autoencoder_kl_shapes(const std::filesystem::path& config_json) {
    C2C_TRY(const Config config, read_options(config_json, read_config));
    return shapes_of(config);
}

AutoencoderKL::AutoencoderKL(Config config, Weights weights, Placement placement)
    : config_(std::move(config)), weights_(std::move(weights)), placement_(placement) {}

Result<AutoencoderKL> AutoencoderKL::load(const std::filesystem::path& folder, const Placement& placement) {
    C2C_TRY(const Config config, read_options(folder / "config.json", read_config));
    Placement own = placement;
    if (config.force_upcast && own.type == DType::F16)
        own.type = DType::F32;
    C2C_TRY(const auto files,
            read_weight_files(folder, own.type == DType::F32 ? Variant::Full : Variant::Half));
    C2C_TRY(Weights weights, load_weights(files, own));
    return from(folder / "config.json", std::move(weights), own);
}

Result<AutoencoderKL> AutoencoderKL::from(const std::filesystem::path& config_json, Weights weights,
                                          Placement placement) {
    C2C_TRY(Config config, read_options(config_json, read_config));
    C2C_TRY(weights, guarded("loading the autoencoder", [&] { return with_new_names(weights); }));
    C2C_CHECK(check_shapes(weights, shapes_of(config)));
    return AutoencoderKL(std::move(config), std::move(weights), placement);
}

/// Mean and logarithm of the variance of the posterior, fp32.
at::Tensor AutoencoderKL::moments(const at::Tensor& rgb, std::int64_t tile, const StopToken& stop) const {
    const Context context{config_, stop};
    const at::Tensor pixels = (rgb.to(torch_device(placement_.device)) * 2 - 1)
                                  .to(scalar_type(placement_.type))
                                  .contiguous(at::MemoryFormat::ChannelsLast);
    const auto network = [&](const at::Tensor& x) { return encode_whole(weights_, context, x); };
    const std::int64_t side = tile * config_.downscale();
    const bool whole = tile <= 0 || (pixels.size(2) <= side && pixels.size(3) <= side);
    return (whole ? network(pixels) : in_tiles(pixels, side, tile, network)).to(at::kFloat);
}

Result<at::Tensor> AutoencoderKL::encode(const at::Tensor& rgb, std::int64_t tile,
                                         const StopToken& stop) const {
    auto result = guarded("encoding the face", [&] {
        const c10::InferenceMode no_gradients;
        return moments(rgb, tile, stop).narrow(1, 0, config_.latent_channels) * config_.scaling_factor;
    });
    return check_finite(std::move(result), weights_);
}

Result<at::Tensor> AutoencoderKL::encode_sampled(const at::Tensor& rgb, const at::Tensor& noise,
                                                 std::int64_t tile, const StopToken& stop) const {
    auto result = guarded("encoding the face", [&] {
        const c10::InferenceMode no_gradients;
        const auto parts = moments(rgb, tile, stop).chunk(2, 1);
        const at::Tensor deviation = at::exp(parts[1].clamp(-30, 20) * 0.5);
        return (parts[0] + deviation * noise.to(deviation.options())) * config_.scaling_factor;
    });
    return check_finite(std::move(result), weights_);
}

Result<at::Tensor> AutoencoderKL::decode(const at::Tensor& latent, std::int64_t tile,
                                         const StopToken& stop) const {
    auto result = guarded("decoding the face", [&] {
        const c10::InferenceMode no_gradients;
        const Context context{config_, stop};
        const at::Tensor z = (latent.to(torch_device(placement_.device)) / config_.scaling_factor)
                                 .to(scalar_type(placement_.type))
                                 .contiguous(at::MemoryFormat::ChannelsLast);
        const auto network = [&](const at::Tensor& x) { return decode_whole(weights_, context, x); };
        const bool whole = tile <= 0 || (z.size(2) <= tile && z.size(3) <= tile);
        const at::Tensor pixels = whole ? network(z) : in_tiles(z, tile, tile * config_.downscale(), network);
        return pixels.to(at::kFloat) / 2 + 0.5;
    });
    return check_finite(std::move(result), weights_);
}

} // namespace c2c::nn
