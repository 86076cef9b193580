#include "core/sequence/names.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace fs = std::filesystem;

namespace c2c {
namespace {

enum class Kind { Text, Stem, Ext, Face, Age, Frame, Unknown };

struct Token {
    Kind kind = Kind::Text;
    std::string_view text; ///< as typed
    int width = 0;         ///< digits of the whole part
    int decimals = -1;     ///< -1: as many as needed, two at most
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The digits at the start of `text`; nothing else is consumed. Absurd widths are cut at 18.
std::size_t read_number(std::string_view text, int& number) {
    std::size_t length = 0;
    number = 0;
    while (length < text.size() && is_digit(text[length]))
        number = std::min(18, number * 10 + (text[length++] - '0'));
    return length;
}

/// "{age:03.1}" → Age, 3, 1. `text` starts at the brace.
Token brace_token(std::string_view text) {
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos)
        return {Kind::Text, text.substr(0, 1)};
    Token token{Kind::Unknown, text.substr(0, end + 1)};
    std::string_view name = text.substr(1, end - 1);
    std::string_view format;
    if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
        format = name.substr(colon + 1);
        name = name.substr(0, colon);
        if (format.empty())
            return token;
    }
    format.remove_prefix(read_number(format, token.width));
    if (format.size() == 2 && format[0] == '.' && is_digit(format[1]) && name == "age") {
        token.decimals = format[1] - '0';
        format = {};
    }
    if (!format.empty())
        return token;
    static const std::map<std::string_view, Kind> kinds = {{"stem", Kind::Stem},
                                                           {"ext", Kind::Ext},
                                                           {"face", Kind::Face},
                                                           {"age", Kind::Age},
                                                           {"frame", Kind::Frame}};
    const auto found = kinds.find(name);
    const bool text_field = name == "stem" || name == "ext";
    if (found != kinds.end() && !(text_field && token.width > 0))
        token.kind = found->second;
    return token;
}

/// A frame number at the start of `text`, or Text of no length.
Token frame_token(std::string_view text) {
    if (text[0] == '#' || text[0] == '@') {
        const std::size_t run = std::min(text.find_first_not_of(text[0]), text.size());
        return {Kind::Frame, text.substr(0, run), static_cast<int>(std::min<std::size_t>(run, 18))};
    }
    int width = 0;
    if (text[0] == '%') {
        const std::size_t digits = read_number(text.substr(1), width);
        if (digits + 1 < text.size() && text[digits + 1] == 'd')
            return {Kind::Frame, text.substr(0, digits + 2), width};
    }
    if (text.starts_with("$F")) {
        const std::size_t digits = read_number(text.substr(2), width);
        return {Kind::Frame, text.substr(0, digits + 2), width};
    }
    return {Kind::Text, text.substr(0, 0)};
}

std::vector<Token> tokens_of(std::string_view pattern) {
    const std::size_t slash = pattern.rfind('/');
    const std::size_t name_at = slash == std::string_view::npos ? 0 : slash + 1;
    std::vector<Token> tokens;
    std::size_t text_at = 0, at = 0;
    const auto flush = [&] {
        if (at > text_at)
            tokens.push_back({Kind::Text, pattern.substr(text_at, at - text_at)});
    };
    while (at < pattern.size()) {
        Token token{Kind::Text, {}};
        if (pattern[at] == '{')
            token = brace_token(pattern.substr(at));
        else if (at >= name_at) // "@" and "#" are common in the names of folders
            token = frame_token(pattern.substr(at));
        if (token.kind == Kind::Text) {
            ++at;
            continue;
        }
        flush();
        tokens.push_back(token);
        at = text_at = at + token.text.size();
    }
    flush();
    return tokens;
}

std::string age_text(double age, const Token& token) {
    std::string text = fmt::format("{:.{}f}", age, token.decimals < 0 ? 2 : token.decimals);
    if (token.decimals < 0) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.ends_with('.'))
            text.pop_back();
    }
    const std::size_t whole = std::min(text.find('.'), text.size());
    const auto width = static_cast<std::size_t>(token.width);
    return whole < width ? std::string(width - whole, '0') + text : text;
}

std::string expand(const std::vector<Token>& tokens, const NameFields& fields) {
    std::string name;
    for (const Token& token : tokens) {
        if (token.kind == Kind::Stem)
            name += fields.stem;
        else if (token.kind == Kind::Ext)
            name += fields.ext;
        else if (token.kind == Kind::Face && fields.face)
            name += fmt::format("{:0{}}", *fields.face, std::max(1, token.width));
        else if (token.kind == Kind::Age && fields.age)
            name += age_text(*fields.age, token);
        else if (token.kind == Kind::Frame && fields.frame)
            name += fmt::format("{:0{}}", *fields.frame, std::max({1, token.width, fields.frame_width}));
        else
            name += token.text;
    }
    return name;
}

/// One spelling a file: links and ".." resolved as far as the path exists.
fs::path one_spelling(const fs::path& path) {
    std::error_code error;
    fs::path found = fs::weakly_canonical(fs::absolute(path, error), error);
    return error ? path.lexically_normal() : found;
}

} // namespace

std::string expand_name(std::string_view pattern, const NameFields& fields) {
    return expand(tokens_of(pattern), fields);
}

Result<void> check_name_pattern(std::string_view pattern, NameUse use) {
    if (pattern.empty() || pattern.ends_with('/'))
        return fail(ErrorKind::Usage, "The output \"{}\" names no file; write for example {}.", pattern,
                    use == NameUse::Sequence ? "out/{stem}.####.png" : "out/{stem}_age{age:03}.{ext}");
    const std::vector<Token> tokens = tokens_of(pattern);
    int frames = 0;
    bool has_age = false;
    for (const Token& token : tokens) {
        if (token.kind == Kind::Unknown)
            return fail(
                ErrorKind::Usage,
                "{} in the output \"{}\" is not a token; there are {{stem}} {{age}} {{age:03}} {{face}} "
                "{{ext}} and, for frames, ####.",
                token.text, pattern);
        frames += token.kind == Kind::Frame;
        has_age |= token.kind == Kind::Age;
    }
    if (use == NameUse::Movie && (frames > 0 || has_age))
        return fail(ErrorKind::Usage,
                    "The output \"{}\" is one movie, so its name can have neither a frame number nor an age.",
                    pattern);
    if (use != NameUse::Sequence)
        return {};
    if (frames == 0)
        return fail(
            ErrorKind::Usage,
            "The output \"{}\" has no frame number; put #### before the suffix, as in {{stem}}.####.png.",
            pattern);
    const auto last_frame =
        std::find_if(tokens.rbegin(), tokens.rend(), [](const Token& t) { return t.kind == Kind::Frame; });
    std::string after; // what follows the number must be the suffix alone
    for (auto token = last_frame.base(); token != tokens.end(); ++token)
        after += token->kind == Kind::Ext ? "ext" : std::string(token->text);
    const bool suffix_only =
        after.size() > 1 && after[0] == '.' && after.find_first_of("./{", 1) == std::string::npos;
    if (frames > 1 || !suffix_only)
        return fail(
            ErrorKind::Usage,
            "The output \"{}\" needs one frame number, last before the suffix, as in {{stem}}.####.png.",
            pattern);
    return {};
}

Result<std::vector<fs::path>> plan_names(std::string_view pattern, NameUse use,
                                         std::span<const NameFields> fields,
                                         std::span<const fs::path> sources) {
    C2C_CHECK(check_name_pattern(pattern, use));
    std::set<fs::path> source_files;
    for (const fs::path& source : sources)
        source_files.insert(one_spelling(source));

    const std::vector<Token> tokens = tokens_of(pattern);
    std::vector<fs::path> names;
    std::set<fs::path> taken;
    std::map<fs::path, fs::path> folders; // resolving a folder once is enough for all its frames
    for (const NameFields& one : fields) {
        fs::path name = expand(tokens, one);
        const fs::path parent = name.parent_path();
        const auto folder = folders.try_emplace(parent).first;
        if (folder->second.empty())
            folder->second = one_spelling(parent.empty() ? "." : parent);
        const fs::path real = folder->second / name.filename();
        std::error_code ignored;
        if (source_files.contains(real) ||
            (fs::is_symlink(real, ignored) && source_files.contains(one_spelling(real))))
            return fail(ErrorKind::Usage, "{} is the source itself; give another output name.",
                        name.string());
        if (!taken.insert(real).second)
            return fail(ErrorKind::Usage,
                        "The output \"{}\" gives {} to two results; add {{stem}}, {{age}} or {{face}} to it.",
                        pattern, name.string());
        names.push_back(std::move(name));
    }
    return names;
}

int frame_width(std::int64_t last_frame) {
    return static_cast<int>(fmt::formatted_size("{}", last_frame));
}

std::string NumberedName::stem() const {
    const std::size_t end = head.find_last_not_of("._- ");
    return end == std::string::npos ? std::string() : head.substr(0, end + 1);
}

std::optional<NumberedName> numbered_name(const fs::path& file) {
    NumberedName name;
    name.suffix = file.extension().string();
    const std::string stem = file.stem().string();
    std::size_t at = stem.size();
    while (at > 0 && is_digit(stem[at - 1]))
        --at;
    name.digits = static_cast<int>(stem.size() - at);
    if (name.digits == 0 || name.digits > 18)
        return std::nullopt;
    name.head = stem.substr(0, at);
    std::from_chars(stem.data() + at, stem.data() + stem.size(), name.frame);
    return name;
}

std::string lower_suffix(const fs::path& file) {
    std::string suffix = file.extension().string();
    std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return suffix;
}

bool is_movie_name(const fs::path& file) {
    const std::string suffix = lower_suffix(file);
    return suffix == ".mov" || suffix == ".mp4" || suffix == ".m4v" || suffix == ".mkv" || suffix == ".webm";
}

bool is_animation_name(const fs::path& file) {
    return lower_suffix(file) == ".gif" || lower_suffix(file) == ".webp";
}

WholeFile whole_file(const std::string& pattern) {
    if (is_movie_name(pattern))
        return WholeFile::Movie;
    const bool numbered = check_name_pattern(pattern, NameUse::Sequence).has_value();
    return is_animation_name(pattern) && (!numbered || lower_suffix(pattern) == ".gif") ? WholeFile::Animation
                                                                                        : WholeFile::None;
}

} // namespace c2c
