#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/weights/manifest.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace c2c {

/// The parts of the full method as they are published: SDXL-Turbo in diffusers' layout, CLIP, ArcFace and the
/// three files of Cradle2Cane. They stand in one folder without a manifest, or anywhere, with a
/// cradle2cane.json that refers to them. All of them are there, except where "may be empty" is said.
struct ModelFolder {
    std::filesystem::path folder;
    std::string name; ///< the manifest's, else the folder's
    std::filesystem::path unet, vae, text_encoder, text_encoder_2, tokenizer, tokenizer_2, clip; ///< folders
    std::filesystem::path preview_vae;                                ///< a folder (taesdxl); may be empty
    std::filesystem::path scheduler_config;                           ///< scheduler/scheduler_config.json
    std::filesystem::path backbone, face_project, clip_project, lora; ///< files
    std::filesystem::path hparams;                                    ///< hparams.yml; may be empty
    std::map<std::string, FileEntry> files; ///< of the manifest: relative to `folder` or absolute
    // Read from the tensors.
    std::int64_t token_width = 0;  ///< of the UNet's tokens: 2048
    std::int64_t pooled_width = 0; ///< of the pooled text: 1280
    std::int64_t face_width = 0;   ///< of ArcFace's flattened map: 25088
    std::int64_t clip_width = 0;   ///< of CLIP's features: 768
    std::int64_t lora_rank = 0;    ///< 40
    // hparams.yml, or the paper's values where it is missing.
    double age_threshold1 = 5, age_threshold2 = 20;
};

/// A part by its published name, and the place on huggingface.co where it is published.
struct ModelPart {
    std::filesystem::path ModelFolder::*place;
    std::string_view name;   ///< "unet", "scheduler", "backbone.pth": the key in a manifest of references
    std::string_view proof;  ///< the file in a part's folder that tells that it is there; "" for a file
    std::string_view source; ///< "stabilityai/sdxl-turbo"
    bool needed = true;
};
std::span<const ModelPart> model_parts();

/// What a folder holds. Manifest: nano's kind, with a cradle2cane.json of its own files. References: a
/// cradle2cane.json that refers to published parts. Published: the parts themselves, without one.
enum class FolderKind { None, Manifest, References, Published };
FolderKind folder_kind(const std::filesystem::path& folder);
/// The folder looks like a published one: there is a unet/config.json and no cradle2cane.json.
bool is_model_folder(const std::filesystem::path& folder);

/// Finds the parts (Published or References) and checks from the files' headers that they belong together. A
/// Model error says in words what is missing and where it is published, or which file is truncated, of
/// another kind (a Stable Diffusion 1.5 UNet) or of another size than its neighbours.
Result<ModelFolder> read_model_folder(const std::filesystem::path& folder);

/// The second half of read_model_folder: places are filled in, widths are read and compared.
Result<void> check_model_folder(ModelFolder& model);

/// Every file of the parts, each once.
Result<std::vector<std::filesystem::path>> files_of(const ModelFolder& model);

/// Writes `model.folder`/cradle2cane.json, which refers to the parts; what lies inside the folder is named by
/// its relative path. Sizes and SHA-256 are taken now, which reads every file; `model.files` has them then.
Result<void> write_references(ModelFolder& model, const Progress& progress = {}, const StopToken& stop = {});

} // namespace c2c
