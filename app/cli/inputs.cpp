#include "app/cli/options.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace fs = std::filesystem;

namespace c2c::cli {
namespace {

bool looks_like_photo(const fs::path& file) {
    static constexpr std::array suffixes = {".jpg", ".jpeg", ".png",  ".tif", ".tiff", ".webp",
                                            ".exr", ".heic", ".heif", ".dng", ".cr2",  ".cr3",
                                            ".nef", ".arw",  ".raf",  ".orf", ".rw2"};
    std::string suffix = file.extension().string();
    std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::find(suffixes.begin(), suffixes.end(), suffix) != suffixes.end();
}

Result<std::vector<fs::path>> photos_in(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        if (it->is_regular_file(error) && looks_like_photo(it->path()) &&
            it->path().filename().string().front() != '.')
            files.push_back(it->path());
    if (error)
        return fail(ErrorKind::Input, "{} cannot be listed ({}); check that you may read it.",
                    folder.string(), error.message());
    if (files.empty())
        return fail(ErrorKind::Input,
                    "{} has no photos in it; name a folder with JPEG, PNG, TIFF, WebP or EXR files.",
                    folder.string());
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<fs::path> matches(const std::string& pattern) {
    glob_t found = {};
    std::vector<fs::path> files;
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
        files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    return files;
}

} // namespace

Result<std::vector<fs::path>> expand_inputs(const std::vector<std::string>& inputs) {
    std::vector<fs::path> files;
    for (const std::string& input : inputs) {
        std::error_code ignored;
        if (fs::is_directory(input, ignored)) {
            C2C_TRY(const auto inside, photos_in(input));
            files.insert(files.end(), inside.begin(), inside.end());
        } else if (!fs::exists(input, ignored) && input.find_first_of("*?[") != std::string::npos) {
            // Shells expand patterns themselves; a quoted one, or a farm's job file, arrives here.
            const auto found = matches(input);
            if (found.empty())
                return fail(ErrorKind::Input, "No file matches {}; check the pattern.", input);
            files.insert(files.end(), found.begin(), found.end());
        } else {
            files.emplace_back(input); // a missing file is told when its turn comes, so the batch goes on
        }
    }
    return files;
}

int complain(const Error& error) {
    std::fprintf(stderr, "cradle2cane-cli: %s\n", error.text.c_str());
    return static_cast<int>(error.kind);
}

} // namespace c2c::cli
