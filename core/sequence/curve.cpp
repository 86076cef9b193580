#include "core/sequence/curve.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>

namespace fs = std::filesystem;

namespace c2c {
namespace {

constexpr std::size_t most_keys = 100'000;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n\"");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n\"") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        parts.push_back(trimmed(text.substr(at, end - at)));
        at = end + 1;
    }
    return parts;
}

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<Segment> segment(std::string_view name) {
    if (name.empty() || name == "linear")
        return Segment::Linear;
    if (name == "ease")
        return Segment::Ease;
    if (name == "hold")
        return Segment::Hold;
    return std::nullopt;
}

std::string_view segment_name(Segment segment) {
    return segment == Segment::Ease ? "ease" : segment == Segment::Hold ? "hold" : "linear";
}

/// A key from its two or three parts; `typed` is what the user sees in the message.
Result<CurveKey> key_of(const std::vector<std::string_view>& parts, std::string_view typed) {
    if (parts.size() < 2 || parts.size() > 3)
        return fail(ErrorKind::Usage,
                    "\"{}\" is not a key of an age curve; write frame:age or frame:age:ease, as in "
                    "1:38,48:70:ease.",
                    typed);
    const auto frame = number(parts[0]);
    const auto age = number(parts[1]);
    if (!frame || !age)
        return fail(ErrorKind::Usage, "\"{}\" in \"{}\" is not a number.", frame ? parts[1] : parts[0],
                    typed);
    const auto arrive = segment(parts.size() == 3 ? parts[2] : std::string_view());
    if (!arrive)
        return fail(ErrorKind::Usage, "\"{}\" in \"{}\" is not linear, ease or hold.", parts[2], typed);
    return CurveKey{*frame, *age, *arrive};
}

Result<AgeCurve> curve_from_json(const std::string& text) {
    const auto document = nlohmann::json::parse(text, nullptr, false);
    const auto* list = document.is_array()                                 ? &document
                       : document.is_object() && document.contains("keys") ? &document["keys"]
                                                                           : nullptr;
    if (!list || !list->is_array())
        return fail(ErrorKind::Usage,
                    "It is not JSON of the form {{\"keys\": [{{\"frame\": 1, \"age\": 38}}]}}.");
    std::vector<CurveKey> keys;
    for (const auto& item : *list) {
        const auto has = [&](const char* name) {
            return item.is_object() && item.contains(name) && item[name].is_number();
        };
        if (!has("frame") || !has("age"))
            return fail(ErrorKind::Usage, "Its key {} lacks a number \"frame\" or \"age\".", keys.size() + 1);
        std::string name;
        if (item.contains("segment"))
            name = item["segment"].is_string() ? item["segment"].get<std::string>() : "?";
        const auto arrive = segment(name);
        if (!arrive)
            return fail(ErrorKind::Usage, "Its key {} has a segment that is not linear, ease or hold.",
                        keys.size() + 1);
        keys.push_back({item["frame"].get<double>(), item["age"].get<double>(), *arrive});
    }
    return make_curve(std::move(keys));
}

Result<AgeCurve> curve_from_csv(const std::string& text) {
    std::vector<CurveKey> keys;
    std::istringstream lines(text);
    bool first = true;
    for (std::string line; std::getline(lines, line);) {
        const std::string_view content = trimmed(line);
        if (content.empty() || content[0] == '#')
            continue;
        const char separator = line.find(';') != std::string::npos    ? ';'
                               : line.find('\t') != std::string::npos ? '\t'
                                                                      : ',';
        if (separator != ',') // spreadsheets that write 33,4 separate with ";"
            std::replace(line.begin(), line.end(), ',', '.');
        const auto parts = split(line, separator);
        const bool header = first && !number(parts[0]);
        first = false;
        if (header)
            continue;
        C2C_TRY(const CurveKey key, key_of(parts, content));
        keys.push_back(key);
    }
    return make_curve(std::move(keys));
}

} // namespace

double AgeCurve::value(double frame) const {
    const auto next = std::upper_bound(keys.begin(), keys.end(), frame,
                                       [](double f, const CurveKey& key) { return f < key.frame; });
    if (next == keys.begin())
        return keys.front().age;
    const CurveKey& from = *(next - 1);
    if (next == keys.end() || next->arrive == Segment::Hold)
        return from.age;
    double t = (frame - from.frame) / (next->frame - from.frame);
    if (next->arrive == Segment::Ease)
        t = t * t * (3 - 2 * t);
    return from.age + (next->age - from.age) * t;
}

Result<AgeCurve> make_curve(std::vector<CurveKey> keys) {
    if (keys.empty())
        return fail(ErrorKind::Usage, "An age curve needs at least one key, as in 1:38,48:70.");
    if (keys.size() > most_keys)
        return fail(ErrorKind::Usage, "The age curve has {} keys; {} is the most.", keys.size(), most_keys);
    for (const CurveKey& key : keys) {
        if (!std::isfinite(key.frame) || std::abs(key.frame) > 1e9)
            return fail(ErrorKind::Usage, "The age curve has a frame that is no sensible number.");
        if (!(key.age >= 0 && key.age <= 100))
            return fail(ErrorKind::Usage, "Age {} at frame {} is out of range; ages go from 0 to 100.",
                        key.age, key.frame);
    }
    std::stable_sort(keys.begin(), keys.end(),
                     [](const CurveKey& a, const CurveKey& b) { return a.frame < b.frame; });
    for (std::size_t i = 1; i < keys.size(); ++i)
        if (keys[i].frame == keys[i - 1].frame)
            return fail(ErrorKind::Usage, "The age curve has two keys at frame {}; keep one.", keys[i].frame);
    keys.front().arrive = Segment::Linear;
    return AgeCurve{std::move(keys)};
}

Result<AgeCurve> parse_curve(std::string_view text) {
    std::vector<CurveKey> keys;
    for (const std::string_view item : split(text, ',')) {
        C2C_TRY(const CurveKey key, key_of(split(item, ':'), item));
        keys.push_back(key);
    }
    return make_curve(std::move(keys));
}

Result<AgeCurve> read_curve(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text(16u << 20, '\0');
    if (!stream || fs::is_directory(file))
        return fail(ErrorKind::Usage, "The age curve {} cannot be opened; check its name.", file.string());
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.starts_with("\xef\xbb\xbf")) // spreadsheets mark UTF-8 so
        text.erase(0, 3);
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    const bool json = start != std::string::npos && (text[start] == '{' || text[start] == '[');
    auto curve = json ? curve_from_json(text) : curve_from_csv(text);
    if (!curve)
        return fail(ErrorKind::Usage, "The age curve {} cannot be used. {}", file.string(),
                    curve.error().text);
    return curve;
}

Result<AgeCurve> curve_argument(const std::string& text) {
    std::error_code ignored;
    const fs::path file = text;
    const bool named_like_a_file = file.extension() == ".json" || file.extension() == ".csv";
    return named_like_a_file || fs::is_regular_file(file, ignored) ? read_curve(file) : parse_curve(text);
}

std::string curve_text(const AgeCurve& curve) {
    std::string text;
    for (const CurveKey& key : curve.keys) {
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", key.frame, key.age);
        if (key.arrive != Segment::Linear)
            text += fmt::format(":{}", segment_name(key.arrive));
    }
    return text;
}

std::string curve_json(const AgeCurve& curve) {
    auto keys = nlohmann::json::array();
    for (const CurveKey& key : curve.keys) {
        nlohmann::json item = {{"frame", key.frame}, {"age", key.age}};
        if (key.arrive != Segment::Linear)
            item["segment"] = segment_name(key.arrive);
        keys.push_back(std::move(item));
    }
    return nlohmann::json{{"keys", std::move(keys)}}.dump(2) + "\n";
}

} // namespace c2c
