#pragma once

#include "core/base/result.h"
#include "core/face/face.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace c2c {

/// One movement of the protect brush, in photo pixels (pixel centres lie at whole numbers).
struct Stroke {
    double radius = 20; ///< of the brush
    double hardness =
        .5; ///< 0..1: the part of the radius that is fully covered; beyond it the edge falls off
    bool erase = false;
    std::vector<std::array<double, 2>> points; ///< joined by straight lines; one point is a dab
    bool operator==(const Stroke&) const = default;
};

/// What of the photo is left alone. Strokes are kept, not pixels: they are small, undo well, and replay the
/// same.
struct Protect {
    bool eyes = false, lips = false;    ///< from the landmarks; lips are the inner ones, with the teeth
    bool hair = false, clothes = false; ///< from the nets' maps
    std::vector<Stroke> strokes;
    bool operator==(const Protect&) const = default;
    bool empty() const { return !eyes && !lips && !hair && !clothes && strokes.empty(); }
};

/// Everything that makes the aged picture but the age itself and the photo.
struct Look {
    std::size_t face = 0; ///< number of the face, largest first
    double source_age = 30;
    Gender gender = Gender::Male;
    double amount = 1;    ///< 0..2, 1 as generated
    bool replace = false; ///< the generated pixels instead of the photo's with the change added
    bool grey_background = false;
    std::uint64_t seed = 0;
    Protect protect;
    bool operator==(const Look&) const = default;
};

/// A session: what is done to which photo. See docs in session_file.cpp for the JSON of a .c2c file.
struct SessionFile {
    std::filesystem::path photo; ///< absolute in memory; written relative to the file where that is possible
    std::filesystem::path model; ///< model folder; empty: the embedded model
    Look look;
    double age = 30;
    std::optional<Box> face_box; ///< where the face was found: a reader whose detector disagrees can tell
};

/// Which of the photo's faces the session means: the one where its box says, or, in a file without a box, the
/// one of its number. Nothing when no face overlaps the box by half.
std::optional<std::size_t> session_face(const std::vector<Box>& faces, const SessionFile& session);

/// Input error, naming the file, when it is no session, of a newer version, or out of range.
Result<SessionFile> read_session(const std::filesystem::path& file);

/// Atomic; overwrites an older session of the same name.
Result<void> write_session(const SessionFile& session, const std::filesystem::path& file);

} // namespace c2c
