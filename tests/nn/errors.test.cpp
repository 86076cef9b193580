// What a user's files and devices can be wrong in: always an Error in words, never a crash.
#include "tests/nn/tensors.h"

#include "core/nn/autoencoder_tiny.h"
#include "core/nn/device.h"
#include "core/nn/guard.h"
#include "core/nn/idemb.h"
#include "core/nn/image_encoder.h"
#include "core/nn/mlp.h"
#include "core/nn/random_weights.h"
#include "core/nn/unet.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <limits>
#include <thread>

using namespace c2c;
using namespace c2c::nn;
using c2c::test::nano;
using c2c::test::TempDir;
using c2c::test::value;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

using Tensors = std::map<std::string, TensorView, std::less<>>;

/// A copy of one of nano's files after `change`.
fs::path changed(const TempDir& folder, const std::string& file,
                 const std::function<void(Tensors&)>& change) {
    const TensorFile original = value(read_safetensors(nano(file)));
    Tensors tensors = original.tensors;
    change(tensors);
    fs::create_directories((folder / file).parent_path());
    value(write_safetensors(folder / file, tensors));
    return folder / file;
}

template <class T> std::string model_error(const Result<T>& result) {
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Model);
    return result.error().text;
}

Result<at::Tensor> run(const UNet& unet, const StopToken& stop = {}) {
    return unet(at::zeros({1, 32, 28, 28}), 249, at::zeros({1, 2, 128}), at::zeros({1, 128}),
                at::zeros({1, 6}), stop);
}

UNet nano_unet() {
    return value(UNet::load(nano("unet"), {}));
}

} // namespace

TEST_CASE("A tensor of another shape is named with both shapes", "[errors]") {
    const TempDir folder;
    const auto file = changed(folder, "unet/diffusion_pytorch_model.safetensors", [](Tensors& tensors) {
        tensors.at("conv_in.weight").shape = {32, 96, 3, 3};
    });
    fs::copy_file(nano("unet/config.json"), folder / "unet/config.json");
    const std::string error = model_error(UNet::load(folder / "unet", {}));
    CHECK_THAT(error, Contains(file.string()) && Contains("conv_in.weight") && Contains("[32, 96, 3, 3]") &&
                          Contains("[96, 32, 3, 3]"));
}

TEST_CASE("A network that lacks a tensor, or is another network, is an error", "[errors]") {
    const TempDir folder;
    const auto decoder =
        changed(folder, "vae/decoder.safetensors", [](Tensors& tensors) { tensors.erase("15.conv.2.bias"); });
    const AutoencoderTiny::Config config{32, AutoencoderTiny::MidBlock::Pool};
    CHECK_THAT(model_error(AutoencoderTiny::load(nano("vae/encoder.safetensors"), decoder, config, {})),
               Contains("15.conv.2.bias"));
    CHECK_FALSE(
        AutoencoderTiny::load(nano("vae/decoder.safetensors"), nano("vae/encoder.safetensors"), config, {}));
    CHECK_THAT(model_error(Mlp::load(nano("prompts.safetensors"), {})), Contains("prompts.safetensors"));
    CHECK_THAT(model_error(ImageEncoder::load(nano("prompts.safetensors"), {})),
               Contains("prompts.safetensors"));
    CHECK_THAT(model_error(load_lora(nano("prompts.safetensors"))), Contains("no LoRA"));
    const auto mlp = changed(folder, "face_project.safetensors", [](Tensors& tensors) {
        tensors.at("layers.4.weight").shape = {384, 256};
    });
    CHECK_THAT(model_error(Mlp::load(mlp, {})), Contains("has the shape"));
}

TEST_CASE("A LoRA of another network is an error", "[errors]") {
    const TempDir folder;
    const std::string file = "pytorch_lora_weights.safetensors";
    const std::string layer = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q.lora";
    const auto half = changed(folder, file, [&](Tensors& tensors) { tensors.erase(layer + ".up.weight"); });
    CHECK_THAT(model_error(load_lora(half)), Contains("only one of its two halves"));
    const auto renamed = changed(folder, file, [&](Tensors& tensors) {
        for (const char* part : {".down.weight", ".up.weight"}) {
            auto node = tensors.extract(layer + part);
            node.key() = "unet.other.lora" + std::string(part);
            tensors.insert(std::move(node));
        }
    });
    CHECK_THAT(model_error(nano_unet().with_lora(value(load_lora(renamed)))), Contains("the layer other"));
    const auto shaped = changed(folder, file, [&](Tensors& tensors) {
        tensors.at(layer + ".down.weight").shape = {32, 96};
        tensors.at(layer + ".up.weight").shape = {96, 32};
    });
    CHECK_THAT(model_error(nano_unet().with_lora(value(load_lora(shaped)))),
               Contains("[96, 96]") && Contains("[192, 192]"));
}

TEST_CASE("A LoRA is read in every spelling, alpha from the file, the caller or the rank", "[lora]") {
    const TempDir folder;
    const auto original = value(load_lora(nano("pytorch_lora_weights.safetensors"), 32));
    CHECK(original.layers.begin()->second.scale == 2);
    const std::string layer = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q";
    const std::vector<std::pair<std::string, std::string>> spellings = {
        {"unet." + layer + ".lora_A.weight", "unet." + layer + ".lora_B.weight"},
        {"base_model.model." + layer + ".lora_A.default.weight",
         "base_model.model." + layer + ".lora_B.default.weight"},
        {layer + ".lora_down.weight", layer + ".lora_up.weight"}};
    const float alpha = 4;
    const TensorFile file = value(read_safetensors(nano("pytorch_lora_weights.safetensors")));
    for (const auto& [down, up] : spellings) {
        value(write_safetensors(
            folder / "lora.safetensors",
            {{down, file.tensors.at("unet." + layer + ".lora.down.weight")},
             {up, file.tensors.at("unet." + layer + ".lora.up.weight")},
             {"unet." + layer + ".alpha", {DType::F32, {}, std::as_bytes(std::span(&alpha, 1))}}}));
        const Lora lora = value(load_lora(folder / "lora.safetensors"));
        REQUIRE(lora.layers.size() == 1);
        CHECK(lora.layers.begin()->first == layer);
        CHECK(lora.layers.at(layer).scale == 0.25);
        const UNet unet = nano_unet();
        const at::Tensor change = value(unet.with_lora(lora, 2.0)).weights().tensor(layer + ".weight") -
                                  unet.weights().tensor(layer + ".weight");
        const at::Tensor expected = 0.5 * at::matmul(lora.weights.tensor(up).to(at::kFloat),
                                                     lora.weights.tensor(down).to(at::kFloat));
        CHECK(test::relative_difference(change, expected) < 1e-4);
    }
}

TEST_CASE("NaN in the weights is said at first use, with the tensor's name", "[errors]") {
    const TempDir folder;
    const std::vector<float> broken(96, std::numeric_limits<float>::quiet_NaN());
    changed(folder, "unet/diffusion_pytorch_model.safetensors", [&](Tensors& tensors) {
        tensors.at("conv_norm_out.bias") = {DType::F32, {96}, std::as_bytes(std::span(broken))};
    });
    fs::copy_file(nano("unet/config.json"), folder / "unet/config.json");
    const UNet unet = value(UNet::load(folder / "unet", {}));
    CHECK_THAT(model_error(run(unet)), Contains("conv_norm_out.bias") && Contains("not finite"));
}

TEST_CASE("An option that the UNet does not support is named", "[errors]") {
    const TempDir folder;
    const auto original = nlohmann::json::parse(std::ifstream(nano("unet/config.json")));
    const auto error = [&](const char* key, const nlohmann::json& setting) {
        auto json = original;
        json[key] = setting;
        std::ofstream(folder / "config.json") << json.dump();
        const std::string text = model_error(read_unet_config(folder / "config.json"));
        CHECK_THAT(text, Contains(key));
    };
    error("act_fn", "mish");
    error("class_embed_type", "timestep");
    error("addition_embed_type", "image");
    error("resnet_time_scale_shift", "ada_group");
    error("down_block_types", {"DownBlock2D", "AttnDownBlock2D", "DownBlock2D"});
    error("down_block_types", 3);
    error("num_attention_heads", 4);
    error("transformer_layers_per_block", {1, 2});
    error("block_out_channels", {96, -128, 192});
    error("in_channels", "four");
    error("norm_eps", "small");
    std::ofstream(folder / "config.json") << "[1]";
    CHECK_FALSE(read_unet_config(folder / "config.json"));
}

TEST_CASE("A stop is heard inside the UNet", "[cancel]") {
    const UNet unet = nano_unet();
    value(run(unet));
    std::stop_source before;
    before.request_stop();
    CHECK(run(unet, before.get_token()).error().kind == ErrorKind::Cancelled);
    // Asked for from another thread at any moment, it gives a result or "cancelled", nothing between.
    for (int ms = 0; ms < 8; ++ms) {
        std::stop_source stop;
        std::jthread other([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(4 * ms));
            stop.request_stop();
        });
        const auto result = run(unet, stop.get_token());
        CHECK((result || result.error().kind == ErrorKind::Cancelled));
    }
}

TEST_CASE("Inputs of a wrong size are an error, not a crash", "[errors]") {
    const UNet unet = nano_unet();
    const auto result =
        unet(at::zeros({1, 4, 28, 28}), 249, at::zeros({1, 2, 128}), at::zeros({1, 128}), at::zeros({1, 6}));
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Internal);
    CHECK_FALSE(result.error().detail.empty());
}

TEST_CASE("Memory that cannot be had is a Device error", "[errors]") {
    const auto result = guarded("trying", [] { return at::empty({std::int64_t{1} << 50}); });
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Device);
    CHECK_THAT(result.error().text, Contains("not enough memory"));
}

TEST_CASE("Devices are found or refused in words", "[device]") {
    CHECK(value(parse_device("cpu")) == Device{});
    CHECK(value(parse_device("auto")).kind ==
          (at::hasCUDA() ? value(parse_device("auto")).kind : Device::Kind::Cpu));
    for (const char* word : {"gpu", "", "cuda:", "cuda:x", "cuda:-1", "cuda:1x"})
        CHECK(parse_device(word).error().kind == ErrorKind::Usage);
    const auto missing = parse_device("cuda:99");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == ErrorKind::Device);
    CHECK_THAT(missing.error().text, Contains("cuda:99 is not there"));
    CHECK(auto_type({Device::Kind::Cuda, 0}) == DType::F16);
    CHECK(auto_type({}) == (cpu_has_bf16() ? DType::BF16 : DType::F32));
    CHECK(set_threads(1) == 1);
    CHECK(set_threads(0) >= 1);
}

TEST_CASE("SVR is the singular values' rule, also for several columns", "[idemb]") {
    at::manual_seed(1);
    const at::Tensor features = at::randn({300, 4}) * 0.3;
    const auto [u, s, v] = at::svd(features.to(at::kDouble));
    const at::Tensor changed = s * at::exp(0.01 * s) * 1.1;
    const at::Tensor expected = at::matmul(u * changed.unsqueeze(0), v.t()).select(1, 0).to(at::kFloat);
    CHECK(test::relative_difference(svr(features, 0.01, 1.1), expected) < 1e-5);
    // Equal columns leave singular values of zero.
    const at::Tensor twice = features.select(1, 0).unsqueeze(1).repeat({1, 2});
    const at::Tensor f = features.select(1, 0);
    const double size = f.norm().item<double>() * std::sqrt(2.0);
    CHECK(test::relative_difference(svr(twice, 0.01, 1.1), f * (std::exp(0.01 * size) * 1.1)) < 1e-5);
}

TEST_CASE("Rotate-CLIP in both forms, and slerp between unit vectors", "[idemb]") {
    const auto unit = [](const at::Tensor& x) { return x / x.norm(2, {-1}, true); };
    const at::Tensor a = at::tensor({1.f, 0.f, 0.f}).unsqueeze(0),
                     b = at::tensor({0.f, 1.f, 0.f}).unsqueeze(0);
    const at::Tensor half = at::tensor({std::sqrt(0.5f), std::sqrt(0.5f), 0.f}).unsqueeze(0);
    CHECK(test::relative_difference(slerp(0.5, a, b), half) < 1e-6);
    CHECK(test::relative_difference(slerp(0, a, b), a) < 1e-6);
    CHECK(test::relative_difference(slerp(0.5, a, a), a) < 1e-6);
    const at::Tensor image = unit(at::tensor({0.2f, 0.3f, 0.9f}).unsqueeze(0));
    CHECK(test::relative_difference(rotate_clip(image, a, b), unit(image + half - a)) < 1e-6);
    CHECK(test::relative_difference(rotate_clip(image, a, b, RotateClip::Paper), unit(image + half)) < 1e-6);
}
