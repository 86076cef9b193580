#include "core/sequence/source.h"

#include "core/sequence/names.h"

#include <algorithm>
#include <map>
#include <set>

namespace fs = std::filesystem;

namespace c2c {
namespace {

const std::set<std::string>& picture_suffixes() {
    static const std::set<std::string> all = {".jpg", ".jpeg", ".png",  ".tif",  ".tiff", ".webp", ".exr",
                                              ".dng", ".heic", ".heif", ".avif", ".cr2",  ".nef",  ".arw"};
    return all;
}

bool is_picture(const fs::path& file) {
    std::string suffix = file.extension().string();
    std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return picture_suffixes().contains(suffix);
}

Result<std::vector<fs::path>> pictures_of(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.is_regular_file(error) && is_picture(entry.path()) &&
            !entry.path().filename().string().starts_with("."))
            files.push_back(entry.path());
    if (error || files.empty())
        return fail(ErrorKind::Input, "The folder {} holds no pictures; choose another.", folder.string());
    std::sort(files.begin(), files.end());
    return files;
}

/// The files of "plate.####.exr", whatever their numbers.
Result<std::vector<fs::path>> files_of_pattern(const std::string& pattern) {
    const fs::path folder = fs::path(pattern).parent_path();
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, error)) {
        const auto name = numbered_name(entry.path());
        if (!name)
            continue;
        const fs::path expected = expand_name(pattern, {.frame = name->frame, .frame_width = 1});
        if (expected.filename() == entry.path().filename())
            files.push_back(folder / entry.path().filename());
    }
    if (files.empty())
        return fail(ErrorKind::Input, "No file is named like {}; check the pattern.", pattern);
    std::sort(files.begin(), files.end());
    return files;
}

Result<std::vector<fs::path>> expand(const std::vector<std::string>& inputs) {
    std::vector<fs::path> files;
    for (const std::string& input : inputs) {
        std::error_code ignored;
        if (fs::is_directory(input, ignored)) {
            C2C_TRY(const auto inside, pictures_of(input));
            files.insert(files.end(), inside.begin(), inside.end());
        } else if (!fs::exists(input, ignored) && check_name_pattern(input, NameUse::Sequence)) {
            C2C_TRY(const auto matching, files_of_pattern(input));
            files.insert(files.end(), matching.begin(), matching.end());
        } else {
            files.push_back(input);
        }
    }
    return files;
}

Result<void> number_plate(FrameSource& source, std::int64_t start) {
    std::map<std::int64_t, fs::path> by_number;
    for (const fs::path& file : source.files) {
        const auto name = numbered_name(file);
        if (!name)
            break;
        const auto [other, fresh] = by_number.try_emplace(name->frame, file);
        if (!fresh)
            return fail(ErrorKind::Input, "{} and {} have the same frame number; give one plate at a time.",
                        other->second.string(), file.string());
    }
    if (by_number.size() == source.files.size()) {
        source.files.clear();
        for (auto& [number, file] : by_number) {
            source.numbers.push_back(number);
            source.files.push_back(std::move(file));
        }
        return {};
    }
    for (std::size_t i = 0; i < source.files.size(); ++i)
        source.numbers.push_back(start + static_cast<std::int64_t>(i));
    return {};
}

} // namespace

Result<FrameSource> list_source(const std::vector<std::string>& inputs, std::int64_t start) {
    FrameSource source;
    C2C_TRY(source.files, expand(inputs));
    if (source.files.empty())
        return fail(ErrorKind::Usage, "No photo, plate or movie is given.");
    const fs::path first = source.files.front();
    source.stem = first.stem().string();
    if (first.has_extension())
        source.ext = first.extension().string().substr(1);
    const bool movie = std::any_of(source.files.begin(), source.files.end(), is_movie_name);
    if (movie && source.files.size() > 1)
        return fail(ErrorKind::Usage, "A movie cannot be mixed with other inputs; give {} alone.",
                    std::find_if(source.files.begin(), source.files.end(), is_movie_name)->string());
    if (movie) {
        source.kind = FrameSource::Kind::Movie;
    } else if (source.files.size() > 1) {
        source.kind = FrameSource::Kind::Plate;
        C2C_CHECK(number_plate(source, start));
        if (const auto name = numbered_name(source.files.front()); name && !name->stem().empty())
            source.stem = name->stem();
    }
    return source;
}

} // namespace c2c
