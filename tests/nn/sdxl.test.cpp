// SDXL's parts in small against diffusers and transformers: tests/parity/make_sdxl_fixtures.py made the
// outputs.
#include "tests/nn/tensors.h"

#include "core/base/philox.h"
#include "core/nn/autoencoder_kl.h"
#include "core/nn/clip_text.h"
#include "core/nn/clip_vision.h"
#include "core/nn/iresnet.h"
#include "core/nn/random_weights.h"
#include "core/nn/scheduler.h"
#include "core/weights/tokenizer.h"

#include <fstream>

using namespace c2c;
using namespace c2c::nn;
using c2c::test::reference;
using c2c::test::relative_difference;
using c2c::test::value;
using Catch::Matchers::Contains;

namespace {

constexpr std::uint64_t kSeed = 6;
constexpr double kClose = 1e-4;

at::Tensor noise(std::uint32_t stream, std::vector<std::int64_t> shape) {
    std::int64_t count = 1;
    for (const auto side : shape)
        count *= side;
    return at::tensor(normal_noise(kSeed, stream, static_cast<std::size_t>(count))).view(shape);
}

at::Tensor picture(std::uint32_t stream, std::vector<std::int64_t> shape) {
    return (noise(stream, std::move(shape)) * 0.2 + 0.5).clamp(0, 1);
}

std::filesystem::path part(const std::string& name) {
    return test::data("parity/sdxl/" + name);
}

Weights expected() {
    return reference("parity/sdxl/outputs.safetensors");
}

std::vector<std::vector<std::int64_t>> tokens(const Tokenizer& tokenizer,
                                              const std::vector<std::string>& prompts) {
    std::vector<std::vector<std::int64_t>> ids;
    for (const std::string& prompt : prompts)
        ids.push_back(tokenizer.encode_padded(prompt));
    return ids;
}

std::vector<std::string> prompts() {
    std::string longer = "a face image of a 5 years old male, smiling! ";
    for (int i = 0; i < 80; ++i)
        longer += "very ";
    return {"a face image of a 67 years old female", longer};
}

} // namespace

TEST_CASE("SDXL's text encoders give transformers' tokens and pooled text", "[sdxl][parity]") {
    const auto [name, pad] =
        GENERATE(std::pair("text_encoder", "<|endoftext|>"), std::pair("text_encoder_2", "!"));
    INFO(name);
    const auto config = part(name) / "config.json";
    const Weights weights = random_weights(value(clip_text_shapes(config)), kSeed);
    const ClipText text = value(ClipText::from(config, weights, {}));
    const Tokenizer tokenizer = value(Tokenizer::load(test::data("clip_tokenizer"), pad));
    const auto [hidden, pooled] = value(text(tokens(tokenizer, prompts())));
    CHECK(relative_difference(hidden, expected().tensor(std::string(name) + ".hidden")) < kClose);
    CHECK(relative_difference(pooled, expected().tensor(std::string(name) + ".pooled")) < kClose);
    CHECK(text.width() == hidden.size(2));
    CHECK(text.pooled_width() == pooled.size(1));

    CHECK_FALSE(text({{0, 1}, {0}}));
    CHECK_FALSE(text({{49408}}));
    CHECK_FALSE(text({std::vector<std::int64_t>(78, 0)}));
}

TEST_CASE("CLIP's two sides give transformers' features", "[sdxl][parity]") {
    const auto config = part("clip") / "config.json";
    const ClipText text =
        value(ClipText::from(config, random_weights(value(clip_text_shapes(config)), kSeed), {}));
    const Tokenizer tokenizer = value(Tokenizer::load(test::data("clip_tokenizer")));
    const auto [hidden, feature] = value(text(tokens(tokenizer, {"5 years old", "67 years old"})));
    CHECK(relative_difference(feature, expected().tensor("clip.text")) < kClose);

    const ClipVision vision =
        value(ClipVision::from(config, random_weights(value(clip_vision_shapes(config)), kSeed), {}));
    for (const auto& [name, height, width] : {std::tuple("smaller", 100, 90), std::tuple("larger", 40, 56)}) {
        INFO(name);
        const at::Tensor image = value(vision(picture(1, {2, 3, height, width})));
        CHECK(relative_difference(image, expected().tensor(std::string("clip.image.") + name)) < kClose);
    }
}

TEST_CASE("IResNet gives the map before its last layer and the embedding", "[sdxl][parity]") {
    const Weights weights = random_weights(iresnet_shapes({1, 2, 1, 1}, {8, 12, 16, 20}, 32), kSeed);
    const IResNet network = value(IResNet::from(weights, {}));
    for (const auto& [name, height, width] :
         {std::tuple("smaller", 150, 130), std::tuple("larger", 60, 70)}) {
        INFO(name);
        const auto [map, embedding] = value(network(picture(2, {2, 3, height, width})));
        CHECK(relative_difference(map, expected().tensor(std::string("iresnet.map.") + name)) < kClose);
        CHECK(relative_difference(embedding, expected().tensor(std::string("iresnet.embedding.") + name)) <
              kClose);
    }
    const auto refused = IResNet::from(random_weights({{"conv1.weight", {8, 3, 3, 3}}}, 1), {});
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().text, Contains("no layer layer1"));
}

TEST_CASE("The published IResNet-100 has 65 million parameters", "[sdxl]") {
    std::int64_t count = 0;
    for (const auto& [name, shape] : iresnet_shapes({3, 13, 30, 3}, {64, 128, 256, 512})) {
        std::int64_t size = 1;
        for (const auto side : shape)
            size *= side;
        count += name.find("running") == name.npos ? size : 0;
    }
    CHECK(count == 65'156'160); // as counted in its authors' training logs: 65.15 M
}

TEST_CASE("AutoencoderKL gives diffusers' latents and pictures, whole and in tiles", "[sdxl][parity]") {
    const auto config = part("vae") / "config.json";
    const Weights weights = random_weights(value(autoencoder_kl_shapes(config)), kSeed);
    const AutoencoderKL vae = value(AutoencoderKL::from(config, weights, {}));
    const at::Tensor rgb = picture(3, {2, 3, 56, 48});
    CHECK(relative_difference(value(vae.encode(rgb)), expected().tensor("vae.mean")) < kClose);
    CHECK(relative_difference(value(vae.encode_sampled(rgb, noise(4, {2, 4, 7, 6}))),
                              expected().tensor("vae.sample")) < kClose);
    CHECK(relative_difference(value(vae.decode(noise(5, {1, 4, 7, 6}))), expected().tensor("vae.picture")) <
          kClose);

    const at::Tensor large = picture(6, {1, 3, 136, 96}), latent = noise(7, {1, 4, 13, 10});
    CHECK(relative_difference(value(vae.encode(large, 8)), expected().tensor("vae.tiled.mean")) < kClose);
    CHECK(relative_difference(value(vae.decode(latent, 8)), expected().tensor("vae.tiled.picture")) < kClose);
    CHECK(relative_difference(value(vae.decode(latent)), expected().tensor("vae.tiled.picture")) > 0.01);
    CHECK(at::equal(value(vae.decode(latent, 13)), value(vae.decode(latent)))); // one tile is the whole

    std::stop_source stop;
    stop.request_stop();
    CHECK(vae.decode(latent, 0, stop.get_token()).error().kind == ErrorKind::Cancelled);
}

TEST_CASE("AutoencoderKL reads the attention's older names and stays in fp32 where fp16 overflows",
          "[sdxl]") {
    const test::TempDir folder;
    std::filesystem::copy(part("vae") / "config.json", folder / "config.json");
    const Weights weights = random_weights(value(autoencoder_kl_shapes(part("vae") / "config.json")), kSeed);
    std::map<std::string, TensorView, std::less<>> tensors;
    for (const std::string& name : weights.names()) {
        std::string old = name;
        for (const auto& [now, before] : {std::pair("to_q", "query"), std::pair("to_k", "key"),
                                          std::pair("to_v", "value"), std::pair("to_out.0", "proj_attn")})
            if (const auto at = name.find(now); at != name.npos)
                old.replace(at, std::string(now).size(), before);
        const at::Tensor& tensor = weights.tensor(name);
        TensorView view{DType::F32,
                        tensor.sizes().vec(),
                        {static_cast<const std::byte*>(tensor.data_ptr()), tensor.nbytes()}};
        if (old != name && name.ends_with("weight"))
            view.shape.insert(view.shape.end(), {1, 1});
        tensors[old] = view;
    }
    value(write_safetensors(folder / "diffusion_pytorch_model.safetensors", tensors));
    const AutoencoderKL vae = value(AutoencoderKL::load(folder.path(), {{}, DType::F16}));
    CHECK(vae.placement().type == DType::F32);
    CHECK(relative_difference(value(vae.decode(noise(5, {1, 4, 7, 6}))), expected().tensor("vae.picture")) <
          kClose);
}

TEST_CASE("EulerAncestral has diffusers' times and noise levels", "[sdxl][parity]") {
    using Spacing = EulerAncestral::Config::Spacing;
    for (const auto& [spacing, spacing_name] :
         {std::pair(Spacing::Trailing, "trailing"), std::pair(Spacing::Leading, "leading"),
          std::pair(Spacing::Linspace, "linspace")})
        for (const bool scaled : {true, false})
            for (const int steps : {1, 2, 3, 4, 7, 20, 33}) {
                const auto scheduler = EulerAncestral::make({.beta_start = 0.00085,
                                                             .beta_end = 0.012,
                                                             .scaled_linear = scaled,
                                                             .spacing = spacing,
                                                             .steps_offset = 1},
                                                            steps);
                const std::string key = fmt::format("scheduler.{}.{}.{}.", spacing_name,
                                                    scaled ? "scaled_linear" : "linear", steps);
                INFO(key);
                const auto same = [](const std::vector<float>& a, const at::Tensor& b) {
                    return (at::tensor(a) - b).abs().max().item<double>() <=
                           1e-6 * b.abs().max().item<double>();
                };
                CHECK(scheduler.timesteps.size() == static_cast<std::size_t>(steps));
                CHECK(same(scheduler.timesteps, expected().tensor(key + "timesteps")));
                CHECK(same(scheduler.sigmas, expected().tensor(key + "sigmas")));
            }
}

TEST_CASE("EulerAncestral runs img2img as diffusers' pipeline does", "[sdxl][parity]") {
    for (const bool v_prediction : {false, true})
        for (const char* strength : {"0.25", "0.5", "0.75", "1.0"}) {
            INFO(v_prediction << " " << strength);
            auto scheduler = value(EulerAncestral::load(part("scheduler") / "scheduler_config.json", 4));
            scheduler.config.v_prediction = v_prediction;
            const std::size_t first = value(scheduler.first_step(std::stod(strength)));
            at::Tensor latent = scheduler.add_noise(noise(8, {1, 4, 6, 6}), noise(9, {1, 4, 6, 6}), first);
            for (std::size_t i = first; i < scheduler.steps(); ++i) {
                const at::Tensor output =
                    at::sin(scheduler.scale_input(latent, i) * 2 + scheduler.timesteps[i] / 1000);
                const auto stream = static_cast<std::uint32_t>(10 + i - first);
                latent = scheduler.step(output, latent, noise(stream, {1, 4, 6, 6}), i);
            }
            const std::string key =
                fmt::format("scheduler.run.{}.{}", v_prediction ? "v_prediction" : "epsilon", strength);
            CHECK(relative_difference(latent, expected().tensor(key)) < 1e-6);
        }
}

TEST_CASE("SDXL-Turbo's four steps are the published ones", "[sdxl]") {
    const auto scheduler = value(EulerAncestral::load(part("scheduler") / "scheduler_config.json", 4));
    CHECK(scheduler.timesteps == std::vector<float>{999, 749, 499, 249});
    CHECK(scheduler.sigmas[0] == Approx(14.6146).epsilon(1e-5));
    CHECK(scheduler.sigmas[3] == Approx(0.6932).epsilon(1e-4));
    CHECK(scheduler.sigma_up(1) == Approx(1.4816).epsilon(1e-4));
    CHECK(scheduler.sigma_up(2) == Approx(0.6259).epsilon(1e-4));
    CHECK(scheduler.sigma_up(3) == 0);
    CHECK(value(scheduler.first_step(0.25)) == 3);
    CHECK(value(scheduler.first_step(0.3)) == 3);
    CHECK(value(scheduler.first_step(0.75)) == 1);
    CHECK(value(scheduler.first_step(1)) == 0);
    CHECK(scheduler.first_step(0.24).error().kind == ErrorKind::Usage);
    CHECK_FALSE(scheduler.first_step(std::nan("")));
}

TEST_CASE("Configs of other networks are refused in words", "[sdxl]") {
    const test::TempDir folder;
    const auto file = folder / "config.json";
    const auto refusal = [&](const std::string& text, auto&& read) {
        std::ofstream(file, std::ios::trunc) << text;
        const auto result = read(file);
        REQUIRE_FALSE(result);
        CHECK(result.error().kind == ErrorKind::Model);
        CHECK_THAT(result.error().text, Contains("config.json"));
        return result.error().text;
    };
    const auto text = [](const auto& f) { return clip_text_shapes(f); };
    const auto vae = [](const auto& f) { return autoencoder_kl_shapes(f); };
    const auto scheduler = [](const auto& f) { return EulerAncestral::load(f, 4); };
    CHECK_THAT(refusal(R"({"hidden_act": "relu"})", text), Contains("hidden_act is not supported"));
    CHECK_THAT(refusal(R"({"hidden_size": "wide"})", text), Contains("hidden_size is not a whole number"));
    CHECK_THAT(refusal(R"({"hidden_size": 10, "num_attention_heads": 3})", text),
               Contains("num_attention_heads"));
    CHECK_THAT(refusal(R"({"num_hidden_layers": 0})", text), Contains("num_hidden_layers"));
    CHECK_THAT(refusal("[", text), Contains("cannot be read"));
    CHECK_THAT(refusal(R"({"_class_name": "AutoencoderTiny"})", vae),
               Contains("AutoencoderTiny is not supported"));
    CHECK_THAT(refusal("{}", vae), Contains("block_out_channels"));
    CHECK_THAT(refusal(R"({"block_out_channels": [48]})", vae), Contains("norm_num_groups"));
    CHECK_THAT(refusal(R"({"_class_name": "DDIMScheduler"})", scheduler),
               Contains("DDIMScheduler is not supported"));
    CHECK_THAT(refusal(R"({"beta_schedule": "cosine"})", scheduler), Contains("beta_schedule"));
}
