// Every stage of the embedded model against its reference, to the tolerances of models/nano/README.md:
// latents and embeddings 1e-4 of their largest magnitude, pictures 5e-4.
#include "tests/nn/tensors.h"

#include "core/nn/autoencoder_tiny.h"
#include "core/nn/idemb.h"
#include "core/nn/image_encoder.h"
#include "core/nn/mlp.h"
#include "core/nn/unet.h"
#include "core/weights/manifest.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

using namespace c2c;
using namespace c2c::nn;
using c2c::test::nano;
using c2c::test::reference;
using c2c::test::relative_difference;
using c2c::test::value;

namespace {

constexpr double kClose = 1e-4;

AutoencoderTiny autoencoder() {
    return value(AutoencoderTiny::load(nano("vae/encoder.safetensors"), nano("vae/decoder.safetensors"),
                                       {32, AutoencoderTiny::MidBlock::Pool}, {}));
}

at::Tensor crop() {
    cv::Mat picture = cv::imread(test::data("nano/crop.png").string());
    cv::cvtColor(picture, picture, cv::COLOR_BGR2RGB);
    return at::from_blob(picture.data, {1, picture.rows, picture.cols, 3}, at::kByte).permute({0, 3, 1, 2}) /
           255.0;
}

struct Prompts {
    Weights bank = value(load_weights(nano("prompts.safetensors"), {}));
    at::Tensor tokens(int age) const { return bank.tensor("prompt_embeds")[0][age].unsqueeze(0); }
    at::Tensor pooled(int age) const { return bank.tensor("pooled_prompt_embeds")[0][age].unsqueeze(0); }
};

at::Tensor time_ids() {
    return at::tensor({224.0f, 224.0f, 0.0f, 0.0f, 224.0f, 224.0f}).unsqueeze(0);
}

constexpr int kSourceAge = 38;

} // namespace

TEST_CASE("Nano's encoder and decoder give the reference's latent and reconstruction", "[nano]") {
    const Weights r = reference("nano/reference.safetensors");
    const AutoencoderTiny vae = autoencoder();
    const at::Tensor latent = value(vae.encode(crop()));
    CHECK(relative_difference(latent, r.tensor("latent")) < kClose);
    const at::Tensor picture = value(vae.decode(r.tensor("latent")));
    CHECK(picture.scalar_type() == at::kFloat);
    CHECK(relative_difference(picture.slice(2, 56, 168), r.tensor("reconstruction")) < kClose);
}

TEST_CASE("Nano's pass 1 gives the reference's latents at every level of noise", "[nano]") {
    const Weights r = reference("nano/reference.safetensors");
    const Manifest manifest = value(read_manifest(nano()));
    const UNet unet = value(UNet::load(nano("unet"), {}));
    const Prompts prompts;
    for (const int age : {10, 38, 75}) {
        const auto level =
            std::find_if(manifest.adani.begin(), manifest.adani.end(),
                         [&](const AdaniLevel& l) { return std::abs(age - kSourceAge) <= l.max_gap; });
        const at::Tensor zt = r.tensor("latent") + level->sigma * r.tensor("noise1");
        const at::Tensor z1 =
            zt - value(unet(zt, level->timestep, prompts.tokens(age), prompts.pooled(age), time_ids()));
        INFO("age " << age << ", timestep " << level->timestep);
        CHECK(relative_difference(z1, r.tensor(fmt::format("age{:03}.pass1_latent", age))) < kClose);
    }
}

TEST_CASE("Nano's identity tokens are the reference's", "[nano]") {
    const Weights r = reference("nano/reference.safetensors");
    const at::Tensor image =
        value(value(ImageEncoder::load(nano("image_encoder.safetensors"), {}))(r.tensor("latent")));
    CHECK(relative_difference(image, r.tensor("image_feature")) < kClose);
    const at::Tensor face = svr(r.tensor("face_embedding").t(), 0.01, 1.1).unsqueeze(0);
    CHECK(relative_difference(face, r.tensor("face_embedding_svr")) < kClose);

    const Mlp face_project = value(Mlp::load(nano("face_project.safetensors"), {}));
    const Mlp clip_project = value(Mlp::load(nano("clip_project.safetensors"), {}));
    CHECK(face_project.in_features() == 512);
    const Weights texts = value(load_weights(nano("text_features.safetensors"), {}));
    const auto text = [&](int age) { return texts.tensor("text_features")[age].unsqueeze(0); };
    for (const int age : {10, 38, 75}) {
        const std::string name = fmt::format("age{:03}", age);
        const at::Tensor turned = age == kSourceAge ? image : rotate_clip(image, text(kSourceAge), text(age));
        CHECK(relative_difference(turned, r.tensor(name + ".rotate_clip")) < kClose);
        const at::Tensor tokens = at::stack({value(face_project(face)), value(clip_project(turned))}, 1);
        CHECK(relative_difference(tokens, r.tensor(name + ".idemb")) < kClose);
    }
}

TEST_CASE("Nano's pass 2 with the LoRA gives the reference's latents and pictures", "[nano]") {
    const Weights r = reference("nano/reference.safetensors");
    const Manifest manifest = value(read_manifest(nano()));
    const UNet plain = value(UNet::load(nano("unet"), {}));
    const Lora lora = value(load_lora(nano(manifest.pass2.lora), manifest.pass2.lora_alpha));
    CHECK(lora.layers.size() == 56);
    const UNet unet = value(plain.with_lora(lora));
    const Prompts prompts;
    const auto settle = [&](const UNet& network, int age) {
        const std::string name = fmt::format("age{:03}", age);
        const at::Tensor zt = r.tensor(name + ".pass1_latent") + manifest.pass2.sigma * r.tensor("noise2");
        return zt - value(network(zt, manifest.pass2.timestep, r.tensor(name + ".idemb"), prompts.pooled(age),
                                  time_ids()));
    };
    for (const int age : {10, 38, 75})
        CHECK(relative_difference(settle(unet, age), r.tensor(fmt::format("age{:03}.pass2_latent", age))) <
              kClose);
    // The comparison would notice a LoRA that is left out.
    CHECK(relative_difference(settle(plain, 75), r.tensor("age075.pass2_latent")) > 20 * kClose);
    // What is not changed is shared, not copied.
    CHECK(unet.weights().tensor("conv_in.weight").data_ptr() ==
          plain.weights().tensor("conv_in.weight").data_ptr());

    const AutoencoderTiny vae = autoencoder();
    // The reference's pictures are what the decoder makes of the latents, clamped and rounded to fp16.
    const auto picture = [&](const std::string& pass) {
        return value(vae.decode(r.tensor("age075." + pass))).clamp(0, 1).slice(2, 56, 168);
    };
    const auto difference = [](const at::Tensor& a, const at::Tensor& b) {
        return (a - b).abs().max().item<double>();
    };
    CHECK(difference(picture("pass1_latent"), r.tensor("age075.draft")) < 5e-4);
    CHECK(difference(picture("pass2_latent"), r.tensor("age075.settled")) < 5e-4);
}

TEST_CASE("Nano's UNet in bfloat16 leaves the picture within mean 0.5/255 and max 4/255", "[nano]") {
    const Weights r = reference("nano/reference.safetensors");
    const Manifest manifest = value(read_manifest(nano()));
    const UNet plain = value(UNet::load(nano("unet"), {{}, DType::BF16}));
    const UNet unet =
        value(plain.with_lora(value(load_lora(nano(manifest.pass2.lora), manifest.pass2.lora_alpha))));
    const Prompts prompts;
    const AutoencoderTiny vae = autoencoder();
    for (const int age : {10, 38, 75}) {
        const std::string name = fmt::format("age{:03}", age);
        const at::Tensor zt = r.tensor(name + ".pass1_latent") + manifest.pass2.sigma * r.tensor("noise2");
        const at::Tensor z2 = zt - value(unet(zt, manifest.pass2.timestep, r.tensor(name + ".idemb"),
                                              prompts.pooled(age), time_ids()));
        const at::Tensor difference = (value(vae.decode(z2)).clamp(0, 1) -
                                       value(vae.decode(r.tensor(name + ".pass2_latent"))).clamp(0, 1))
                                          .abs() *
                                      255;
        UNSCOPED_INFO(name << " mean " << difference.mean().item<double>() << " max "
                           << difference.max().item<double>());
        CHECK(difference.mean().item<double>() < 0.5);
        CHECK(difference.max().item<double>() < 4);
    }
}
