#pragma once

#include "core/base/files.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/weights/model_folder.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace c2c {

/// Where added models are known: $XDG_DATA_HOME/cradle2cane/models, a folder for each name.
std::filesystem::path registry_dir();

struct RegisteredModel {
    std::string name;
    std::filesystem::path folder;
    FolderKind kind = FolderKind::None;
    std::uint64_t bytes = 0;                    ///< of all its files
    std::vector<std::filesystem::path> missing; ///< files that are not there any more, or of another size
};
/// The embedded nano first, then the registry's, by name.
std::vector<RegisteredModel> registered_models();

/// The folder of a model that the user names: a folder's path, "nano", or a registered name. A Model error
/// when there is none.
Result<std::filesystem::path> resolve_model(const std::string& name_or_folder);

struct AddedModel {
    ModelFolder model;
    std::vector<std::string> notes; ///< what else was seen, in words
};
/// Finds the parts below `places` (see recognise.h) and registers them under `name` by a manifest that refers
/// to them; nothing is copied. Weights without a config.json get a folder with the published one and a link.
/// A Model error says all that is missing and where it is published; nothing is left behind then. `check`
/// sees the parts before the manifest is written.
Result<AddedModel> add_model(std::span<const std::filesystem::path> places, const std::string& name,
                             Overwrite overwrite,
                             const std::function<Result<void>(const ModelFolder&)>& check = {},
                             const Progress& progress = {}, const StopToken& stop = {});

/// The folder for a new name, not made yet. A Usage error when the name is none, an Output error when it is
/// taken.
Result<std::filesystem::path> new_model_folder(const std::string& name, Overwrite overwrite);

/// Takes a name out of the registry: its manifest and what add_model wrote beside it. Weights are never
/// removed; the folder is returned when some are left in it, else an empty path.
Result<std::filesystem::path> remove_model(const std::string& name);

/// Reads every file of a model: sizes and SHA-256 as its manifest has them (a published folder has none), and
/// the parts' headers. The manifest's files are counted. Model errors as of read_model_folder and verify.
Result<std::size_t> check_files(const std::filesystem::path& folder, const StopToken& stop = {});

} // namespace c2c
