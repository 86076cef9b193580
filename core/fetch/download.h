#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace c2c {

struct Download {
    std::string url; ///< http or https; redirects are followed, never from https to http
    std::filesystem::path target;
    std::string sha256 = {}; ///< lower-case hexadecimal; empty when it is not known beforehand
};

struct Downloaded {
    std::uint64_t bytes = 0, resumed_at = 0; ///< resumed_at: what an earlier run had left
    std::string sha256;                      ///< what it was compared with; empty when nobody knew it
};

/// Downloads into `target`.part and renames it when it is whole and has the SHA-256 that was given, or that
/// the server told (huggingface.co does for large files). What came stays in the .part file when the
/// connection is cut, the disk full or a stop asked for, and the next call goes on from there where the file
/// is still the same one. A connection that is cut is taken up again as long as that gets further.
///
/// Nothing when the server has no such file (404). Otherwise a Model error, where the server or what it sent
/// is to blame (a file with another SHA-256 is removed), or an Output error, where the disk is.
Result<std::optional<Downloaded>> download(const Download& what, const Progress& progress = {},
                                           const StopToken& stop = {});

/// A small text (1 MB at most), nothing when the server has none. Errors as of download().
Result<std::optional<std::string>> download_text(const std::string& url, const StopToken& stop = {});

} // namespace c2c
