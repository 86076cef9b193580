#include "core/nn/unet.h"

#include "core/nn/guard.h"
#include "core/nn/ops.h"
#include "core/nn/torch_types.h"
#include "core/nn/winograd.h"
#include "core/weights/weight_files.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

namespace c2c::nn {
namespace {

/// What every block needs beside its own input.
struct Context {
    const UNetConfig& config;
    at::Tensor time;   ///< silu of the time embedding [B, time_channels]
    at::Tensor tokens; ///< [B, n, cross_attention_dim]
    const StopToken& stop;
    std::int64_t attention_rows = 0;

    void check() const {
        if (stop.stop_requested())
            throw Stopped{};
    }
};

at::Tensor resnet(const Weights& w, const Context& c, const at::Tensor& x) {
    at::Tensor h =
        conv2d(w["conv1"], group_norm_silu(w["norm1"], x, c.config.norm_groups, c.config.norm_eps));
    const at::Tensor time = linear(w["time_emb_proj"], c.time).unsqueeze(-1).unsqueeze(-1);
    if (c.config.scale_shift) {
        const auto scale_shift = time.chunk(2, 1);
        h = group_norm(w["norm2"], h, c.config.norm_groups, c.config.norm_eps);
        h = at::silu(at::addcmul(scale_shift[1], h, scale_shift[0] + 1));
    } else {
        h = group_norm_silu(w["norm2"], h.add_(time), c.config.norm_groups, c.config.norm_eps);
    }
    const Weights shortcut = w["conv_shortcut"];
    const at::Tensor skip = shortcut.has("weight") ? conv2d(shortcut, x) : x;
    return conv3x3(w["conv2"], h, {.residual = &skip});
}

at::Tensor attend(const Weights& w, const at::Tensor& x, const at::Tensor& context, std::int64_t heads,
                  std::int64_t rows) {
    const at::Tensor out = attention(linear(w["to_q"], x), linear(w["to_k"], context),
                                     linear(w["to_v"], context), heads, Mask::None, rows);
    return linear(w["to_out.0"], out);
}

/// GEGLU (Shazeer, "GLU Variants Improve Transformer", 2020).
at::Tensor feed_forward(const Weights& w, const at::Tensor& x) {
    const auto value_gate = linear(w["net.0.proj"], x).chunk(2, -1);
    return linear(w["net.2"], gelu(value_gate[1]).mul_(value_gate[0]));
}

at::Tensor transformer(const Weights& w, const Context& c, const at::Tensor& x, std::int64_t heads,
                       std::int64_t depth) {
    const auto batch = x.size(0), channels = x.size(1), height = x.size(2), width = x.size(3);
    const auto to_tokens = [&](const at::Tensor& image) {
        return image.permute({0, 2, 3, 1}).reshape({batch, height * width, channels});
    };
    const auto to_image = [&](const at::Tensor& tokens) {
        return tokens.view({batch, height, width, channels}).permute({0, 3, 1, 2});
    };
    at::Tensor h = group_norm(w["norm"], x, c.config.norm_groups, 1e-6); // diffusers' fixed epsilon here
    h = c.config.linear_projection ? linear(w["proj_in"], to_tokens(h)) : to_tokens(conv2d(w["proj_in"], h));
    for (std::int64_t i = 0; i < depth; ++i) {
        c.check();
        const Weights block = w["transformer_blocks"][static_cast<std::size_t>(i)];
        const at::Tensor own = layer_norm(block["norm1"], h);
        h.add_(attend(block["attn1"], own, own, heads, c.attention_rows));
        h.add_(attend(block["attn2"], layer_norm(block["norm2"], h), c.tokens, heads, c.attention_rows));
        h.add_(feed_forward(block["ff"], layer_norm(block["norm3"], h)));
    }
    h = c.config.linear_projection ? to_image(linear(w["proj_out"], h)) : conv2d(w["proj_out"], to_image(h));
    return h.add_(x);
}

/// The i-th resnet of a block and the transformer behind it.
at::Tensor layer(const Weights& w, const Context& c, const UNetBlock& block, std::size_t i, at::Tensor x) {
    c.check();
    x = resnet(w["resnets"][i], c, x);
    return block.depths.empty() ? x : transformer(w["attentions"][i], c, x, block.heads, block.depths[i]);
}

at::Tensor down(const Weights& w, const Context& c, const UNetBlock& block, at::Tensor x,
                std::vector<at::Tensor>& skips) {
    for (std::size_t i = 0; i < block.resnets.size(); ++i)
        skips.push_back(x = layer(w, c, block, i, x));
    if (block.resample)
        skips.push_back(x = conv2d(w["downsamplers.0.conv"], x, 2));
    return x;
}

at::Tensor mid(const Weights& w, const Context& c, const UNetBlock& block, const at::Tensor& x) {
    return resnet(w["resnets"][1], c, layer(w, c, block, 0, x));
}

at::Tensor enlarge(const Weights& w, const at::Tensor& x, std::int64_t height, std::int64_t width) {
    if (height == 2 * x.size(2) && width == 2 * x.size(3))
        return conv3x3(w, x, {.doubled = true});
    return conv3x3(w, at::upsample_nearest2d(x, {height, width}));
}

at::Tensor up(const Weights& w, const Context& c, const UNetBlock& block, at::Tensor x,
              std::vector<at::Tensor>& skips) {
    for (std::size_t i = 0; i < block.resnets.size(); ++i) {
        x = at::cat({x, skips.back()}, 1);
        skips.pop_back();
        x = layer(w, c, block, i, x);
    }
    if (block.resample) // to the size of the skip that comes next, which an odd side makes one less than
                        // double
        x = enlarge(w["upsamplers.0.conv"], x, skips.back().size(2), skips.back().size(3));
    return x;
}

at::Tensor embed(const Weights& w, const at::Tensor& x) {
    return linear(w["linear_2"], silu(linear(w["linear_1"], x)));
}

at::Tensor time_embedding(const Weights& w, const UNetConfig& config, double timestep,
                          const at::Tensor& pooled, const at::Tensor& time_ids, at::IntArrayRef batch,
                          at::TensorOptions options) {
    const at::Tensor t = at::full(batch, timestep, options.dtype(at::kFloat));
    const auto sinusoids = [&](const at::Tensor& values, std::int64_t channels) {
        return timestep_embedding(values, channels, config.flip_sin_to_cos, config.freq_shift).to(options);
    };
    at::Tensor time = embed(w["time_embedding"], sinusoids(t, config.base_channels));
    if (config.text_time) {
        const at::Tensor ids = time_ids.to(options.dtype(at::kFloat)).expand({batch[0], time_ids.size(-1)});
        const at::Tensor id_channels = sinusoids(ids.flatten(), config.time_id_channels).view({batch[0], -1});
        time = time + embed(w["add_embedding"], at::cat({pooled.to(options), id_channels}, 1));
    }
    return silu(time);
}

at::Tensor forward(const Weights& w, const Context& c, at::Tensor x) {
    x = conv3x3(w["conv_in"], x);
    std::vector<at::Tensor> skips = {x};
    for (std::size_t i = 0; i < c.config.down.size(); ++i)
        x = down(w["down_blocks"][i], c, c.config.down[i], x, skips);
    x = mid(w["mid_block"], c, c.config.mid, x);
    for (std::size_t i = 0; i < c.config.up.size(); ++i)
        x = up(w["up_blocks"][i], c, c.config.up[i], x, skips);
    x = group_norm_silu(w["conv_norm_out"], x, c.config.norm_groups, c.config.norm_eps);
    return conv3x3(w["conv_out"], x);
}

} // namespace

UNet::UNet(UNetConfig config, Weights weights, Placement placement)
    : config_(std::move(config)), weights_(std::move(weights)), placement_(placement) {}

Result<UNet> UNet::load(const std::filesystem::path& folder, const Placement& placement) {
    C2C_TRY(UNetConfig config, read_unet_config(folder / "config.json"));
    C2C_TRY(const auto files,
            read_weight_files(folder, placement.type == DType::F32 ? Variant::Full : Variant::Half));
    C2C_TRY(Weights weights, load_weights(files, placement));
    return from(std::move(config), std::move(weights), placement);
}

Result<UNet> UNet::from(UNetConfig config, Weights weights, Placement placement) {
    C2C_CHECK(check_shapes(weights, unet_shapes(config)));
    // Only where the pictures are largest: below, reading kernels of four times the size costs what is saved.
    // Wide layers would leave the L2 cache.
    constexpr std::int64_t kWide = 256;
    const std::string last = config.up.back().name + ".";
    const std::string enlarging =
        config.up.size() > 1 ? config.up[config.up.size() - 2].name + ".upsamplers" : last;
    const auto at_full_size = [&](std::string_view name) {
        return config.base_channels <= kWide &&
               (name.starts_with("conv_") || name.starts_with("down_blocks.0.resnets") ||
                name.starts_with(last) || name.starts_with(enlarging));
    };
    weights = with_winograd(weights, at_full_size);
    return UNet(std::move(config), std::move(weights), placement);
}

Result<UNet> UNet::with_lora(const Lora& lora, double strength) const {
    C2C_TRY(Weights merged, merge_lora(weights_, lora, strength));
    return UNet(config_, std::move(merged), placement_);
}

Result<UNet> UNet::with_lora_beside(const Lora& lora, double strength) const {
    C2C_TRY(Weights beside, attach_lora(weights_, lora, strength));
    return UNet(config_, std::move(beside), placement_);
}

UNet UNet::in_slices() const {
    UNet sliced = *this;
    sliced.attention_rows_ = 512;
    return sliced;
}

Result<at::Tensor> UNet::operator()(const at::Tensor& x, double timestep, const at::Tensor& tokens,
                                    const at::Tensor& pooled, const at::Tensor& time_ids,
                                    const StopToken& stop) const {
    return check_finite(guarded("running the UNet",
                                [&] {
                                    const c10::InferenceMode no_gradients;
                                    const auto options = at::TensorOptions()
                                                             .dtype(scalar_type(placement_.type))
                                                             .device(torch_device(placement_.device));
                                    const Context context{config_,
                                                          time_embedding(weights_, config_, timestep, pooled,
                                                                         time_ids, x.sizes().slice(0, 1),
                                                                         options),
                                                          tokens.to(options), stop, attention_rows_};
                                    return forward(weights_, context,
                                                   x.to(options).contiguous(at::MemoryFormat::ChannelsLast))
                                        .to(at::kFloat);
                                }),
                        weights_);
}

} // namespace c2c::nn
