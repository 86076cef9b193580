#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/weights/model_folder.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace c2c {

/// What was found below some folders.
struct Recognised {
    /// The places; parts that were not found are empty, widths are not read yet.
    ModelFolder model;
    /// Weight files without a config.json, by part: they need a folder with the published one beside them.
    std::map<std::string, std::filesystem::path> single_files;
    std::vector<ModelPart> missing;
    std::vector<std::string> notes; ///< in words: what else was there, and why it was not taken
};

/// Looks for the parts of the full method in files and folders, at any depth: Hugging Face's cache (of
/// several snapshots the one that refs/main names), diffusers' and ComfyUI's folders, single files. Parts are
/// known by the names and shapes of their tensors, and tokenizers by their pad token; of several that fit,
/// the one whose path names its publisher is taken, then one beside the UNet, then the first. Files that
/// cannot be read are left out and noted. Nothing is written.
Result<Recognised> find_model_parts(std::span<const std::filesystem::path> places,
                                    const Progress& progress = {}, const StopToken& stop = {});

/// The published config.json of "unet", "vae", "text_encoder", "text_encoder_2", "clip" or "scheduler" of
/// SDXL-Turbo and its companions.
std::string_view published_config(std::string_view part);

} // namespace c2c
