#include "core/base/sha256.h"
#include "tests/app/cli.h"
#include "tests/fetch/server.h"

using namespace c2c;
using namespace c2c::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// Serves a folder, and what sha256sum would say of it.
std::string serve_folder(Server& server, const fs::path& folder) {
    std::string list;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) {
            const std::string name = entry.path().lexically_relative(folder).generic_string();
            list += value(sha256_file(entry.path())) + "  " + name + "\n";
            server.serve("/turbo/" + name, {.body = text_of(entry.path()), .etag = "\"1\""});
        }
    server.serve("/turbo/SHA256SUMS", {list});
    return list;
}

} // namespace

TEST_CASE("models fetch downloads a model, checks it, goes on after a cut, and adds it") {
    const TempDir dir, home;
    for (const char* kind : {"DATA", "CACHE", "CONFIG"})
        ::setenv(fmt::format("XDG_{}_HOME", kind).c_str(), (home / kind).c_str(), 1);
    REQUIRE(cli(dir, "models random full --tiny --precision fp16").code == 0);
    Server server;
    const std::string list = serve_folder(server, dir / "full");
    const std::string unet = "/turbo/unet/diffusion_pytorch_model.safetensors";
    const std::string weights = text_of(dir / "full/unet/diffusion_pytorch_model.safetensors");
    const std::string fetch = "models fetch --name turbo --from " + server.url("/turbo/");

    server.serve(unet, {.body = weights, .etag = "\"1\"", .cuts = {weights.size() / 2, 0}});
    Run run = cli(dir, fetch);
    INFO(run.out << run.err);
    CHECK(run.code == 5);
    CHECK_THAT(run.err, Contains("broke off") && Contains("start it again"));
    CHECK(cli(dir, "models check turbo").code == 5);

    run = cli(dir, fetch);
    INFO(run.out << run.err);
    CHECK(run.code == 0);
    CHECK_THAT(run.out, Contains("turbo is added"));
    CHECK_THAT(run.out, !Contains("Note: nobody"));
    CHECK(server.asked().back().range == fmt::format("bytes={}-", weights.size() / 2));
    CHECK(cli(dir, "models check turbo").code == 0);
    CHECK(cli(dir, fetch).code == 6); // the name is taken

    // One file that was altered on the disk is fetched again, and no other.
    std::ofstream(home / "DATA/cradle2cane/models/turbo/hparams.yml") << "age_threshold1: 7\n";
    const std::size_t before = server.asked().size();
    CHECK(cli(dir, fetch + " --overwrite").code == 0);
    CHECK(cli(dir, "models check turbo").code == 0);
    std::vector<std::string> again;
    const auto asked = server.asked();
    for (std::size_t i = before; i < asked.size(); ++i)
        if (fs::exists(dir / "full" / asked[i].path.substr(7)) || asked[i].path.ends_with("SUMS"))
            again.push_back(asked[i].path);
    CHECK(again == std::vector<std::string>{"/turbo/SHA256SUMS", "/turbo/hparams.yml"});

    // Another file than the list says.
    server.serve(unet, {.body = weights.substr(0, weights.size() - 1) + "x", .etag = "\"2\""});
    run = cli(dir, "models fetch other --name other --from " + server.url("/turbo"));
    CHECK(run.code == 5);
    CHECK_THAT(run.err, Contains("SHA-256"));
    CHECK_FALSE(fs::exists(dir / "other/unet/diffusion_pytorch_model.safetensors"));

    // No list: taken as it comes, and said.
    server.serve(unet, {.body = weights});
    server.serve("/turbo/SHA256SUMS", {"none", 404});
    run = cli(dir, "models fetch other --name other --from " + server.url("/turbo"));
    INFO(run.out << run.err);
    CHECK(run.code == 0);
    CHECK_THAT(run.out, Contains("nobody told the SHA-256 of unet/diffusion_pytorch_model.safetensors"));

    CHECK_THAT(cli(dir, "models fetch third --name third --from " + server.url("/nothing")).err,
               Contains("/nothing/scheduler/scheduler_config.json is not there (404)"));
    CHECK_THAT(cli(dir, "models fetch --urls").out,
               Contains("https://huggingface.co/stabilityai/sdxl-turbo/resolve/main/unet/config.json"));
}
