#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace c2c {

/// What a pattern's tokens stand for. A token whose field is missing stays as it is typed.
struct NameFields {
    std::string stem = {}; ///< source's name without folder, number and suffix
    std::string ext = {};  ///< suffix without the dot
    std::optional<double> age = {};
    std::optional<int> face = {};           ///< counted from 1
    std::optional<std::int64_t> frame = {}; ///< stills have none: "#" and "@" are then ordinary characters
    int frame_width = 1; ///< at least so many digits: the width of the range's largest number
};

/// {stem} {ext} {face} {face:02}; {age} is shortest with at most two decimals (33.4), {age:03} pads the whole
/// part (033.4), {age:03.1} always has one decimal; the frame number, in the file name only, is ####, @@@@,
/// %04d, $F4 or {frame:04}: one digit a character, and never narrower than frame_width.
std::string expand_name(std::string_view pattern, const NameFields& fields);

enum class NameUse {
    Still,    ///< one picture a name
    Sequence, ///< needs exactly one frame number, last before the suffix
    Movie,    ///< one file for all frames: no frame number and no age
};

/// Unknown tokens, a missing or misplaced number, an empty name: a Usage error that says what would be right.
Result<void> check_name_pattern(std::string_view pattern, NameUse use);

/// When the output is one file, not numbered pictures.
enum class WholeFile { None, Movie, Animation };

std::string lower_suffix(const std::filesystem::path& file); ///< ".mp4" of a.MP4

/// A movie's suffix (.mov .mp4 .m4v .mkv .webm) is one; .gif always and .webp without a frame number are an
/// animation.
WholeFile whole_file(const std::string& pattern);
/// Whether a file's suffix is one of a movie.
bool is_movie_name(const std::filesystem::path& file);
/// .gif or .webp.
bool is_animation_name(const std::filesystem::path& file);

/// Every name in order. Two equal names are a Usage error, and so is a name that is one of `sources`, however
/// it is spelled (links, "..").
Result<std::vector<std::filesystem::path>> plan_names(std::string_view pattern, NameUse use,
                                                      std::span<const NameFields> fields,
                                                      std::span<const std::filesystem::path> sources);

/// Digits that the largest frame number of a job needs, so that all its names are of one width.
int frame_width(std::int64_t last_frame);

/// "plate.1001.exr" → "plate.", 1001, 4 digits, ".exr": the last run of digits before the suffix.
struct NumberedName {
    std::string head; ///< folder left out
    std::int64_t frame = 0;
    int digits = 0;
    std::string suffix;

    std::string stem() const; ///< head without the separators at its end: "plate"
};
std::optional<NumberedName> numbered_name(const std::filesystem::path& file);

} // namespace c2c
