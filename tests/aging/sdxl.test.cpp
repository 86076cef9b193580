// Both passes of the full method on a small random model: tests/parity/make_pipeline_fixture.py ran the same
// with diffusers, transformers and peft.
#include "tests/aging/sdxl_model.h"

using namespace c2c;
using namespace c2c::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::map<std::string, std::vector<float>> given_noise() {
    const std::vector<std::string> names = {"pass1.noise",  "pass1.step0",  "pass1.step1", "pass2.noise",
                                            "pass1.encode", "pass2.encode", "svr1.noise",  "svr1.step0",
                                            "svr1.step1",   "svr2.noise",   "svr2.step0",  "svr2.step1"};
    std::map<std::string, std::vector<float>> noise;
    for (std::uint32_t i = 0; i < names.size(); ++i)
        noise[names[i]] = normal_noise(kSeed, 100 + i, 4 * (kSide / 8) * (kSide / 8));
    return noise;
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
