#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace c2c {

/// How the age gets from the key before to this one.
enum class Segment {
    Linear,
    Ease, ///< 3t² − 2t³: starts and ends without a jerk
    Hold, ///< the age before, until this key's frame
};

struct CurveKey {
    double frame = 0;
    double age = 0;                   ///< 0..100
    Segment arrive = Segment::Linear; ///< of no meaning for the first key
};

/// Age over frames; before the first key and after the last the age stands still.
struct AgeCurve {
    std::vector<CurveKey> keys; ///< at least one, frames strictly increasing

    double value(double frame) const;
};

/// Sorts the keys; refuses none at all, two at one frame, and ages outside 0..100.
Result<AgeCurve> make_curve(std::vector<CurveKey> keys);

/// "1:38,48:70:ease,96:70": frame:age or frame:age:segment; segments are linear, ease and hold.
Result<AgeCurve> parse_curve(std::string_view text);

/// JSON {"keys": [{"frame": 1, "age": 38}, {"frame": 48, "age": 70, "segment": "ease"}]} or CSV with the
/// columns frame, age and, if wanted, segment; a header line, comments (#), and ";" or tab as separator (then
/// with a decimal comma) are understood. Told apart by content.
Result<AgeCurve> read_curve(const std::filesystem::path& file);

/// What --curve takes: a file's name, or the keys themselves.
Result<AgeCurve> curve_argument(const std::string& text);

/// The inverse of parse_curve, for command lines and session files.
std::string curve_text(const AgeCurve& curve);
std::string curve_json(const AgeCurve& curve);

} // namespace c2c
