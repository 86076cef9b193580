// Small random networks against diffusers: tests/parity/make_unet_fixture.py made the expected outputs.
#include "tests/nn/tensors.h"

#include "core/base/philox.h"
#include "core/nn/autoencoder_tiny.h"
#include "core/nn/ops.h"
#include "core/nn/random_weights.h"
#include "core/nn/unet.h"

using namespace c2c;
using namespace c2c::nn;
using c2c::test::reference;
using c2c::test::relative_difference;
using c2c::test::value;

namespace {

constexpr std::uint64_t kSeed = 4;
constexpr double kClose = 1e-4;

at::Tensor noise(std::uint32_t stream, std::vector<std::int64_t> shape) {
    std::int64_t count = 1;
    for (const auto side : shape)
        count *= side;
    return at::tensor(normal_noise(kSeed, stream, static_cast<std::size_t>(count))).view(shape);
}

at::Tensor two_time_ids() {
    return at::tensor({512.f, 512.f, 0.f, 0.f, 512.f, 512.f, 512.f, 256.f, 16.f, 8.f, 300.f, 200.f})
        .view({2, 6});
}

} // namespace

TEST_CASE("Random weights are the parity scripts'", "[parity]") {
    CHECK(crc32("conv_in.weight") == 0x8b431568);
    CHECK(crc32("123456789") == 0xcbf43926); // the check value of CRC-32's definition
}

TEST_CASE("UNets of random weights give diffusers' outputs", "[parity]") {
    const std::string name = GENERATE("unet_sdxl", "unet_plain");
    const UNetConfig config = value(read_unet_config(test::data("parity/" + name + "/config.json")));
    const UNet unet = value(UNet::from(config, random_weights(unet_shapes(config), kSeed), {}));
    const Weights expected = reference("parity/" + name + "/outputs.safetensors");
    const at::Tensor tokens = noise(2, {2, 5, config.cross_attention_dim}), pooled = noise(3, {2, 32});
    for (const auto& [size, height, width] : {std::tuple("even", 16, 16), std::tuple("odd", 13, 19)}) {
        INFO(name << " " << size);
        const at::Tensor out =
            value(unet(noise(1, {2, 4, height, width}), 499, tokens, pooled, two_time_ids()));
        CHECK(relative_difference(out, expected.tensor(size)) < kClose);
    }
}

TEST_CASE("A tiny autoencoder of random weights gives diffusers' latent and picture", "[parity]") {
    const AutoencoderTiny::Config config;
    const Weights weights = random_weights(AutoencoderTiny::shapes(config), kSeed);
    const AutoencoderTiny vae = value(AutoencoderTiny::from(weights, weights, config, {}));
    const Weights expected = reference("parity/tiny.safetensors");
    const at::Tensor latent = value(vae.encode((noise(4, {1, 3, 32, 40}) * 0.2 + 0.5).clamp(0, 1)));
    CHECK(relative_difference(latent, expected.tensor("latent")) < kClose);
    CHECK(relative_difference(value(vae.decode(latent)), expected.tensor("picture")) < kClose);
}

TEST_CASE("A UNet in bfloat16 stays near the one in float", "[parity]") {
    const UNetConfig config = value(read_unet_config(test::data("parity/unet_sdxl/config.json")));
    const Weights weights = random_weights(unet_shapes(config), kSeed);
    std::map<std::string, at::Tensor> halves;
    for (const std::string& name : weights.names())
        halves[name] = weights.tensor(name).to(at::kBFloat16);
    const UNet unet = value(UNet::from(config, Weights::from(halves, "bf16"), {{}, DType::BF16}));
    const at::Tensor out =
        value(unet(noise(1, {2, 4, 16, 16}), 499, noise(2, {2, 5, 64}), noise(3, {2, 32}), two_time_ids()));
    CHECK(out.scalar_type() == at::kFloat);
    CHECK(relative_difference(out, reference("parity/unet_sdxl/outputs.safetensors").tensor("even")) < 0.05);
}

TEST_CASE("Attention is softmax(QKᵀ/√d)V, causal or not", "[ops]") {
    const at::Tensor q = noise(1, {2, 7, 24}), k = noise(2, {2, 7, 24}), v = noise(3, {2, 7, 24});
    const at::Tensor causal = attention(q, k, v, 3, Mask::Causal), full = attention(q, k, v, 3);
    for (int batch = 0; batch < 2; ++batch)
        for (int head = 0; head < 3; ++head) {
            const auto part = [&](const at::Tensor& x) { return x[batch].slice(1, head * 8, head * 8 + 8); };
            const at::Tensor scores = at::matmul(part(q), part(k).t()) / std::sqrt(8.0);
            CHECK(relative_difference(part(full), at::matmul(at::softmax(scores, -1), part(v))) < 1e-5);
            for (int i = 0; i < 7; ++i) {
                const at::Tensor seen = at::softmax(scores[i].slice(0, 0, i + 1), -1);
                CHECK(relative_difference(part(causal)[i], at::matmul(seen, part(v).slice(0, 0, i + 1))) <
                      1e-5);
            }
        }
}
