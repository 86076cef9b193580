#pragma once

// For the .cpp files of this room: the cradle2cane.json that refers to parts lying elsewhere.

#include "core/weights/model_folder.h"

#include <filesystem>
#include <span>
#include <string>

namespace c2c {

inline constexpr const char* kManifest = "cradle2cane.json";

/// `manifest` is one of references; false for nano's kind and where there is none.
bool is_references(const std::filesystem::path& manifest);

/// How a manifest in `folder` names a file: relative where it lies inside, else absolute.
std::string reference(const std::filesystem::path& folder, const std::filesystem::path& file);

/// The places of `parts`, not yet checked. A Model error names a part that has moved away.
Result<ModelFolder> read_references(const std::filesystem::path& folder, std::span<const ModelPart> parts);

Result<void> write_reference_manifest(const ModelFolder& model, std::span<const ModelPart> parts);

} // namespace c2c
