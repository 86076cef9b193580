#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/fetch/published_files.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace c2c {

struct FetchOptions {
    std::string source;                ///< as of model_source()
    std::filesystem::path sha256_list; ///< lines of sha256sum; may be empty
    bool full = false;                 ///< as of published_files()
};

struct FetchedFile {
    std::filesystem::path local; ///< in the folder
    std::string url;             ///< empty: it was there already
    std::uint64_t bytes = 0;
    bool checked = false; ///< against a known SHA-256
};

/// Downloads the full method's files into `folder`, which is made. A file that is there is kept, and compared
/// where its SHA-256 is known: from the list, else the file SHA256SUMS of a source that is a folder, else the
/// server. Optional files that the source lacks are left out. Errors as of download(); a Model error for a
/// needed file that the source lacks.
Result<std::vector<FetchedFile>> fetch_model(const std::filesystem::path& folder, const FetchOptions& options,
                                             const Progress& progress = {}, const StopToken& stop = {});

/// "<64 hexadecimal digits>  name" a line, as sha256sum writes it; names in a model folder. A Model error
/// names a line that is none.
Result<std::map<std::string, std::string>> read_sha256_list(const std::string& text, const std::string& from);

} // namespace c2c
