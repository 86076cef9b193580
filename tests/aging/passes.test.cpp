// The passes over networks that only count: what is asked of them, how often and in which order.
#include "core/aging/ager.h"

#include <ATen/ATen.h>

#include "core/aging/parts.h"
#include "tests/support.h"

#include <algorithm>

using namespace c2c;
using c2c::test::value;

namespace {

using Calls = std::vector<std::string>;

/// A model in the published manner (pass 2 encodes pass 1's picture) whose networks add and forget.
Parts counting(Calls& calls) {
    Parts parts;
    parts.info.shape = Template{.size = 8};
    parts.latent_shape = {1, 4, 1, 1};
    parts.reencode = true;
    parts.extra_prompts = true;
    const NoiseLevel level{1000, {{.timestep = 249, .sigma = 1, .input_scale = 1, .output_scale = 0.5}}};
    parts.pass1 = {level};
    parts.pass2 = parts.with_extra_prompt = level;
    parts.encode = [&](const at::Tensor& image, const at::Tensor&, const StopToken&) -> Result<at::Tensor> {
        calls.push_back("encode");
        return image.mean().expand({1, 4, 1, 1}).clone();
    };
    parts.decode = [&](const at::Tensor& latent, const StopToken&) -> Result<at::Tensor> {
        calls.push_back("decode");
        return latent.mean().expand({1, 3, 8, 8}).clone();
    };
    const auto unet = [&calls](const char* name) {
        return [&calls, name](const at::Tensor& x, double, const Prompt& prompt,
                              const StopToken&) -> Result<at::Tensor> {
            calls.push_back(name);
            return x * 0.1 + prompt.embeds.mean();
        };
    };
    parts.unet = unet("unet");
    parts.unet_lora = unet("unet with LoRA");
    parts.prompt = [&](Gender, double age, const std::string&) -> Result<Prompt> {
        calls.push_back("prompt");
        return Prompt{at::full({1, 2, 4}, age / 100), at::zeros({1, 4})};
    };
    parts.face_feature = [&](const Image&, const Image&) -> Result<at::Tensor> {
        calls.push_back("face");
        return at::ones({1, 4});
    };
    parts.image_face_feature = [&](const at::Tensor&) -> Result<at::Tensor> {
        calls.push_back("draft's face");
        return at::ones({1, 4});
    };
    parts.image_feature = [&](const at::Tensor&, const at::Tensor&) -> Result<at::Tensor> {
        calls.push_back("image");
        return at::ones({1, 4}) / 2;
    };
    parts.text_feature = [&](double age) -> Result<at::Tensor> {
        calls.push_back("text");
        return at::tensor({std::cos(age), std::sin(age), 0.0, 0.0}, at::kFloat).unsqueeze(0);
    };
    parts.idemb = [&](const at::Tensor&, const at::Tensor& image) -> Result<at::Tensor> {
        calls.push_back("tokens");
        return at::stack({image, image}, 1);
    };
    return parts;
}

Image crop() {
    Image image(8, 8, 3);
    std::ranges::fill(image.data, 0.5F);
    return image;
}

PortraitSettings aged_30() {
    PortraitSettings settings;
    settings.source_age = 30;
    return settings;
}

auto count(const Calls& calls, const std::string& name) {
    return std::ranges::count(calls, name);
}

} // namespace

TEST_CASE("Pass 1 is decoded once, for its draft and for pass 2, and the own age once a portrait") {
    Calls calls;
    Ager ager = Ager::from(counting(calls));
    const Portrait portrait = value(ager.portrait(crop(), {}, aged_30()));
    value(ager.draft(portrait, 60));
    CHECK(count(calls, "decode") == 2); // the own age's draft and this one
    value(ager.settle(portrait, 60));
    CHECK(count(calls, "unet") == 2);
    CHECK(count(calls, "unet with LoRA") == 2);
    CHECK(count(calls, "decode") == 4);
    calls.clear();
    value(ager.settle(portrait, 70));
    CHECK(count(calls, "unet") == 1);
    CHECK(count(calls, "unet with LoRA") == 1);
    CHECK(count(calls, "encode") == 1);
    CHECK(count(calls, "decode") == 2); // pass 1's picture, and pass 2's
    CHECK(count(calls, "face") + count(calls, "image") == 0);
}

TEST_CASE("What an age needs beside the UNet is asked for before it fills the memory") {
    Calls calls;
    Ager ager = Ager::from(counting(calls));
    const Portrait portrait = value(ager.portrait(crop(), {}, aged_30()));
    value(ager.settle(portrait, 60));
    const auto first_unet = std::ranges::find(calls, "unet");
    for (const char* name : {"face", "image"}) {
        CHECK(count(calls, name) == 1);
        CHECK(std::ranges::find(calls, name) < first_unet);
    }
    CHECK(std::count(calls.begin(), first_unet, "tokens") == 2); // of the own age and of 60
    calls.clear();
    value(ager.draft(portrait, 80));
    CHECK(count(calls, "tokens") == 0); // a draft needs no identity
    CHECK(calls.front() == "prompt");
}

TEST_CASE("SVR over drafts reads the drafts' faces, which needs pass 1 first") {
    Calls calls;
    Parts parts = counting(calls);
    parts.svr.n = 1;
    Ager ager = Ager::from(std::move(parts));
    const Portrait portrait = value(ager.portrait(crop(), {}, aged_30()));
    value(ager.settle(portrait, 60));
    CHECK(count(calls, "draft's face") == 2);
    CHECK(std::ranges::find(calls, "unet") < std::ranges::find(calls, "draft's face"));
}
