#include "core/weights/registry.h"

#include "core/weights/weight_files.h"
#include "tests/weights/published.h"

#include <cstdlib>

using namespace c2c;
using namespace c2c::test;
using Catch::Matchers::Contains;

namespace {

/// A user's data folder for the time of a test.
struct Home {
    TempDir folder;
    Home() { ::setenv("XDG_DATA_HOME", folder.path().c_str(), 1); }
    ~Home() { ::unsetenv("XDG_DATA_HOME"); }
};

AddedModel add(const std::vector<fs::path>& places, const std::string& name = "full",
               Overwrite overwrite = Overwrite::No) {
    return value(add_model(places, name, overwrite));
}

std::string refusal(const std::vector<fs::path>& places) {
    const auto result = add_model(places, "full", Overwrite::No);
    REQUIRE_FALSE(result);
    CHECK_FALSE(fs::exists(registry_dir() / "full")); // nothing is left behind
    return result.error().text;
}

/// Hugging Face's cache: snapshots of links into blobs, one repository for each source.
void to_cache(const fs::path& published, const fs::path& hub) {
    int blob = 0;
    for (const ModelPart& part : model_parts()) {
        if (!part.needed)
            continue;
        std::string repository(part.source);
        repository.replace(repository.find('/'), 1, "--");
        const fs::path root = hub / ("models--" + repository);
        write(root / "refs/main", "abc123");
        const bool inside = part.source != "openai/clip-vit-large-patch14" &&
                            part.source != "madebyollin/sdxl-vae-fp16-fix"; // else at the repository's top
        const fs::path from = part.name == "scheduler" ? published / "scheduler"
                              : part.proof.empty()     ? fs::path()
                                                       : published / part.name;
        std::vector<fs::path> files;
        if (!from.empty())
            for (const auto& entry : fs::directory_iterator(from))
                files.push_back(entry.path());
        else
            for (const auto& entry : fs::directory_iterator(published))
                if (entry.path().stem() == fs::path(part.name).stem() && entry.is_regular_file())
                    files.push_back(entry.path());
        for (const fs::path& file : files) {
            const fs::path target = root / "blobs" / std::to_string(blob++);
            fs::create_directories(target.parent_path());
            fs::copy(file, target);
            const fs::path link = root / "snapshots/abc123" /
                                  (from.empty() || !inside ? "" : from.filename()) / file.filename();
            fs::create_directories(link.parent_path());
            fs::create_symlink(target, link);
        }
    }
}

} // namespace

TEST_CASE("A published folder is registered by reference and found by its name") {
    const Home home;
    const TempDir folder;
    write_published(folder.path());
    write(folder / "hparams.yml", "age_threshold1: 10\nage_threshold2: 30\n");
    const AddedModel added = add({folder.path()});
    CHECK(added.notes.empty());
    CHECK(added.model.unet == folder / "unet");

    const fs::path place = value(resolve_model("full"));
    CHECK(place == registry_dir() / "full");
    CHECK(folder_kind(place) == FolderKind::References);
    CHECK(std::distance(fs::directory_iterator(place), {}) == 1); // the manifest, nothing copied
    const ModelFolder model = value(read_model_folder(place));
    CHECK(model.name == "full");
    CHECK(model.backbone == folder / "backbone.safetensors");
    CHECK(model.age_threshold2 == 30);
    CHECK(model.files.at((folder / "unet/config.json").string()).sha256.size() == 64);
    CHECK(model.files.size() == value(files_of(model)).size());

    const auto models = registered_models();
    REQUIRE(models.size() == 2);
    CHECK(models[0].name == "nano");
    CHECK(models[0].missing.empty());
    CHECK(models[1].name == "full");
    CHECK(models[1].bytes > 0);

    CHECK(add_model(std::vector{folder.path()}, "full", Overwrite::No).error().kind == ErrorKind::Output);
    add({folder.path()}, "full", Overwrite::Yes);
    CHECK(add_model(std::vector{folder.path()}, "a/b", Overwrite::No).error().kind == ErrorKind::Usage);
    CHECK(add_model(std::vector{folder.path()}, "nano", Overwrite::No).error().kind == ErrorKind::Usage);
    CHECK(resolve_model("none").error().kind == ErrorKind::Model);
    CHECK(value(resolve_model(folder.path().string())) == folder.path());

    CHECK(value(remove_model("full")).empty());
    CHECK_FALSE(fs::exists(place));
    CHECK(fs::exists(folder / "unet/diffusion_pytorch_model.safetensors"));
    CHECK(remove_model("full").error().kind == ErrorKind::Usage);
    CHECK(remove_model("../models").error().kind == ErrorKind::Usage);
}

TEST_CASE("A byte changed anywhere in an added model is found, and a part that moved away is named") {
    const Home home;
    const TempDir folder;
    write_published(folder.path());
    add({folder.path()});
    const fs::path place = value(resolve_model("full"));
    CHECK(value(check_files(place)) == value(read_model_folder(place)).files.size());
    CHECK(value(check_files(folder.path())) == 0); // no hashes without a manifest

    for (const char* name :
         {"text_encoder_2/model.fp16.safetensors", "tokenizer/merges.txt", "vae/config.json"}) {
        INFO(name);
        const fs::path file = folder / name;
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekg(-1, std::ios::end);
        const int last = bytes.get();
        bytes.seekp(-1, std::ios::end);
        bytes.put(static_cast<char>(last ^ 1)).flush();
        const auto result = check_files(place);
        REQUIRE_FALSE(result);
        CHECK(result.error().kind == ErrorKind::Model);
        CHECK_THAT(result.error().text, Contains(name) && Contains("altered"));
        bytes.seekp(-1, std::ios::end);
        bytes.put(static_cast<char>(last)).flush();
        value(check_files(place));
    }
    fs::rename(folder / "clip", folder / "moved");
    CHECK_THAT(read_model_folder(place).error().text, Contains((folder / "clip").string()));
    CHECK(registered_models()[1].missing.size() == 2);
}

TEST_CASE("Parts are found in Hugging Face's cache") {
    const Home home;
    const TempDir folder;
    write_published(folder / "published");
    to_cache(folder / "published", folder / "hub");
    // An older snapshot, and a model that has nothing to do with it.
    fs::copy(folder / "published/vae", folder / "hub/models--madebyollin--sdxl-vae-fp16-fix/snapshots/000old",
             fs::copy_options::recursive);
    write(folder / "hub/models--x--bert/snapshots/1/config.json", "{}");
    write_weights(folder / "hub/models--x--bert/snapshots/1/model.safetensors", {{"bert.embeddings", {3}}});
    fs::remove_all(folder / "published");

    const ModelFolder model = add({folder / "hub"}).model;
    const fs::path turbo = folder / "hub/models--stabilityai--sdxl-turbo/snapshots/abc123";
    CHECK(model.unet == turbo / "unet");
    CHECK(model.tokenizer_2 == turbo / "tokenizer_2");
    CHECK(model.vae == folder / "hub/models--madebyollin--sdxl-vae-fp16-fix/snapshots/abc123");
    CHECK(model.lora ==
          folder / "hub/models--byliutao--Cradle2Cane/snapshots/abc123/pytorch_lora_weights.safetensors");
    value(read_model_folder(registry_dir() / "full"));
}

TEST_CASE("Parts are found in scattered folders, the publisher's before others") {
    const Home home;
    const TempDir folder;
    write_published(folder / "sdxl-turbo");
    fs::create_directories(folder / "loras");
    for (const char* file : {"backbone.safetensors", "face_project.safetensors", "clip_project.safetensors"})
        fs::rename(folder / "sdxl-turbo" / file, folder / "loras" / (std::string("my_") + file));
    fs::rename(folder / "sdxl-turbo/pytorch_lora_weights.safetensors", folder / "loras/age.safetensors");
    fs::rename(folder / "sdxl-turbo/clip", folder / "clip-vit-large-patch14");
    fs::copy(folder / "sdxl-turbo/vae", folder / "sdxl-vae-fp16-fix");

    const AddedModel added = add({folder / "sdxl-turbo", folder.path()});
    CHECK(added.model.face_project == folder / "loras/my_face_project.safetensors");
    CHECK(added.model.clip_project == folder / "loras/my_clip_project.safetensors");
    CHECK(added.model.clip == folder / "clip-vit-large-patch14");
    CHECK(added.model.vae == folder / "sdxl-vae-fp16-fix");
    REQUIRE(added.notes.size() == 1);
    CHECK_THAT(added.notes[0], Contains("sdxl-turbo/vae would do as vae too"));
}

TEST_CASE("Weights without a config.json get the published one and a link") {
    const Home home;
    const TempDir folder;
    write_published(folder.path());
    fs::rename(folder / "vae/diffusion_pytorch_model.safetensors", folder / "sdxl_vae.safetensors");
    fs::remove_all(folder / "vae");
    const ModelFolder model = add({folder.path()}).model;
    CHECK(model.vae == registry_dir() / "full/vae");
    CHECK(fs::read_symlink(model.vae / "diffusion_pytorch_model.safetensors") ==
          folder / "sdxl_vae.safetensors");
    CHECK(value(read_weight_files(model.vae)).at(0).tensors.contains("decoder.conv_in.weight"));
    CHECK(value(remove_model("full")).empty());
    CHECK(fs::exists(folder / "sdxl_vae.safetensors"));
}

TEST_CASE("What a model lacks is said with the place where it is published, and nothing is written") {
    const Home home;
    const TempDir folder;
    CHECK_THAT(refusal({folder / "none"}), Contains("is not there"));
    CHECK_THAT(refusal({folder.path()}), Contains("backbone.pth, face_project.bin, clip_project.bin, "
                                                  "pytorch_lora_weights.safetensors (byliutao/Cradle2Cane)"));
    write_published(folder.path());
    SECTION("tokenizers") {
        fs::remove_all(folder / "tokenizer_2");
        CHECK_THAT(refusal({folder.path()}), Contains("lacks tokenizer_2 (stabilityai/sdxl-turbo)"));
    }
    SECTION("another UNet") {
        write_weights(folder / "unet/diffusion_pytorch_model.safetensors",
                      {{"down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight", {16, 768}}});
        CHECK_THAT(refusal({folder.path()}), Contains("lacks unet (stabilityai/sdxl-turbo)") &&
                                                 Contains("UNet of Stable Diffusion 1.5"));
    }
    SECTION("a truncated file") {
        const fs::path file = folder / "clip/model.safetensors";
        fs::resize_file(file, fs::file_size(file) - 1);
        CHECK_THAT(refusal({folder.path()}),
                   Contains("lacks clip") && Contains("model.safetensors is truncated"));
    }
    SECTION("a missing shard") {
        write(folder / "unet/diffusion_pytorch_model.safetensors.index.json",
              R"({"weight_map": {"a": "diffusion_pytorch_model-00001-of-00002.safetensors"}})");
        fs::remove(folder / "unet/diffusion_pytorch_model.safetensors");
        CHECK_THAT(refusal({folder.path()}), Contains("00001-of-00002.safetensors is missing"));
    }
    SECTION("a pickle that wants to run code") {
        fs::remove(folder / "face_project.safetensors");
        fs::copy(data("torch/evil.pth"), folder / "face_project.bin");
        CHECK_THAT(refusal({folder.path()}), Contains("posix.system is not allowed"));
    }
    SECTION("a type that is not supported") {
        fs::remove(folder / "backbone.safetensors");
        fs::copy(data("torch/fp8.pth"), folder / "backbone.pth");
        CHECK_THAT(refusal({folder.path()}), Contains("float8_e4m3fn"));
    }
    SECTION("parts of different models") {
        write_weights(folder / "text_encoder/model.safetensors",
                      {{"text_model.embeddings.token_embedding.weight", {9, 4}}});
        CHECK_THAT(refusal({folder.path()}), Contains("is 16 wide where the UNet has 20"));
    }
    SECTION("an all-in-one checkpoint instead") {
        fs::remove_all(folder / "unet");
        write_weights(folder / "turbo.safetensors", {{"model.diffusion_model.input_blocks.0.0.weight", {1}}});
        CHECK_THAT(refusal({folder.path()}), Contains("all networks in one file"));
    }
}
