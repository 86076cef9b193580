#include "core/weights/manifest.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "tests/support.h"

#include <nlohmann/json.hpp>

#include <fstream>

using namespace c2c;
using c2c::test::TempDir;
using c2c::test::value;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

nlohmann::json nano_json() {
    return nlohmann::json::parse(std::ifstream(models_dir() / "nano/cradle2cane.json"));
}

std::string error_of(const TempDir& folder, const nlohmann::json& json,
                     ManifestPaths paths = ManifestPaths::Inside) {
    std::ofstream(folder / "cradle2cane.json") << json.dump();
    const auto result = read_manifest(folder.path(), paths);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Model);
    CHECK_THAT(result.error().text, Contains("cradle2cane.json"));
    return result.error().text;
}

} // namespace

TEST_CASE("The embedded model's manifest says how the model works", "[manifest]") {
    const Manifest nano = value(read_manifest(models_dir() / "nano"));
    CHECK(nano.name == "nano");
    CHECK_FALSE(nano.commercial_use);
    CHECK(nano.base == Manifest::Base::OwnAge);
    CHECK(nano.shape.size == 224);
    CHECK(nano.shape.quad_scale == 0.8);
    CHECK(nano.shape.border == Template::Border::Color);
    CHECK(nano.shape.border_color[2] == 130);
    CHECK(nano.shape.prefilter == 0.35);
    CHECK(nano.latent_channels == 32);
    CHECK(nano.autoencoder.midblock == "pool");
    CHECK(nano.time_ids == std::vector<double>{224, 224, 0, 0, 224, 224});
    REQUIRE(nano.adani.size() == 3);
    CHECK(nano.adani[1].max_gap == 20);
    CHECK(nano.adani[1].timestep == 499);
    CHECK(nano.adani[1].sigma == 0.1);
    CHECK(nano.pass2.lora_alpha == 16);
    CHECK(nano.pass2.svr.beta == 1.1);
    CHECK(nano.files.size() == 11);
    CHECK(model_hash(nano).size() == 64);
    value(verify(nano));
}

TEST_CASE("A file that is missing, truncated or altered is named", "[manifest]") {
    const TempDir folder;
    const fs::path model = folder / "nano";
    fs::copy(models_dir() / "nano", model, fs::copy_options::recursive);
    const auto error = [&] {
        const Manifest manifest = value(read_manifest(model));
        const auto checked = verify(manifest);
        REQUIRE_FALSE(checked);
        CHECK(checked.error().kind == ErrorKind::Model);
        return checked.error().text;
    };
    SECTION("altered by one bit") {
        std::fstream file(model / "vae/decoder.safetensors", std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(100'000);
        const int byte = file.get();
        file.seekp(100'000);
        file.put(static_cast<char>(byte ^ 1));
        file.close();
        CHECK_THAT(error(), Contains("vae/decoder.safetensors is altered"));
        value(verify(value(read_manifest(model)), Verify::Sizes));
    }
    SECTION("truncated") {
        fs::resize_file(model / "prompts.safetensors", 1000);
        CHECK_THAT(error(), Contains("prompts.safetensors is truncated (1000 bytes instead of 310456)"));
    }
    SECTION("renamed") {
        fs::rename(model / "unet/config.json", model / "unet/config_.json");
        CHECK_THAT(error(), Contains("unet/config.json is missing") && Contains("download"));
    }
    SECTION("cancelled") {
        std::stop_source stop;
        stop.request_stop();
        CHECK(verify(value(read_manifest(model)), Verify::Hashes, stop.get_token()).error().kind ==
              ErrorKind::Cancelled);
    }
}

TEST_CASE("A wrong manifest is an error that names the key", "[manifest]") {
    const TempDir folder;
    auto json = nano_json();
    SECTION("types and ranges") {
        json["template"]["size"] = "224";
        CHECK_THAT(error_of(folder, json), Contains("template.size is not a number"));
        json["template"]["size"] = 1e9;
        CHECK_THAT(error_of(folder, json), Contains("template.size"));
        json["template"].erase("size");
        CHECK_THAT(error_of(folder, json), Contains("template.size is missing"));
        json["template"] = 3;
        CHECK_THAT(error_of(folder, json), Contains("template is not an object"));
    }
    SECTION("format") {
        json["format_version"] = 2;
        CHECK_THAT(error_of(folder, json), Contains("format_version is 2"));
        json["format"] = "zip";
        CHECK_THAT(error_of(folder, json), Contains("cradle2cane-model"));
    }
    SECTION("levels must rise") {
        json["adani"][2]["max_gap"] = 1;
        CHECK_THAT(error_of(folder, json), Contains("rise"));
    }
    SECTION("paths that leave the folder") {
        for (const char* path : {"../x", "a/../../x", "/etc/passwd", ".."}) {
            auto bad = json;
            bad["pass2"]["lora"] = path;
            CHECK_THAT(error_of(folder, bad), Contains("pass2.lora leads out"));
            bad = json;
            bad["files"][path] = {{"bytes", 1}, {"sha256", std::string(64, '0')}};
            CHECK_THAT(error_of(folder, bad), Contains("leads out"));
        }
        json["unet"] = "../x";
        CHECK_THAT(error_of(folder, json, ManifestPaths::Anywhere), Contains("unet leads out"));
    }
    SECTION("absolute paths where they are allowed") {
        json["pass2"]["lora"] = "/models/lora.safetensors";
        std::ofstream(folder / "cradle2cane.json") << json.dump();
        const Manifest manifest = value(read_manifest(folder.path(), ManifestPaths::Anywhere));
        CHECK(manifest.path_of(manifest.pass2.lora) == "/models/lora.safetensors");
    }
    SECTION("not JSON, keys twice, no folder") {
        std::ofstream(folder / "cradle2cane.json") << "{";
        CHECK_FALSE(read_manifest(folder.path()));
        std::ofstream(folder / "cradle2cane.json") << R"({"name":1,"name":2})";
        CHECK_THAT(read_manifest(folder.path()).error().text, Contains("name is given twice"));
        CHECK_THAT(read_manifest(folder / "none").error().text, Contains("is not there"));
    }
}
