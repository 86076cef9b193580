#include "core/weights/model_folder.h"

#include "core/base/sha256.h"
#include "core/weights/options.h"
#include "core/weights/references.h"
#include "core/weights/torch_zip.h"
#include "core/weights/weight_files.h"

#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <set>
#include <string_view>

namespace fs = std::filesystem;

namespace c2c {
namespace {

constexpr std::string_view kTurbo = "stabilityai/sdxl-turbo", kVae = "madebyollin/sdxl-vae-fp16-fix",
                           kClip = "openai/clip-vit-large-patch14", kOurs = "byliutao/Cradle2Cane";

constexpr std::array<ModelPart, 14> kParts = {
    {{&ModelFolder::unet, "unet", "config.json", kTurbo},
     {&ModelFolder::vae, "vae", "config.json", kVae},
     {&ModelFolder::text_encoder, "text_encoder", "config.json", kTurbo},
     {&ModelFolder::text_encoder_2, "text_encoder_2", "config.json", kTurbo},
     {&ModelFolder::tokenizer, "tokenizer", "merges.txt", kTurbo},
     {&ModelFolder::tokenizer_2, "tokenizer_2", "merges.txt", kTurbo},
     {&ModelFolder::clip, "clip", "config.json", kClip},
     {&ModelFolder::scheduler_config, "scheduler", "", kTurbo},
     {&ModelFolder::backbone, "backbone.pth", "", kOurs},
     {&ModelFolder::face_project, "face_project.bin", "", kOurs},
     {&ModelFolder::clip_project, "clip_project.bin", "", kOurs},
     {&ModelFolder::lora, "pytorch_lora_weights.safetensors", "", kOurs},
     {&ModelFolder::preview_vae, "taesdxl", "config.json", "madebyollin/taesdxl", false},
     {&ModelFolder::hparams, "hparams.yml", "", kOurs, false}}};

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/// The place of a part in a published folder; empty when it is not there.
fs::path find_part(const fs::path& folder, const ModelPart& part) {
    if (!part.proof.empty()) {
        const fs::path path = folder / part.name;
        if (part.place == &ModelFolder::preview_vae && !is_there(path / part.proof))
            return is_there(folder / "vae_preview" / part.proof) ? folder / "vae_preview" : fs::path();
        return is_there(path / part.proof) ? path : fs::path();
    }
    if (part.place == &ModelFolder::scheduler_config)
        return is_there(folder / "scheduler/scheduler_config.json")
                   ? folder / "scheduler/scheduler_config.json"
                   : fs::path();
    if (part.place == &ModelFolder::hparams)
        return is_there(folder / part.name) ? folder / part.name : fs::path();
    // A file at the top of the folder; its suffix may be another one of those that are read.
    const std::string stem = fs::path(part.name).stem().string();
    for (const std::string_view suffix : {".safetensors", ".bin", ".pth", ".pt"})
        if (const fs::path path = folder / fmt::format("{}{}", stem, suffix); is_there(path))
            return path;
    return {};
}

/// Fills in the paths; everything that is missing is said at once.
Result<ModelFolder> find_parts(const fs::path& folder) {
    ModelFolder model;
    model.folder = folder;
    model.name =
        folder.filename().empty() ? folder.parent_path().filename().string() : folder.filename().string();
    std::vector<std::string> missing;
    std::size_t found = 0;
    for (const ModelPart& part : kParts) {
        model.*part.place = find_part(folder, part);
        if (!(model.*part.place).empty())
            ++found;
        else if (part.needed)
            missing.push_back(fmt::format(
                "{}{}{} ({})", part.name, !part.proof.empty() && is_there(folder / part.name) ? "/" : "",
                !part.proof.empty() && is_there(folder / part.name) ? part.proof : "", part.source));
    }
    if (found == 0)
        return fail(
            ErrorKind::Model,
            "{} is not a model folder: it has neither cradle2cane.json nor unet, vae, text_encoder and the "
            "others.",
            folder.string());
    if (!missing.empty())
        return fail(ErrorKind::Model,
                    "{} lacks {}; download it from the place in brackets on huggingface.co.", folder.string(),
                    fmt::join(missing, ", "));
    return model;
}

struct Found {
    std::string name;
    std::vector<std::int64_t> shape;
};

/// The first matrix or kernel whose name ends so.
std::optional<Found> matrix(const std::vector<TensorFile>& files, std::string_view ending) {
    for (const TensorFile& file : files)
        for (const auto& [name, view] : file.tensors)
            if (name.ends_with(ending) && view.shape.size() >= 2)
                return Found{name, view.shape};
    return {};
}

Result<Found> need(const std::vector<TensorFile>& files, std::string_view ending, std::string_view what) {
    if (auto found = matrix(files, ending))
        return *std::move(found);
    return fail(ErrorKind::Model, "{} has no tensor {}; it is not {}.", files.front().file.string(), ending,
                what);
}

Result<std::vector<TensorFile>> one_file(const fs::path& path) {
    C2C_TRY(TensorFile file, read_tensors(path));
    return std::vector<TensorFile>{std::move(file)};
}

/// The UNet's widths of tokens and of pooled text.
Result<void> check_unet(ModelFolder& model) {
    C2C_TRY(const auto files, read_weight_files(model.unet));
    C2C_TRY(const Found tokens, need(files, "attn2.to_k.weight", "a UNet of Stable Diffusion"));
    model.token_width = tokens.shape[1];
    const auto added = matrix(files, "add_embedding.linear_1.weight");
    if (!added)
        return fail(ErrorKind::Model, "{} is the UNet of {}; Cradle2Cane needs that of SDXL-Turbo ({}).",
                    model.unet.string(),
                    model.token_width == 768    ? "Stable Diffusion 1.5"
                    : model.token_width == 1024 ? "Stable Diffusion 2"
                                                : "another model",
                    kTurbo);
    C2C_TRY(const std::int64_t id_width, read_options(model.unet / "config.json", [](const Options& options) {
                return 6 * options.whole("addition_time_embed_dim", 256); // six time_ids
            }));
    model.pooled_width = added->shape[1] - id_width;
    return {};
}

Result<void> expect_width(const fs::path& file, std::string_view what, std::int64_t found,
                          std::int64_t wanted, std::string_view neighbour) {
    if (found == wanted)
        return {};
    return fail(ErrorKind::Model, "{}: {} is {} wide where {} has {}; the two belong to different models.",
                file.string(), what, found, neighbour, wanted);
}

Result<void> check_text(const ModelFolder& model) {
    constexpr std::string_view kTokens = "embeddings.token_embedding.weight";
    C2C_TRY(const auto first, read_weight_files(model.text_encoder));
    C2C_TRY(const auto second, read_weight_files(model.text_encoder_2));
    C2C_TRY(const Found first_tokens, need(first, kTokens, "a text encoder"));
    C2C_TRY(const Found second_tokens, need(second, kTokens, "a text encoder"));
    C2C_CHECK(expect_width(model.text_encoder, "the text of both encoders together",
                           first_tokens.shape[1] + second_tokens.shape[1], model.token_width, "the UNet"));
    C2C_TRY(const Found pooled, need(second, "text_projection.weight", "SDXL's second text encoder"));
    return expect_width(model.text_encoder_2, "its pooled text", pooled.shape[0], model.pooled_width,
                        "the UNet");
}

/// The identity's networks among each other and with the UNet.
Result<void> check_identity(ModelFolder& model) {
    C2C_TRY(const auto backbone, one_file(model.backbone));
    C2C_TRY(const Found last, need(backbone, "fc.weight", "the ArcFace network backbone.pth"));
    model.face_width = last.shape[1];
    C2C_TRY(const auto clip, read_weight_files(model.clip));
    C2C_TRY(const Found projection, need(clip, "visual_projection.weight", "CLIP with its projections"));
    C2C_CHECK(need(clip, "text_projection.weight", "CLIP with its projections"));
    model.clip_width = projection.shape[0];
    for (const auto& [path, in, neighbour] :
         {std::tuple(model.face_project, model.face_width, "the ArcFace network's map"),
          std::tuple(model.clip_project, model.clip_width, "CLIP's feature")}) {
        C2C_TRY(const auto files, one_file(path));
        C2C_TRY(const Found first,
                need(files, "layers.0.weight", "one of Cradle2Cane's identity projections"));
        C2C_TRY(const Found out, need(files, "fc_out.weight", "one of Cradle2Cane's identity projections"));
        C2C_CHECK(expect_width(path, "its input", first.shape[1], in, neighbour));
        C2C_CHECK(expect_width(path, "its output", out.shape[0], model.token_width, "the UNet"));
    }
    C2C_TRY(const auto lora, one_file(model.lora));
    for (const std::string_view ending :
         {".down.weight", ".lora_A.weight", ".lora_A.default.weight", "_down.weight"})
        if (const auto down = matrix(lora, ending); down && model.lora_rank == 0)
            model.lora_rank = down->shape[0];
    if (model.lora_rank == 0)
        return fail(ErrorKind::Model, "{} holds no LoRA layers; use pytorch_lora_weights.safetensors of {}.",
                    model.lora.string(), kOurs);
    return {};
}

/// `key: number` lines, at any depth; the rest of YAML is not needed here.
void read_thresholds(ModelFolder& model) {
    std::ifstream in(model.hparams);
    for (std::string line; std::getline(in, line);) {
        const auto begin = line.find_first_not_of(" \t-"), colon = line.find(':');
        if (begin == line.npos || colon == line.npos || colon < begin)
            continue;
        const auto number_at = line.find_first_not_of(" \t'\"", colon + 1);
        double number = 0;
        if (number_at == line.npos ||
            std::from_chars(line.data() + number_at, line.data() + line.size(), number).ec != std::errc())
            continue;
        const auto key = std::string_view(line).substr(begin, colon - begin);
        if (key == "age_threshold1")
            model.age_threshold1 = number;
        else if (key == "age_threshold2")
            model.age_threshold2 = number;
    }
}

} // namespace

std::span<const ModelPart> model_parts() {
    return kParts;
}

bool is_model_folder(const fs::path& folder) {
    return is_there(folder / "unet/config.json") && !is_there(folder / kManifest);
}

FolderKind folder_kind(const fs::path& folder) {
    if (!is_there(folder / kManifest))
        return find_part(folder, kParts.front()).empty() ? FolderKind::None : FolderKind::Published;
    return is_references(folder / kManifest) ? FolderKind::References : FolderKind::Manifest;
}

Result<ModelFolder> read_model_folder(const fs::path& folder) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
        return fail(ErrorKind::Model, "{} is not a folder; choose the folder of a model.", folder.string());
    C2C_TRY(ModelFolder model,
            is_references(folder / kManifest) ? read_references(folder, kParts) : find_parts(folder));
    C2C_CHECK(check_model_folder(model));
    return model;
}

Result<void> check_model_folder(ModelFolder& model) {
    C2C_CHECK(check_unet(model));
    C2C_CHECK(check_text(model));
    C2C_CHECK(read_weight_files(model.vae));
    C2C_CHECK(check_identity(model));
    read_thresholds(model);
    if (!(model.age_threshold1 >= 0 && model.age_threshold1 <= model.age_threshold2))
        return fail(ErrorKind::Model, "{}: age_threshold1 is more than age_threshold2; correct the file.",
                    model.hparams.string());
    return {};
}

Result<std::vector<fs::path>> files_of(const ModelFolder& model) {
    std::set<fs::path> files;
    const auto add_if_there = [&](const fs::path& file) {
        if (is_there(file))
            files.insert(file);
    };
    for (const ModelPart& part : kParts) {
        const fs::path& place = model.*part.place;
        if (place.empty())
            continue;
        if (part.proof.empty()) {
            files.insert(place);
        } else if (part.proof == "merges.txt") {
            for (const char* name :
                 {"merges.txt", "vocab.json", "tokenizer_config.json", "special_tokens_map.json"})
                add_if_there(place / name);
        } else {
            add_if_there(place / "config.json");
            for (const Variant variant : {Variant::Full, Variant::Half}) { // either may be read
                C2C_TRY(const WeightFiles found, find_weight_files(place, variant));
                files.insert(found.files.begin(), found.files.end());
                if (!found.index.empty())
                    files.insert(found.index);
            }
        }
    }
    return std::vector(files.begin(), files.end());
}

Result<void> write_references(ModelFolder& model, const Progress& progress, const StopToken& stop) {
    C2C_TRY(const auto files, files_of(model));
    std::error_code error;
    std::uint64_t total = 0, done = 0;
    for (const fs::path& file : files)
        total += fs::file_size(file, error);
    model.files.clear();
    for (const fs::path& file : files) {
        report(progress, static_cast<double>(done) / static_cast<double>(std::max<std::uint64_t>(total, 1)),
               file.filename().string());
        C2C_TRY(std::string hash, sha256_file(file, stop));
        const std::uint64_t bytes = fs::file_size(file, error);
        model.files[reference(model.folder, file)] = {bytes, std::move(hash)};
        done += bytes;
    }
    return write_reference_manifest(model, kParts);
}

} // namespace c2c
