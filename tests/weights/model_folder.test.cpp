#include "core/weights/model_folder.h"

#include "core/weights/weight_files.h"
#include "tests/weights/published.h"

using namespace c2c;
using namespace c2c::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::string refusal(const fs::path& folder) {
    const auto result = read_model_folder(folder);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Model);
    return result.error().text;
}

} // namespace

TEST_CASE("A published folder is known without a manifest, its sizes are read from the tensors") {
    const TempDir folder;
    write_published(folder.path());
    CHECK(is_model_folder(folder.path()));
    ModelFolder model = value(read_model_folder(folder.path()));
    CHECK(model.token_width == 20);
    CHECK(model.pooled_width == 7);
    CHECK(model.face_width == 98);
    CHECK(model.clip_width == 6);
    CHECK(model.lora_rank == 3);
    CHECK(model.backbone == folder / "backbone.safetensors");
    CHECK(model.preview_vae.empty());
    CHECK(model.age_threshold1 == 5);
    CHECK(model.age_threshold2 == 20);

    write(folder / "hparams.yml",
          "training:\n  age_threshold1: 10\n  age_threshold2: '30'\n  use_swr: false\n");
    write(folder / "taesdxl/config.json", "{}");
    model = value(read_model_folder(folder.path()));
    CHECK(model.age_threshold1 == 10);
    CHECK(model.age_threshold2 == 30);
    CHECK(model.preview_vae == folder / "taesdxl");

    write(folder / "hparams.yml", "age_threshold1: 40\n");
    CHECK_THAT(refusal(folder.path()), Contains("hparams.yml"));
    write(folder / "cradle2cane.json", "{}");
    CHECK_FALSE(is_model_folder(folder.path()));
}

TEST_CASE("What is wrong with a model folder is said in words") {
    const TempDir folder;
    CHECK_THAT(refusal(folder / "none"), Contains("is not a folder"));
    CHECK_THAT(refusal(folder.path()), Contains("is not a model folder"));
    write_published(folder.path());

    SECTION("parts that are missing, all at once, and where they are published") {
        fs::remove_all(folder / "tokenizer_2");
        fs::remove(folder / "tokenizer/merges.txt");
        fs::remove(folder / "backbone.safetensors");
        const std::string text = refusal(folder.path());
        CHECK_THAT(text, Contains("tokenizer/merges.txt (stabilityai/sdxl-turbo)"));
        CHECK_THAT(text, Contains("tokenizer_2 (stabilityai/sdxl-turbo)"));
        CHECK_THAT(text, Contains("backbone.pth (byliutao/Cradle2Cane)"));
    }
    SECTION("the UNet of Stable Diffusion 1.5") {
        write_weights(folder / "unet/diffusion_pytorch_model.safetensors",
                      {{"down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight", {16, 768}}});
        CHECK_THAT(refusal(folder.path()), Contains("UNet of Stable Diffusion 1.5"));
    }
    SECTION("text encoders of another model") {
        write_weights(folder / "text_encoder/model.safetensors",
                      {{"text_model.embeddings.token_embedding.weight", {9, 4}}});
        CHECK_THAT(refusal(folder.path()), Contains("is 16 wide where the UNet has 20"));
    }
    SECTION("a projection of another size") {
        write_weights(folder / "face_project.safetensors",
                      {{"layers.0.weight", {30, 97}}, {"fc_out.weight", {20, 30}}});
        CHECK_THAT(refusal(folder.path()), Contains("face_project.safetensors"));
    }
    SECTION("no weights beside the config") {
        fs::remove(folder / "vae/diffusion_pytorch_model.safetensors");
        CHECK_THAT(refusal(folder.path()), Contains("vae holds no weights"));
    }
    SECTION("a truncated file") {
        const fs::path file = folder / "clip/model.safetensors";
        fs::resize_file(file, fs::file_size(file) - 1);
        CHECK_THAT(refusal(folder.path()), Contains("clip/model.safetensors is truncated"));
    }
    SECTION("a type that is not supported") {
        const std::string header = R"({"fc.weight":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]}})";
        const std::uint64_t length = header.size();
        std::ofstream(folder / "backbone.safetensors", std::ios::trunc)
            << std::string(reinterpret_cast<const char*>(&length), 8) << header << "1234";
        CHECK_THAT(refusal(folder.path()), Contains("F8_E4M3"));
    }
    SECTION("a pickle that wants to run code") {
        fs::remove(folder / "face_project.safetensors");
        fs::copy(data("torch/evil.pth"), folder / "face_project.bin");
        CHECK_THAT(refusal(folder.path()), Contains("posix.system is not allowed"));
    }
    SECTION("a file that is no LoRA") {
        write_weights(folder / "pytorch_lora_weights.safetensors", {{"x", {2}}});
        CHECK_THAT(refusal(folder.path()), Contains("no LoRA layers"));
    }
}

TEST_CASE("Weights are found in every published spelling") {
    const TempDir folder;
    const auto name_of = [&](Variant variant = Variant::Full) {
        return value(find_weight_files(folder.path(), variant)).files.at(0).filename().string();
    };
    CHECK_THAT(find_weight_files(folder.path()).error().text, Contains("holds no weights"));
    fs::copy(data("torch/zip64.pth"), folder / "pytorch_model.bin");
    CHECK(value(read_weight_files(folder.path())).at(0).tensors.contains("weight"));
    write_weights(folder / "model.fp16.safetensors", {{"a", {1}}});
    CHECK(name_of() == "model.fp16.safetensors");
    write_weights(folder / "model.safetensors", {{"a", {1}}});
    CHECK(name_of() == "model.safetensors");
    CHECK(name_of(Variant::Half) == "model.fp16.safetensors");
    CHECK(value(find_weight_files(folder.path(), Variant::Half)).half);
}

TEST_CASE("Sharded weights are read by their index") {
    const TempDir folder;
    const fs::path index = folder / "diffusion_pytorch_model.safetensors.index.json";
    write(
        index,
        R"({"metadata": {"total_size": 12}, "weight_map": {"a": "x-1.safetensors", "b": "x-2.safetensors", "c": "x-2.safetensors"}})");
    write_weights(folder / "x-1.safetensors", {{"a", {1}}});
    CHECK_THAT(read_weight_files(folder.path()).error().text, Contains("x-2.safetensors is missing"));
    write_weights(folder / "x-2.safetensors", {{"b", {1}}});
    CHECK_THAT(read_weight_files(folder.path()).error().text, Contains("lacks tensor c"));
    write_weights(folder / "x-2.safetensors", {{"b", {1}}, {"c", {1}}});
    const auto files = value(read_weight_files(folder.path()));
    REQUIRE(files.size() == 2);
    CHECK(files[1].tensors.contains("c"));
    fs::resize_file(folder / "x-2.safetensors", fs::file_size(folder / "x-2.safetensors") - 1);
    CHECK_THAT(read_weight_files(folder.path()).error().text, Contains("truncated"));
    write(index, R"({"weight_map": {"a": "../x-1.safetensors"}})");
    CHECK_THAT(read_weight_files(folder.path()).error().text, Contains("outside its folder"));
    write(index, R"({"weight_map": {"a": ".."}})");
    CHECK_THAT(read_weight_files(folder.path()).error().text, Contains("outside its folder"));
    write(index, R"({"weight_map": {}})");
    CHECK_FALSE(read_weight_files(folder.path()));
    write(index, "[]");
    CHECK_THAT(read_weight_files(folder.path()).error().text, Contains("is not an index"));
}
