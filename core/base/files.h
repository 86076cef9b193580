#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace c2c {

enum class Overwrite { No, Yes };

/// Writes `target` so that it is never half there: `write` fills a temporary file in the same folder, which
/// is synced and then renamed over the target. On any error, or a stop inside `write`, the temporary file is
/// removed. Without Overwrite::Yes an existing target is an Output error (checked again at the rename, so two
/// writers cannot both win).
Result<void>
write_atomically(const std::filesystem::path& target, Overwrite overwrite,
                 const std::function<Result<void>(const std::filesystem::path& temporary)>& write);

/// The Output error of an errno: why `target` cannot be written and what to do.
tl::unexpected<Error> cannot_write(const std::filesystem::path& target, int error);

std::string human_size(std::uint64_t bytes); ///< "12 kB", "3.4 MB", "5.14 GB"

/// For what can be made again: $XDG_CACHE_HOME/cradle2cane or ~/.cache/cradle2cane.
std::filesystem::path cache_dir();

/// Folder of the data that ships with the program ("nano", "face" live below it): $C2C_MODELS, the build
/// tree's source, or <prefix>/share/cradle2cane/models beside the running program, whichever exists first.
std::filesystem::path models_dir();

} // namespace c2c
