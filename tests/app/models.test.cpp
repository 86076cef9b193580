#include "tests/app/cli.h"

#include <nlohmann/json.hpp>

using namespace c2c::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// The user's own folders are temporary ones, so that no test sees the real ones.
Run in_home(const TempDir& dir, const std::string& arguments) {
    static const TempDir home;
    ::setenv("XDG_DATA_HOME", (home / "data").c_str(), 1);
    ::setenv("XDG_CACHE_HOME", (home / "cache").c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", (home / "config").c_str(), 1);
    return cli(dir, arguments);
}

} // namespace

TEST_CASE("A random model is written, added by name, checked, used, altered, removed") {
    const TempDir dir;
    Run run = in_home(dir, "models random full --like sdxl-turbo --tiny --precision fp16");
    INFO(run.err);
    REQUIRE(run.code == 0);
    for (const char* file :
         {"unet/diffusion_pytorch_model.safetensors", "vae/config.json", "text_encoder_2/model.safetensors",
          "tokenizer_2/merges.txt", "scheduler/scheduler_config.json", "hparams.yml"})
        CHECK(fs::exists(dir / "full" / file));
    CHECK(in_home(dir, "models random full --tiny").code == 6); // never into a folder that holds something

    run = in_home(dir, "models add full --name turbo");
    CHECK(run.code == 0);
    CHECK_THAT(run.out, Contains("turbo is added"));
    run = in_home(dir, "models list --json");
    CHECK_THAT(run.out, Contains("\"name\":\"nano\"") && Contains("\"name\":\"turbo\""));

    run = in_home(dir, quoted(photo("man_38.jpg")) +
                           " --age 70 --model turbo --precision fp32 --json -o aged.png");
    INFO(run.err);
    REQUIRE(run.code == 0);
    const auto line = nlohmann::json::parse(run.out);
    CHECK_THAT(line["model"].get<std::string>(), Contains("SDXL-Turbo"));
    CHECK(fs::exists(dir / "aged.png"));

    CHECK(in_home(dir, "models check turbo").code == 0);
    std::fstream(dir / "full/unet/diffusion_pytorch_model.safetensors", std::ios::in | std::ios::out)
        .seekp(-5, std::ios::end)
        .put('\x55');
    run = in_home(dir, "models check turbo");
    CHECK(run.code == 5);
    CHECK_THAT(run.err, Contains("unet/diffusion_pytorch_model.safetensors is altered"));

    CHECK(in_home(dir, "models remove turbo").code == 0);
    CHECK(in_home(dir, "models check turbo").code == 5);
    CHECK(in_home(dir, "models check full").code == 0); // no hashes, but whole
    CHECK(in_home(dir, "models check nano").code == 0);
}

TEST_CASE("What is wrong with a model is told in one line and by exit code 5") {
    const TempDir dir;
    REQUIRE(in_home(dir, "models random full --tiny").code == 0);
    check_refused(dir, quoted(photo("man_38.jpg")) + " --age 70 --model nobody", 5, "nobody");
    check_refused(dir, "models add .. --name /x", 2, "name");
    check_refused(dir, "models add nowhere", 2, "nowhere");
    check_refused(dir, "models remove nobody", 2, "nobody");

    fs::rename(dir / "full/tokenizer", dir / "full/elsewhere");
    check_refused(dir, quoted(photo("man_38.jpg")) + " --age 70 --model full", 5, "tokenizer");
    fs::rename(dir / "full/elsewhere", dir / "full/tokenizer");

    // A network that its config does not describe is found by its shapes.
    const fs::path config = dir / "full/vae/config.json";
    auto json = nlohmann::json::parse(text_of(config));
    json["block_out_channels"] = {16, 16, 32, 64};
    std::ofstream(config) << json;
    check_refused(dir, "models add full", 5, "decoder.conv_in");
    check_refused(dir, "models check full", 5, "decoder.conv_in");
}
