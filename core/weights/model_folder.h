#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace c2c {

/// The parts of the full method as they are published, in one folder without a manifest: SDXL-Turbo in
/// diffusers' layout, CLIP, ArcFace and the three files of Cradle2Cane. All of them are there, except where
/// "may be empty" is said.
struct ModelFolder {
    std::filesystem::path folder;
    std::filesystem::path unet, vae, text_encoder, text_encoder_2, tokenizer, tokenizer_2, clip; ///< folders
    std::filesystem::path preview_vae;                                ///< a folder (taesdxl); may be empty
    std::filesystem::path scheduler_config;                           ///< scheduler/scheduler_config.json
    std::filesystem::path backbone, face_project, clip_project, lora; ///< files
    // Read from the tensors.
    std::int64_t token_width = 0;  ///< of the UNet's tokens: 2048
    std::int64_t pooled_width = 0; ///< of the pooled text: 1280
    std::int64_t face_width = 0;   ///< of ArcFace's flattened map: 25088
    std::int64_t clip_width = 0;   ///< of CLIP's features: 768
    std::int64_t lora_rank = 0;    ///< 40
    // hparams.yml, or the paper's values where it is missing.
    double age_threshold1 = 5, age_threshold2 = 20;
};

/// The folder looks like one: there is a unet/config.json and no cradle2cane.json.
bool is_model_folder(const std::filesystem::path& folder);

/// Finds the parts and checks from the files' headers that they belong together. A Model error says in words
/// what is missing and where it is published, or which file is truncated, of another kind (a Stable
/// Diffusion 1.5 UNet) or of another size than its neighbours.
Result<ModelFolder> read_model_folder(const std::filesystem::path& folder);

} // namespace c2c
