#include "core/weights/tokenizer.h"

#include "tests/support.h"

#include <nlohmann/json.hpp>

#include <fstream>

using namespace c2c;
using namespace c2c::test;
using Catch::Matchers::Contains;
using Ids = std::vector<std::int64_t>;

namespace {

std::uint32_t fnv1a(const Ids& ids) {
    std::uint32_t hash = 2166136261u;
    for (const std::int64_t id : ids)
        for (int byte = 0; byte < 4; ++byte)
            hash = (hash ^ static_cast<std::uint8_t>(id >> (8 * byte))) * 16777619u;
    return hash;
}

} // namespace

TEST_CASE("tokenizer: equal to transformers on more than 2,000 strings, for both of SDXL's tokenizers") {
    const auto first = value(Tokenizer::load(data("clip_tokenizer")));
    const auto second = value(Tokenizer::load(data("clip_tokenizer"), "!"));
    std::ifstream lines(data("clip_tokenizer/strings.txt"));
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const auto text = nlohmann::json::parse(line.substr(9)).get<std::string>();
        Ids ids;
        for (const Tokenizer& tokenizer : {first, second}) {
            for (const Ids& part : {tokenizer.encode(text), tokenizer.encode_padded(text)})
                ids.insert(ids.end(), part.begin(), part.end());
        }
        INFO(line.substr(9));
        CHECK(fmt::format("{:08x}", fnv1a(ids)) == line.substr(0, 8));
    }
    CHECK(count >= 2000);
}

TEST_CASE("tokenizer: known tokens, pads and the cut") {
    const auto tokenizer = value(Tokenizer::load(data("clip_tokenizer")));
    CHECK(tokenizer.start() == 49406);
    CHECK(tokenizer.end() == 49407);
    CHECK(tokenizer.pad() == 49407);
    CHECK(tokenizer.encode("") == Ids{49406, 49407});
    CHECK(tokenizer.encode("hi ! there") == Ids{49406, 1883, 256, 997, 49407});
    CHECK(tokenizer.encode_padded("hi", 5) == Ids{49406, 1883, 49407, 49407, 49407});
    CHECK(tokenizer.encode_padded("hi there hi there", 4) == Ids{49406, 1883, 997, 49407});

    const auto second = value(Tokenizer::load(data("clip_tokenizer"), "!"));
    CHECK(second.pad() == 0);
    CHECK(second.encode_padded("hi ! there", 7) == Ids{49406, 1883, 0, 997, 49407, 0, 0});

    CHECK(tokenizer.encode("\xff\xfe") == tokenizer.encode("\xef\xbf\xbd\xef\xbf\xbd")); // not UTF-8
    CHECK(tokenizer.encode(std::string(200'000, 'a')).size() > 1000); // a word without end is no trap
}

TEST_CASE("tokenizer: the pad token comes from the folder's own files, faults are said") {
    const TempDir folder;
    CHECK_THAT(Tokenizer::load(folder.path()).error().text, Contains("merges.txt is missing"));
    std::filesystem::copy(data("clip_tokenizer/merges.txt"), folder / "merges.txt");
    CHECK(value(Tokenizer::load(folder.path())).pad() == 49407);
    std::ofstream(folder / "special_tokens_map.json") << R"({"pad_token": {"content": "!"}})";
    CHECK(value(Tokenizer::load(folder.path())).pad() == 0);
    std::ofstream(folder / "tokenizer_config.json") << R"({"pad_token": "<|endoftext|>"})";
    CHECK(value(Tokenizer::load(folder.path())).pad() == 49407);
    std::ofstream(folder / "tokenizer_config.json") << R"({"pad_token": "no such token"})";
    CHECK_THAT(Tokenizer::load(folder.path()).error().text, Contains("no such token"));
    std::ofstream(folder / "vocab.json") << "{";
    CHECK_THAT(Tokenizer::load(folder.path()).error().text, Contains("vocab.json cannot be read"));
    std::ofstream(folder / "vocab.json") << R"({"!": 0})";
    CHECK_THAT(Tokenizer::load(folder.path()).error().text, Contains("vocab.json lacks"));
    std::filesystem::remove(folder / "vocab.json");
    std::ofstream(folder / "merges.txt") << "#version: 0.2\ni n\nwhat is this\n";
    CHECK_THAT(Tokenizer::load(folder.path()).error().text, Contains("merges.txt has a line"));
}
