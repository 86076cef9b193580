#include "core/replay/session_file.h"

#include "core/base/files.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

// A .c2c file is one JSON object (UTF-8):
//   "cradle2cane_session": 1                the version; a reader refuses a newer one
//   "photo": "portrait.jpg"                 relative to the folder of this file, or absolute
//   "model": "../models/mine"               likewise; absent or "" is the embedded model
//   "face": {"index": 0, "box": [x, y, width, height], "age": 38.2, "gender": "male"|"female"}
//   "age": 70.0                             the age asked for, 0..100
//   "amount": 1.0                           0..2
//   "mode": "keep-detail"|"replace",  "background": "keep"|"grey",  "seed": 0
//   "protect": {"eyes": false, "lips": false, "hair": false, "clothes": false,
//               "strokes": [{"radius": 20, "hardness": 0.5, "erase": false, "points": [[x, y], …]}]}
// Keys that are absent take the default; keys that are not known are ignored, so a newer minor addition still
// opens.

namespace c2c {
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

constexpr int current_version = 1;
constexpr std::uintmax_t max_bytes = 64u << 20; // brush strokes are small; more is not a session

fs::path resolved(const std::string& text, const fs::path& folder) {
    const fs::path path = fs::path(std::u8string(text.begin(), text.end()));
    return path.empty() || path.is_absolute() ? path : (folder / path).lexically_normal();
}

std::string relative_text(const fs::path& path, const fs::path& folder) {
    if (path.empty())
        return {};
    const fs::path shown = path.is_absolute() ? path.lexically_relative(folder) : path;
    const std::u8string text = (shown.empty() ? path : shown).generic_u8string();
    return {text.begin(), text.end()};
}

double number(const Json& object, const char* key, double fallback, double low, double high) {
    const double value = object.value(key, fallback);
    if (!(value >= low && value <= high)) // false for NaN too
        throw std::range_error(fmt::format("\"{}\" is {}, outside {} to {}", key, value, low, high));
    return value;
}

bool choice(const Json& object, const char* key, const char* no, const char* yes) {
    const std::string value = object.value(key, std::string(no));
    if (value != no && value != yes)
        throw std::range_error(
            fmt::format("\"{}\" is \"{}\", neither \"{}\" nor \"{}\"", key, value, no, yes));
    return value == yes;
}

Stroke stroke_from(const Json& json) {
    Stroke stroke;
    stroke.radius = number(json, "radius", 20, 0.1, 100'000);
    stroke.hardness = number(json, "hardness", .5, 0, 1);
    stroke.erase = json.value("erase", false);
    stroke.points = json.at("points").get<std::vector<std::array<double, 2>>>();
    return stroke;
}

Json json_of(const Protect& protect) {
    Json strokes = Json::array();
    for (const Stroke& stroke : protect.strokes)
        strokes.push_back({{"radius", stroke.radius},
                           {"hardness", stroke.hardness},
                           {"erase", stroke.erase},
                           {"points", stroke.points}});
    return {{"eyes", protect.eyes},
            {"lips", protect.lips},
            {"hair", protect.hair},
            {"clothes", protect.clothes},
            {"strokes", std::move(strokes)}};
}

SessionFile session_from(const Json& json, const fs::path& folder) {
    SessionFile session;
    session.photo = resolved(json.at("photo").get<std::string>(), folder);
    session.model = resolved(json.value("model", std::string()), folder);
    session.age = number(json, "age", 30, 0, 100);
    Look& look = session.look;
    if (const auto face = json.find("face"); face != json.end()) {
        look.face = face->value("index", std::size_t{0});
        look.source_age = number(*face, "age", 30, 0, 120);
        look.gender = choice(*face, "gender", "male", "female") ? Gender::Female : Gender::Male;
        if (const auto box = face->find("box"); box != face->end()) {
            const auto b = box->get<std::array<double, 4>>();
            session.face_box = Box{b[0], b[1], b[2], b[3]};
        }
    }
    look.amount = number(json, "amount", 1, 0, 2);
    look.replace = choice(json, "mode", "keep-detail", "replace");
    look.grey_background = choice(json, "background", "keep", "grey");
    look.seed = json.value("seed", std::uint64_t{0});
    if (const auto protect = json.find("protect"); protect != json.end()) {
        look.protect.eyes = protect->value("eyes", false);
        look.protect.lips = protect->value("lips", false);
        look.protect.hair = protect->value("hair", false);
        look.protect.clothes = protect->value("clothes", false);
        for (const Json& stroke : protect->value("strokes", Json::array()))
            look.protect.strokes.push_back(stroke_from(stroke));
    }
    return session;
}

Json json_of(const SessionFile& session, const fs::path& folder) {
    const Look& look = session.look;
    Json face = {{"index", look.face},
                 {"age", look.source_age},
                 {"gender", look.gender == Gender::Female ? "female" : "male"}};
    if (const auto& box = session.face_box)
        face["box"] = {box->x, box->y, box->width, box->height};
    return {{"cradle2cane_session", current_version},
            {"photo", relative_text(session.photo, folder)},
            {"model", relative_text(session.model, folder)},
            {"face", std::move(face)},
            {"age", session.age},
            {"amount", look.amount},
            {"mode", look.replace ? "replace" : "keep-detail"},
            {"background", look.grey_background ? "grey" : "keep"},
            {"seed", look.seed},
            {"protect", json_of(look.protect)}};
}

double overlap(const Box& a, const Box& b) {
    const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
    const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
    const double both = std::max(width, 0.0) * std::max(height, 0.0);
    return both / (a.width * a.height + b.width * b.height - both);
}

} // namespace

std::optional<std::size_t> session_face(const std::vector<Box>& faces, const SessionFile& session) {
    if (!session.face_box)
        return session.look.face < faces.size() ? std::optional(session.look.face) : std::nullopt;
    std::optional<std::size_t> best;
    double most = .5;
    for (std::size_t i = 0; i < faces.size(); ++i)
        if (const double found = overlap(faces[i], *session.face_box); found >= most) {
            most = found;
            best = i;
        }
    return best;
}

Result<SessionFile> read_session(const fs::path& file) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file, error);
    if (error)
        return fail(ErrorKind::Input, "The session {} cannot be read: {}.", file.string(), error.message());
    if (size > max_bytes)
        return fail(ErrorKind::Input, "{} is too large to be a session; choose a .c2c file.", file.string());
    std::ifstream stream(file, std::ios::binary);
    try {
        const Json json = Json::parse(stream);
        const int version = json.at("cradle2cane_session").get<int>();
        if (version > current_version)
            return fail(ErrorKind::Input,
                        "The session {} was made by a newer version of Cradle2Cane; update the program.",
                        file.string());
        return session_from(json, fs::absolute(file).parent_path());
    } catch (const std::exception& exception) {
        auto failure =
            fail(ErrorKind::Input, "{} is not a Cradle2Cane session, or is damaged.", file.string());
        failure.value().detail = exception.what();
        return failure;
    }
}

Result<void> write_session(const SessionFile& session, const fs::path& file) {
    const fs::path absolute = fs::absolute(file);
    return write_atomically(absolute, Overwrite::Yes, [&](const fs::path& temporary) -> Result<void> {
        try {
            std::ofstream stream(temporary, std::ios::binary);
            stream << json_of(session, absolute.parent_path()).dump(2) << '\n';
            if (stream.flush())
                return {};
        } catch (const std::exception&) { // a path that is not UTF-8
        }
        return fail(ErrorKind::Output, "The session {} cannot be written; is the disk full?", file.string());
    });
}

} // namespace c2c
