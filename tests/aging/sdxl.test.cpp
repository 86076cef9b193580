// Both passes of the full method on a small random model: tests/parity/make_pipeline_fixture.py ran the same
// with diffusers, transformers and peft.
#include "core/aging/ager.h"
#include "core/aging/prompts.h"
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

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

using namespace c2c;
using namespace c2c::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kSeed = 7;
constexpr std::int64_t kRank = 4;
constexpr int kSide = 64;

/// The layers that listen to the conditions, louder: the rule of make_pipeline_fixture.py.
std::vector<float> weight(const std::string& name, const std::vector<std::int64_t>& shape) {
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

void write_random(const fs::path& file, const nn::Shapes& shapes) {
    std::map<std::string, std::vector<float>> values;
    std::map<std::string, TensorView, std::less<>> views;
    for (const auto& [name, shape] : shapes) {
        const auto& numbers = values[name] = weight(name, shape);
        views[name] = {DType::F32, shape, std::as_bytes(std::span(numbers))};
    }
    value(write_safetensors(file, views));
}

nn::Shapes mlp_shapes(const std::vector<std::int64_t>& widths) {
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

nn::Shapes lora_shapes(const nn::Shapes& unet) {
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
void write_model(const fs::path& folder) {
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

const fs::path& model() {
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

std::map<std::string, std::vector<float>> given_noise() {
    const std::vector<std::string> names = {"pass1.noise",  "pass1.step0",  "pass1.step1", "pass2.noise",
                                            "pass1.encode", "pass2.encode", "svr1.noise",  "svr1.step0",
                                            "svr1.step1",   "svr2.noise",   "svr2.step0",  "svr2.step1"};
    std::map<std::string, std::vector<float>> noise;
    for (std::uint32_t i = 0; i < names.size(); ++i)
        noise[names[i]] = normal_noise(kSeed, 100 + i, 4 * (kSide / 8) * (kSide / 8));
    return noise;
}

float from_half(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
    const float size = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24)
                                     : std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
    return (bits & 0x8000) != 0 ? -size : size;
}

/// [3, side, side] of the expected outputs, as an image.
Image expected(const TensorFile& file, const std::string& name) {
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

/// Mean and largest difference over every second pixel, which is what the expected outputs hold, in 1/255.
std::pair<double, double> difference(const Image& image, const Image& half) {
    double sum = 0, largest = 0;
    for (int y = 0; y < half.height; ++y)
        for (int x = 0; x < half.width; ++x)
            for (int channel = 0; channel < 3; ++channel) {
                const auto at = [&](const Image& i, int px, int py) {
                    return i.data[static_cast<std::size_t>((py * i.width + px) * 3 + channel)];
                };
                const double delta = std::abs(at(image, 2 * x, 2 * y) - at(half, x, y)) * 255.0;
                sum += delta;
                largest = std::max(largest, delta);
            }
    return {sum / (half.width * half.height * 3), largest};
}

struct Case {
    const char* name;
    double age = 45;
    MethodOptions method = {};
    std::string prompt = {};
    Gender gender = Gender::Female;
};

std::vector<Case> cases() {
    using Rotate = MethodOptions::Rotate;
    return {{"base"},
            {"level25", 33},
            {"level75", 70},
            {"no_lora", 45, {.lora = false}},
            {"svr0", 45, {.svr = 0}},
            {"svr1", 45, {.svr = 1}},
            {"svr3", 45, {.svr = 3}},
            {"rotate_paper", 45, {.rotate = Rotate::Paper}},
            {"extra", 45, {}, "smiling, blond hair"},
            {"vae_sample", 45, {.vae_sample = true}},
            {"one_threshold", 70, {.one_threshold = true}},
            {"thresholds", 45, {.thresholds = std::pair(10.0, 14.0)}},
            {"male", 45, {}, "", Gender::Male},
            {"between", 44.5},
            {"own", 30}};
}

EngineOptions engine(const MethodOptions& method = {}) {
    return {.device = "cpu", .precision = Precision::Fp32, .method = method};
}

} // namespace

TEST_CASE("sdxl: both passes give diffusers' pictures for every switch of the method", "[sdxl][parity]") {
    const TensorFile file = value(read_safetensors(data("parity/pipeline/outputs.safetensors")));
    const Image crop = expected(file, "crop");
    for (const Case& c : cases()) {
        INFO(c.name);
        Ager ager = value(Ager::load(model(), engine(c.method)));
        PortraitSettings settings;
        settings.source_age = 30;
        settings.gender = c.gender;
        settings.crossfade = 0;
        settings.prompt = c.prompt;
        settings.noise = given_noise();
        const Portrait portrait = value(ager.portrait(crop, {}, settings));
        const AgedCrop draft = value(ager.draft(portrait, c.age)),
                       settled = value(ager.settle(portrait, c.age));
        const auto [draft_mean, draft_max] =
            difference(draft.network, expected(file, std::string(c.name) + ".draft"));
        const auto [mean, max] = difference(settled.network, expected(file, std::string(c.name) + ".result"));
        CHECK(draft_mean <= 0.5);
        CHECK(draft_max <= 2);
        CHECK(mean <= 0.5);
        CHECK(max <= 2);
        if (c.age == settings.source_age)
            CHECK(std::all_of(settled.change.data.begin(), settled.change.data.end(),
                              [](float v) { return v == 0; }));
    }
}

TEST_CASE("sdxl: what the model is, and what it cannot do, is said", "[sdxl]") {
    Ager ager = value(Ager::load(model(), engine()));
    CHECK_FALSE(ager.info().commercial_use);
    CHECK(ager.info().shape.size == kSide);
    CHECK(ager.info().hash.size() == 64);
    CHECK_THAT(Ager::load(model(), engine({.svr = 2})).error().text, Contains("0, 1 or 3"));
    CHECK(Ager::load(model(), engine({.thresholds = std::pair(20.0, 5.0)})).error().kind == ErrorKind::Usage);

    std::stop_source stop;
    stop.request_stop();
    CHECK(Ager::load(model(), engine(), {}, stop.get_token()).error().kind == ErrorKind::Cancelled);
}

TEST_CASE("sdxl: drafts are decoded by the preview autoencoder when there is one", "[sdxl]") {
    const TempDir folder;
    const fs::path with_preview = folder / "model";
    fs::copy(model(), with_preview, fs::copy_options::recursive);
    fs::create_directory(with_preview / "taesdxl");
    std::ofstream(with_preview / "taesdxl/config.json") << "{}";
    write_random(with_preview / "taesdxl/diffusion_pytorch_model.safetensors",
                 nn::AutoencoderTiny::shapes({}));
    const Image crop = expected(value(read_safetensors(data("parity/pipeline/outputs.safetensors"))), "crop");
    const auto pictures = [&](const fs::path& path) {
        Ager ager = value(Ager::load(path, engine()));
        const Portrait portrait = value(ager.portrait(crop, {}, {}));
        return std::pair(value(ager.draft(portrait, 60)).network.data,
                         value(ager.settle(portrait, 60)).network.data);
    };
    const auto plain = pictures(model()), preview = pictures(with_preview);
    CHECK(plain.first != preview.first);
    CHECK(plain.second == preview.second);
}

TEST_CASE("sdxl: NaN in the weights is said with the tensor's name at first use", "[sdxl]") {
    const TempDir folder;
    const fs::path broken = folder / "model";
    fs::copy(model(), broken, fs::copy_options::recursive);
    const fs::path file = broken / "vae/diffusion_pytorch_model.safetensors";
    const TensorFile weights = value(read_safetensors(file));
    std::vector<float> bias(16, std::nanf(""));
    auto tensors = weights.tensors;
    tensors.at("encoder.conv_in.bias").bytes = std::as_bytes(std::span(bias));
    value(write_safetensors(folder / "broken.safetensors", tensors));
    fs::rename(folder / "broken.safetensors", file);
    const Image crop = expected(value(read_safetensors(data("parity/pipeline/outputs.safetensors"))), "crop");
    Ager ager = value(Ager::load(broken, engine()));
    const auto portrait = ager.portrait(crop, {}, {});
    REQUIRE_FALSE(portrait);
    CHECK(portrait.error().kind == ErrorKind::Model);
    CHECK_THAT(portrait.error().text, Contains("encoder.conv_in.bias"));
}

namespace {

std::vector<float> settled_at(const fs::path& path, const EngineOptions& options) {
    const Image crop = expected(value(read_safetensors(data("parity/pipeline/outputs.safetensors"))), "crop");
    Ager ager = value(Ager::load(path, options));
    const Portrait portrait = value(ager.portrait(crop, {}, {}));
    return value(ager.settle(portrait, 60)).network.data;
}

} // namespace

TEST_CASE("sdxl: prompts from the bank give the same bits, and a damaged or foreign bank is made anew",
          "[sdxl]") {
    model();
    const TempDir cache, folder;
    const fs::path path = folder / "model";
    fs::copy(model(), path, fs::copy_options::recursive);
    ::setenv("XDG_CACHE_HOME", cache.path().c_str(), 1);
    const std::vector<float> first = settled_at(path, engine());
    std::vector<fs::path> kept;
    for (const auto& entry : fs::recursive_directory_iterator(cache / "cradle2cane/prompts"))
        if (entry.is_regular_file())
            kept.push_back(entry.path());
    CHECK(kept.size() == 4); // two prompts and two features: the own age and 60
    CHECK(settled_at(path, engine()) == first);

    for (const fs::path& entry : kept) { // one byte turned over
        std::fstream bytes(entry, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(-7, std::ios::end).put('\x7f').flush();
    }
    CHECK(settled_at(path, engine()) == first);
    fs::resize_file(kept[0], 10);
    CHECK(settled_at(path, engine()) == first);

    // Another encoder of the same size and time, altered far behind the file's first bytes.
    const fs::path encoder = path / "text_encoder_2/model.safetensors";
    const auto time = fs::last_write_time(encoder);
    std::fstream file(encoder, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-4096, std::ios::end).write(std::string(4096, '\0').data(), 4096).flush();
    fs::last_write_time(encoder, time);
    CHECK(settled_at(path, engine()) != first);
}

TEST_CASE("sdxl: with all prompts prepared the text encoders stay closed", "[sdxl]") {
    model();
    const TempDir cache;
    ::setenv("XDG_CACHE_HOME", cache.path().c_str(), 1);
    const Image crop = expected(value(read_safetensors(data("parity/pipeline/outputs.safetensors"))), "crop");
    const auto encoders_open = [&] { // fp32 weights are used in the mapped file
        Ager ager = value(Ager::load(model(), engine()));
        const Portrait portrait = value(ager.portrait(crop, {}, {}));
        for (const double age : {0.0, 44.5, 100.0})
            value(ager.settle(portrait, age));
        std::ifstream maps("/proc/self/maps");
        const std::string all{std::istreambuf_iterator<char>(maps), {}};
        CHECK(all.find((model() / "unet/diffusion_pytorch_model.safetensors").string()) != all.npos);
        return all.find((model() / "text_encoder").string()) != all.npos;
    };
    CHECK(encoders_open());
    ::setenv("XDG_CACHE_HOME", (cache / "prepared").c_str(), 1);
    CHECK(value(prepare_prompts(model(), engine())) == 101 * 3); // two prompts and CLIP's feature of each age
    CHECK(value(prepare_prompts(model(), engine())) == 0);
    CHECK_FALSE(encoders_open());

    std::stop_source stop;
    stop.request_stop();
    ::setenv("XDG_CACHE_HOME", (cache / "stopped").c_str(), 1);
    CHECK(prepare_prompts(model(), engine(), {}, stop.get_token()).error().kind == ErrorKind::Cancelled);
    CHECK(prepare_prompts(models_dir() / "nano", engine()).error().kind == ErrorKind::Usage);
}

namespace {

/// The same model for pictures of 8 times `latent` pixels a side.
fs::path larger_model(const TempDir& folder, int latent) {
    const fs::path path = folder / "model";
    fs::copy(model(), path, fs::copy_options::recursive);
    std::ifstream in(path / "unet/config.json");
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::string size = "\"sample_size\": 8";
    text.replace(text.find(size), size.size(), fmt::format("\"sample_size\": {}", latent));
    std::ofstream(path / "unet/config.json") << text;
    return path;
}

/// A smooth picture with an edge, of any size.
Image picture(int side) {
    Image image(side, side, 3);
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x)
            for (int c = 0; c < 3; ++c)
                image.data[static_cast<std::size_t>((y * side + x) * 3 + c)] =
                    0.5F + 0.3F * std::sin(static_cast<float>(x + c * y) * 0.02F) + (x > side / 3 ? 0.1F : 0);
    return image;
}

float mean_difference(const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += std::abs(a[i] - b[i]);
    return static_cast<float>(255 * sum / static_cast<double>(a.size()));
}

} // namespace

TEST_CASE("sdxl: on the lowest rung the passes' pictures go through the autoencoder in tiles", "[sdxl]") {
    const TempDir folder;
    const fs::path path = larger_model(folder, 48); // a tile is 32
    const auto settled = [&](Memory memory) {
        EngineOptions options = engine();
        options.memory = memory;
        Ager ager = value(Ager::load(path, options));
        const Portrait portrait = value(ager.portrait(picture(384), {}, {}));
        return value(ager.settle(portrait, 60)).network.data;
    };
    const auto roomy = settled(Memory::Roomy), frugal = settled(Memory::Frugal),
               least = settled(Memory::Least);
    const float beside = mean_difference(roomy, frugal), tiled = mean_difference(roomy, least);
    INFO("frugal " << beside << "/255, least " << tiled << "/255");
    CHECK(beside <= 0.1F);
    CHECK(tiled > 0.1F); // tiles were used: each has norms and an attention of its own
    CHECK(tiled < 16);
}

#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("sdxl: where the system refuses memory the next rung does, and it is said", "[sdxl]") {
    const TempDir folder;
    constexpr int kLarge = 96; // 9216 pixels that each look at each other: 340 MB, in tiles 4 MB
    const fs::path path = larger_model(folder, kLarge);
    EngineOptions options = engine();
    options.memory = Memory::Least;
    const Image crop = picture(kLarge * 8);
    Ager forced = value(Ager::load(path, options));
    const auto expected_picture = value(forced.settle(value(forced.portrait(crop, {}, {})), 60)).network.data;

    options.memory = Memory::Roomy;
    Ager ager = value(Ager::load(path, options));
    CHECK(ager.info().memory.empty());
    const auto within = [](std::uint64_t more, const auto& work) {
        rlimit before{};
        ::getrlimit(RLIMIT_AS, &before);
        std::uint64_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        const rlimit tight{pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + more,
                           before.rlim_max};
        ::setrlimit(RLIMIT_AS, &tight);
        auto result = work();
        ::setrlimit(RLIMIT_AS, &before);
        return result;
    };
    const auto settled = within(300 << 20, [&]() -> Result<AgedCrop> {
        C2C_TRY(const Portrait portrait, ager.portrait(crop, {}, {}));
        return ager.settle(portrait, 60);
    });
    INFO((settled ? "" : settled.error().text + settled.error().detail));
    REQUIRE(settled);
    CHECK_THAT(ager.info().memory, Contains("tiles"));
    CHECK(settled->network.data == expected_picture);

    // Where not even that does, it is an error, and the next try works.
    const auto refused = within(1 << 20, [&] { return ager.portrait(crop, {}, {}); });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Device);
    CHECK_THAT(refused.error().text, Contains("not enough memory"));
    CHECK(ager.portrait(crop, {}, {}));
}
#endif

TEST_CASE("sdxl: every rung of the memory ladder gives the picture, and says what it does", "[sdxl]") {
    EngineOptions options = engine();
    options.memory = Memory::Roomy;
    const std::vector<float> roomy = settled_at(model(), options);
    const auto largest = [&](const std::vector<float>& other) {
        float most = 0;
        for (std::size_t i = 0; i < other.size(); ++i)
            most = std::max(most, std::abs(other[i] - roomy[i]));
        return most * 255;
    };
    CHECK(value(Ager::load(model(), options)).info().memory.empty());
    options.memory = Memory::Frugal;
    CHECK(largest(settled_at(model(), options)) <= 0.1);
    CHECK_THAT(value(Ager::load(model(), options)).info().memory, Contains("held once"));
    options.memory = Memory::Least; // 8 latent pixels are less than a tile, so only slices differ
    CHECK(largest(settled_at(model(), options)) <= 0.1);
    CHECK_THAT(value(Ager::load(model(), options)).info().memory, Contains("tiles"));
}
