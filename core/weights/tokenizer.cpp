#include "core/weights/tokenizer.h"

#include "core/weights/strict_json.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <fstream>
#include <limits>
#include <optional>
#include <queue>
#include <sstream>
#include <unordered_map>

namespace fs = std::filesystem;

namespace c2c {
namespace {

constexpr std::string_view kStart = "<|startoftext|>", kEnd = "<|endoftext|>", kWordEnd = "</w>";

/// The words of a text. White space is Unicode's White_Space, written out because PCRE2's \s differs in
/// U+180E.
constexpr const char* kWords = R"(<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|)"
                               R"([^\x{09}-\x{0d}\x{85}\p{Z}\p{L}\p{N}]+)";

struct FreeRegex {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_data* match) const { pcre2_match_data_free(match); }
};
using Regex = std::unique_ptr<pcre2_code, FreeRegex>;
using Match = std::unique_ptr<pcre2_match_data, FreeRegex>;

std::string utf8(char32_t character) {
    std::string text;
    icu::UnicodeString(static_cast<UChar32>(character)).toUTF8String(text);
    return text;
}

/// The printable character that stands for each byte in vocab.json, in the order of the vocabulary: the bytes
/// that print come first as themselves, the others follow as U+0100 and on (GPT-2's bytes_to_unicode).
std::vector<std::pair<std::uint8_t, std::string>> byte_characters() {
    std::vector<std::pair<std::uint8_t, std::string>> characters;
    std::vector<std::uint8_t> others;
    for (int byte = 0; byte < 256; ++byte) {
        const bool prints = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte != 0xad);
        if (prints)
            characters.emplace_back(static_cast<std::uint8_t>(byte), utf8(static_cast<char32_t>(byte)));
        else
            others.push_back(static_cast<std::uint8_t>(byte));
    }
    for (std::size_t i = 0; i < others.size(); ++i)
        characters.emplace_back(others[i], utf8(static_cast<char32_t>(256 + i)));
    return characters;
}

/// NFC, then every character's own lower case: unlike a whole text's, without the final sigma.
std::string normalise(std::string_view text) {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
    const auto given =
        icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
    const icu::UnicodeString composed = nfc->normalize(given, error);
    icu::UnicodeString lower;
    for (int32_t i = 0; i < composed.length(); i = composed.moveIndex32(i, 1)) {
        const UChar32 character = composed.char32At(i);
        if (character == 0x130) // İ alone becomes two characters
            lower.append(UChar32{'i'}).append(UChar32{0x307});
        else
            lower.append(u_tolower(character));
    }
    std::string result;
    lower.toUTF8String(result);
    return result;
}

std::uint64_t pair_key(std::uint32_t left, std::uint32_t right) {
    return std::uint64_t{left} << 32 | right;
}

struct Merge {
    std::uint32_t rank, merged;
};

Result<std::string> read_text(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    if (!in || !(text << in.rdbuf()))
        return fail(
            ErrorKind::Model,
            "{} is missing or empty; copy the whole folder of the tokenizer there (merges.txt, vocab.json).",
            file.string());
    return text.str();
}

/// The pad token of one of the configuration files: a string, or an object with its "content".
std::optional<std::string> pad_token_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    if (!in || !(text << in.rdbuf()))
        return {};
    const auto json = parse_strict_json(text.str());
    if (!json || !json->contains("pad_token"))
        return {};
    const auto& token = (*json)["pad_token"];
    if (token.is_object() && token.contains("content") && token["content"].is_string())
        return token["content"].get<std::string>();
    return token.is_string() ? std::optional(token.get<std::string>()) : std::nullopt;
}

} // namespace

struct Tokenizer::Impl {
    std::array<std::uint32_t, 256> inner{}, last{}; ///< the token of a byte within and at the end of a word
    std::unordered_map<std::uint64_t, Merge> merges;
    std::vector<std::pair<std::string, std::uint32_t>> specials; ///< taken out of the text as it was typed
    std::uint32_t start = 0, end = 0, pad = 0;
    Regex words;

    void add_text(std::string_view text, std::vector<std::int64_t>& ids) const;
    void add_word(std::string_view word, std::vector<std::int64_t>& ids) const;
};

void Tokenizer::Impl::add_text(std::string_view given, std::vector<std::int64_t>& ids) const {
    const std::string text = normalise(given);
    const Match match(pcre2_match_data_create(1, nullptr));
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    for (std::size_t at = 0; at < text.size();) {
        if (pcre2_match(words.get(), subject, text.size(), at, PCRE2_NO_UTF_CHECK, match.get(), nullptr) < 0)
            break;
        const PCRE2_SIZE* range = pcre2_get_ovector_pointer(match.get());
        const auto word = std::string_view(text).substr(range[0], range[1] - range[0]);
        if (word == kStart || word == kEnd) {
            // Typed in capitals, they are words; the byte-level step cuts them at their letters.
            add_word(word.substr(0, 2), ids);
            add_word(word.substr(2, word.size() - 4), ids);
            add_word(word.substr(word.size() - 2), ids);
        } else {
            add_word(word, ids);
        }
        at = range[1];
    }
}

/// Merges the pair of the lowest rank, the leftmost first, until none is left. The queue keeps words of any
/// length (a page of Chinese is one word) fast; its entries may be outdated and are checked when they come
/// up.
void Tokenizer::Impl::add_word(std::string_view word, std::vector<std::int64_t>& ids) const {
    constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
    struct Symbol {
        std::uint32_t token;
        std::size_t before, after; ///< neighbours that are left
    };
    std::vector<Symbol> symbols(word.size());
    for (std::size_t i = 0; i < word.size(); ++i) {
        const bool ends = i + 1 == word.size();
        const auto byte = static_cast<std::uint8_t>(word[i]);
        symbols[i] = {ends ? last[byte] : inner[byte], i == 0 ? kNone : i - 1, ends ? kNone : i + 1};
    }

    struct Candidate {
        std::uint32_t rank;
        std::size_t at;
        std::uint64_t pair;
        std::uint32_t merged;
        bool operator<(const Candidate& other) const { // the largest comes first out of the queue
            return rank != other.rank ? rank > other.rank : at > other.at;
        }
    };
    std::priority_queue<Candidate> queue;
    const auto offer = [&](std::size_t at) {
        if (at == kNone || symbols[at].after == kNone)
            return;
        const std::uint64_t pair = pair_key(symbols[at].token, symbols[symbols[at].after].token);
        if (const auto found = merges.find(pair); found != merges.end())
            queue.push({found->second.rank, at, pair, found->second.merged});
    };
    constexpr std::uint32_t kGone = std::numeric_limits<std::uint32_t>::max();
    for (std::size_t i = 0; i < symbols.size(); ++i)
        offer(i);
    while (!queue.empty()) {
        const Candidate best = queue.top();
        queue.pop();
        Symbol& left = symbols[best.at];
        if (left.token == kGone || left.after == kNone ||
            pair_key(left.token, symbols[left.after].token) != best.pair)
            continue;
        Symbol& right = symbols[left.after];
        left.token = best.merged;
        left.after = right.after;
        right.token = kGone;
        if (left.after != kNone)
            symbols[left.after].before = best.at;
        offer(left.before);
        offer(best.at);
    }
    for (std::size_t i = 0; i != kNone && i < symbols.size(); i = symbols[i].after)
        ids.push_back(symbols[i].token);
}

Result<Tokenizer> Tokenizer::load(const fs::path& folder) {
    auto pad = pad_token_of(folder / "tokenizer_config.json");
    if (!pad)
        pad = pad_token_of(folder / "special_tokens_map.json");
    return load(folder, pad.value_or(std::string(kEnd)));
}

Result<Tokenizer> Tokenizer::load(const fs::path& folder, std::string_view pad_token) {
    const fs::path merges_file = folder / "merges.txt", vocab_file = folder / "vocab.json";
    const auto damaged = [](const fs::path& file, std::string_view why) {
        return fail(ErrorKind::Model, "{} {}; it is not CLIP's tokenizer, download it again.", file.string(),
                    why);
    };
    C2C_TRY(const std::string merges_text, read_text(merges_file));
    std::vector<std::pair<std::string, std::string>> merges;
    std::istringstream lines(merges_text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.starts_with("#version"))
            continue;
        const auto space = line.find(' ');
        if (space == 0 || space == line.npos || space + 1 == line.size() ||
            line.find(' ', space + 1) != line.npos)
            return damaged(merges_file, "has a line that is not two parts");
        merges.emplace_back(line.substr(0, space), line.substr(space + 1));
    }

    // The vocabulary: bytes, bytes at the end of a word, one token a merge, the two marks.
    std::unordered_map<std::string, std::uint32_t> vocab;
    const auto characters = byte_characters();
    std::error_code ignored;
    if (fs::exists(vocab_file, ignored)) {
        C2C_TRY(const std::string vocab_text, read_text(vocab_file));
        const auto json = parse_strict_json(vocab_text);
        if (!json)
            return damaged(vocab_file, "cannot be read (" + json.error() + ")");
        for (const auto& [token, id] : json->items()) {
            if (!id.is_number_unsigned() || id.get<std::uint64_t>() > 10'000'000)
                return damaged(vocab_file, "has a token without a number");
            vocab[token] = id.get<std::uint32_t>();
        }
    } else {
        const auto add = [&](std::string token) {
            vocab.emplace(std::move(token), static_cast<std::uint32_t>(vocab.size()));
        };
        for (const std::string_view ending : {std::string_view(), kWordEnd})
            for (const auto& [byte, character] : characters)
                add(character + std::string(ending));
        for (const auto& [left, right] : merges)
            add(left + right);
        add(std::string(kStart));
        add(std::string(kEnd));
    }
    const auto id_of = [&](const std::string& token) -> std::optional<std::uint32_t> {
        const auto found = vocab.find(token);
        return found == vocab.end() ? std::nullopt : std::optional(found->second);
    };

    auto impl = std::make_shared<Impl>();
    for (const auto& [byte, character] : characters) {
        const auto inner = id_of(character), last = id_of(character + std::string(kWordEnd));
        if (!inner || !last)
            return damaged(vocab_file, fmt::format("lacks the byte {}", byte));
        impl->inner[byte] = *inner;
        impl->last[byte] = *last;
    }
    for (std::uint32_t rank = 0; rank < merges.size(); ++rank) {
        const auto& [left, right] = merges[rank];
        const auto a = id_of(left), b = id_of(right), merged = id_of(left + right);
        if (!a || !b || !merged)
            return damaged(merges_file,
                           fmt::format("merges {} and {}, which are not in vocab.json", left, right));
        impl->merges[pair_key(*a, *b)] = {rank, *merged};
    }
    const auto start = id_of(std::string(kStart)), end = id_of(std::string(kEnd)),
               pad = id_of(std::string(pad_token));
    if (!start || !end || !pad)
        return damaged(vocab_file, fmt::format("lacks {}, {} or the pad token {}", kStart, kEnd, pad_token));
    impl->start = *start;
    impl->end = *end;
    impl->pad = *pad;
    impl->specials = {{std::string(kStart), *start}, {std::string(kEnd), *end}};
    if (*pad != *end) // a pad token in the text is the pad token: "!" in tokenizer_2
        impl->specials.emplace_back(pad_token, *pad);

    int error = 0;
    PCRE2_SIZE where = 0;
    impl->words.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(kWords), PCRE2_ZERO_TERMINATED,
                                    PCRE2_UTF | PCRE2_UCP, &error, &where, nullptr));
    if (!impl->words)
        return fail(ErrorKind::Internal, "The tokenizer's pattern cannot be compiled (PCRE2 error {}).",
                    error);

    Tokenizer tokenizer;
    tokenizer.impl_ = std::move(impl);
    return tokenizer;
}

std::vector<std::int64_t> Tokenizer::encode(std::string_view text) const {
    std::vector<std::int64_t> ids = {start()};
    while (!text.empty()) {
        std::size_t at = text.npos;
        const std::pair<std::string, std::uint32_t>* special = nullptr;
        for (const auto& candidate : impl_->specials) {
            if (const auto found = text.find(candidate.first); found < at) {
                at = found;
                special = &candidate;
            }
        }
        impl_->add_text(text.substr(0, at), ids);
        if (special == nullptr)
            break;
        ids.push_back(special->second);
        text.remove_prefix(at + special->first.size());
    }
    ids.push_back(end());
    return ids;
}

std::vector<std::int64_t> Tokenizer::encode_padded(std::string_view text, std::size_t length) const {
    std::vector<std::int64_t> ids = encode(text);
    if (ids.size() > length) {
        ids.resize(length);
        if (length > 0)
            ids.back() = end();
    }
    ids.resize(length, pad());
    return ids;
}

std::int64_t Tokenizer::start() const {
    return impl_->start;
}
std::int64_t Tokenizer::end() const {
    return impl_->end;
}
std::int64_t Tokenizer::pad() const {
    return impl_->pad;
}

} // namespace c2c
