#include "core/nn/autoencoder_tiny.h"

#include "core/nn/guard.h"
#include "core/nn/ops.h"
#include "core/nn/shapes.h"
#include "core/nn/torch_types.h"
#include "core/nn/winograd.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

namespace c2c::nn {
namespace {

constexpr std::int64_t kWidth = 64, kPool = 256, kPoolGroups = 4;

/// A step of the sequence, in the order of the indices that its tensors are stored under.
enum class Step { Conv, ConvNoBias, Half, Block, PoolBlock, Clamp, Relu, Double };

using Sequence = std::vector<Step>;

Sequence encoder_steps(AutoencoderTiny::MidBlock mid) {
    using enum Step;
    const Step last = mid == AutoencoderTiny::MidBlock::Pool ? PoolBlock : Block;
    return {Conv, Block, Half, Block, Block, Block, Half, Block, Block, Block, Half, last, last, last, Conv};
}

Sequence decoder_steps(AutoencoderTiny::MidBlock mid) {
    using enum Step;
    const Step first = mid == AutoencoderTiny::MidBlock::Pool ? PoolBlock : Block;
    return {Clamp, Conv,   Relu,       first, first, first, Double, ConvNoBias, Block, Block,
            Block, Double, ConvNoBias, Block, Block, Block, Double, ConvNoBias, Block, Conv};
}

Shapes shapes_of(const Sequence& steps, std::int64_t in, std::int64_t out, const std::string& prefix,
                 std::size_t offset) {
    Shapes shapes;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string name = prefix + std::to_string(i - offset);
        const bool first = steps[i] == Step::Conv && i < 2, last = i + 1 == steps.size();
        switch (steps[i]) {
        case Step::Conv:
            expect_conv2d(shapes, name, first ? in : kWidth, last ? out : kWidth, 3);
            break;
        case Step::ConvNoBias:
        case Step::Half:
            expect_conv2d(shapes, name, kWidth, kWidth, 3, Bias::No);
            break;
        case Step::PoolBlock:
            expect_conv2d(shapes, name + ".pool.0", kWidth, kPool, 1, Bias::No);
            expect_norm(shapes, name + ".pool.1", kPool);
            expect_conv2d(shapes, name + ".pool.3", kPool, kWidth, 1, Bias::No);
            [[fallthrough]];
        case Step::Block:
            for (const char* conv : {".conv.0", ".conv.2", ".conv.4"})
                expect_conv2d(shapes, name + conv, kWidth, kWidth, 3);
            break;
        case Step::Clamp:
        case Step::Relu:
        case Step::Double:
            break;
        }
    }
    return shapes;
}

at::Tensor pool(const Weights& w, const at::Tensor& x) {
    const at::Tensor h = group_norm(w["1"], conv2d(w["0"], x), kPoolGroups, 1e-5);
    return x + conv2d(w["3"], at::relu(h));
}

at::Tensor block(const Weights& w, const at::Tensor& x) {
    at::Tensor h = conv3x3(w["conv.0"], x, {.relu = true});
    h = conv3x3(w["conv.2"], h, {.relu = true});
    return conv3x3(w["conv.4"], h, {.residual = &x, .relu = true});
}

at::Tensor run(const Sequence& steps, const Weights& w, std::size_t offset, at::Tensor x) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        switch (steps[i]) {
        case Step::Conv:
        case Step::ConvNoBias:
            x = conv3x3(w[i - offset], x, {.doubled = i > 0 && steps[i - 1] == Step::Double});
            break;
        case Step::Half:
            x = conv2d(w[i - offset], x, 2);
            break;
        case Step::Block:
            x = block(w[i - offset], x);
            break;
        case Step::PoolBlock:
            x = block(w[i - offset], pool(w[i - offset]["pool"], x));
            break;
        case Step::Clamp:
            x = at::tanh(x / 3) * 3;
            break;
        case Step::Relu:
            x = x.relu_();
            break;
        case Step::Double: // done by the convolution that follows
            break;
        }
    }
    return x;
}

/// diffusers' decoder has no layer for the clamp, so its indices are one less.
std::size_t decoder_offset(const Weights& decoder) {
    return decoder.path().empty() ? 0 : 1;
}

Placement fastest_placement(Placement placement) {
    const bool winograd_wins =
        placement.device.kind == Device::Kind::Cpu && winograd_supported() && !cpu_has_amx();
    return {placement.device, winograd_wins ? DType::F32 : placement.type};
}

/// The branch with the numbered layers, all shapes checked.
Result<Weights> checked_branch(const Weights& all, const std::string& diffusers_name, const Sequence& steps,
                               std::int64_t in, std::int64_t out, std::size_t offset) {
    const bool diffusers = all.has(diffusers_name + ".0.weight");
    C2C_CHECK(check_shapes(
        all, shapes_of(steps, in, out, diffusers ? diffusers_name + "." : "", diffusers ? offset : 0)));
    return with_winograd(diffusers ? all[diffusers_name] : all);
}

} // namespace

AutoencoderTiny::AutoencoderTiny(Config config, Weights encoder, Weights decoder, Placement placement)
    : config_(config), encoder_(std::move(encoder)), decoder_(std::move(decoder)), placement_(placement) {}

Result<AutoencoderTiny> AutoencoderTiny::load(const std::filesystem::path& encoder,
                                              const std::filesystem::path& decoder, const Config& config,
                                              const Placement& placement) {
    const Placement fastest = fastest_placement(placement);
    C2C_TRY(const Weights encoder_weights, load_weights(encoder, fastest));
    C2C_TRY(const Weights decoder_weights, load_weights(decoder, fastest));
    return from(encoder_weights, decoder_weights, config, fastest);
}

Result<AutoencoderTiny> AutoencoderTiny::from(const Weights& encoder, const Weights& decoder,
                                              const Config& config, const Placement& placement) {
    C2C_TRY(Weights encoder_branch, checked_branch(encoder, "encoder.layers", encoder_steps(config.mid), 3,
                                                   config.latent_channels, 0));
    C2C_TRY(Weights decoder_branch, checked_branch(decoder, "decoder.layers", decoder_steps(config.mid),
                                                   config.latent_channels, 3, 1));
    return AutoencoderTiny(config, std::move(encoder_branch), std::move(decoder_branch), placement);
}

Shapes AutoencoderTiny::shapes(const Config& config) {
    Shapes shapes = shapes_of(encoder_steps(config.mid), 3, config.latent_channels, "encoder.layers.", 0);
    shapes.merge(shapes_of(decoder_steps(config.mid), config.latent_channels, 3, "decoder.layers.", 1));
    return shapes;
}

Result<at::Tensor> AutoencoderTiny::encode(const at::Tensor& rgb) const {
    return check_finite(guarded("encoding the face",
                                [&] {
                                    const c10::InferenceMode no_gradients;
                                    const at::Tensor x =
                                        rgb.to(torch_device(placement_.device), scalar_type(placement_.type))
                                            .contiguous(at::MemoryFormat::ChannelsLast);
                                    return run(encoder_steps(config_.mid), encoder_, 0, x).to(at::kFloat);
                                }),
                        encoder_);
}

Result<at::Tensor> AutoencoderTiny::decode(const at::Tensor& latent) const {
    return check_finite(
        guarded(
            "decoding the face",
            [&] {
                const c10::InferenceMode no_gradients;
                const at::Tensor x = latent.to(torch_device(placement_.device), scalar_type(placement_.type))
                                         .contiguous(at::MemoryFormat::ChannelsLast);
                return run(decoder_steps(config_.mid), decoder_, decoder_offset(decoder_), x).to(at::kFloat);
            }),
        decoder_);
}

} // namespace c2c::nn
