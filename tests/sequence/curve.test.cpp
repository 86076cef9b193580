#include "core/sequence/curve.h"
#include "core/sequence/frames.h"
#include "tests/support.h"

#include <fstream>

using namespace c2c;
using c2c::test::TempDir;
using c2c::test::value;

namespace {

std::filesystem::path file_of(const TempDir& folder, const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return folder / name;
}

std::string refusal(std::string_view curve) {
    const auto result = parse_curve(curve);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Usage);
    return result.error().text;
}

} // namespace

TEST_CASE("an age curve: linear, ease, hold, and still outside its keys") {
    const AgeCurve curve = value(parse_curve("1:38,48:70:ease,96:70, 100:20:hold ,110:25"));
    REQUIRE(curve.keys.size() == 5);
    CHECK(curve.value(-10) == 38);
    CHECK(curve.value(1) == 38);
    CHECK(curve.value(24.5) == Approx(54)); // the middle of an ease is the middle
    CHECK(curve.value(1 + 47 * 0.25) == Approx(38 + 32 * 0.15625));
    CHECK(curve.value(48) == 70);
    CHECK(curve.value(72) == 70);
    CHECK(curve.value(99.99) == 70);
    CHECK(curve.value(100) == 20);
    CHECK(curve.value(105) == 22.5);
    CHECK(curve.value(1e6) == 25);
}

TEST_CASE("neighbouring frames get real ages, without a step") {
    const AgeCurve curve = value(parse_curve("1001:33,1011:37"));
    CHECK(curve.value(1001) == 33.0);
    CHECK(curve.value(1002) == Approx(33.4));
    const AgeCurve eased = value(parse_curve("1:20,97:80:ease"));
    for (int frame = 1; frame < 97; ++frame) {
        const double step = eased.value(frame + 1) - eased.value(frame);
        CHECK(step > 0);
        CHECK(step < 60 * 1.5 / 96 + 1e-9); // smoothstep's steepest slope is 1.5
    }
}

TEST_CASE("curves come back from their text, JSON and CSV") {
    const TempDir folder;
    const AgeCurve curve = value(parse_curve("96:70,1:38.5,48:70:ease,97:20:hold"));
    const auto same = [&](const AgeCurve& other) {
        REQUIRE(other.keys.size() == curve.keys.size());
        for (double frame = 0; frame < 100; frame += 0.5)
            CHECK(other.value(frame) == curve.value(frame));
    };
    CHECK(curve_text(curve) == "1:38.5,48:70:ease,96:70,97:20:hold");
    same(value(parse_curve(curve_text(curve))));
    same(value(read_curve(file_of(folder, "a.json", curve_json(curve)))));
    same(value(read_curve(
        file_of(folder, "b.csv", "frame,age,segment\n1,38.5\n48,70,ease\n# rest\n96,70,\n97,20,hold\n"))));
    same(value(read_curve(file_of(folder, "c.txt",
                                  "\xef\xbb\xbf"
                                  "Bild;Alter;\r\n1;38,5;linear\r\n48;70;ease\r\n96;70\r\n97;20;hold"))));
    same(value(curve_argument((folder / "a.json").string())));
    same(value(curve_argument((folder / "c.txt").string())));
    same(value(curve_argument(curve_text(curve))));
}

TEST_CASE("a bad curve is refused in a sentence") {
    CHECK_THAT(refusal(""), Catch::Contains("not a key"));
    CHECK_THAT(refusal("1:38,48"), Catch::Contains("\"48\" is not a key"));
    CHECK_THAT(refusal("1:38,48:abc"), Catch::Contains("\"abc\" in \"48:abc\" is not a number"));
    CHECK_THAT(refusal("1:38,48:70:bounce"), Catch::Contains("linear, ease or hold"));
    CHECK_THAT(refusal("1:38,1:40"), Catch::Contains("two keys at frame 1"));
    CHECK_THAT(refusal("1:-3"), Catch::Contains("0 to 100"));
    CHECK_THAT(refusal("1:100.5"), Catch::Contains("0 to 100"));
    CHECK_THAT(refusal("1:nan"), Catch::Contains("not a number"));
    CHECK_THAT(refusal("inf:3"), Catch::Contains("not a number"));
    CHECK_THAT(refusal("1e300:3"), Catch::Contains("sensible"));

    const TempDir folder;
    const auto error = [&](const std::string& name, const std::string& text) {
        const auto result = read_curve(file_of(folder, name, text));
        REQUIRE_FALSE(result);
        CHECK_THAT(result.error().text, Catch::Contains(name));
        return result.error().text;
    };
    CHECK_THAT(error("e.csv", ""), Catch::Contains("at least one key"));
    CHECK_THAT(error("d.json", "{\"keys\": [{\"frame\": 1}]}"), Catch::Contains("key 1"));
    CHECK_THAT(error("f.json", "{\"keys\": [{\"frame\": 1,"), Catch::Contains("not JSON"));
    CHECK_THAT(error("g.json", "{\"keys\": [{\"frame\": 1, \"age\": 3, \"segment\": 4}]}"),
               Catch::Contains("linear"));
    CHECK_FALSE(curve_argument((folder / "missing.json").string()));
    CHECK_FALSE(read_curve(folder.path()));
}

TEST_CASE("ranges of frames") {
    using Frames = std::vector<std::int64_t>;
    CHECK(value(parse_frames("1001-1004")) == Frames{1001, 1002, 1003, 1004});
    CHECK(value(parse_frames("1001-1006x2")) == Frames{1001, 1003, 1005});
    CHECK(value(parse_frames("7")) == Frames{7});
    CHECK(value(parse_frames("5-6,1,5-7")) == Frames{5, 6, 1, 7});
    for (const char* bad :
         {"", "a", "1-", "-5", "1-2x0", "1-2x", "1-2x-1", "4-1", "1,,2", "1-9999999999", "0-5000000"}) {
        INFO(bad);
        const auto result = parse_frames(bad);
        REQUIRE_FALSE(result);
        CHECK(result.error().kind == ErrorKind::Usage);
    }
}

TEST_CASE("shards are the whole, once") {
    const auto frames = value(parse_frames("1001-1100x3"));
    for (int count : {1, 2, 3, 7, 34, 50}) {
        std::vector<std::int64_t> together;
        std::size_t least = 1000, most = 0;
        for (int index = 1; index <= count; ++index) {
            const auto part = shard_frames(frames, {index, count});
            least = std::min(least, part.size());
            most = std::max(most, part.size());
            together.insert(together.end(), part.begin(), part.end());
        }
        CHECK(together == frames);
        CHECK(most - least <= 1);
    }
    CHECK(value(parse_shard("2/8")).index == 2);
    for (const char* bad : {"", "3", "0/4", "5/4", "a/b", "1/0", "1/2/3", "-1/2"})
        CHECK_FALSE(parse_shard(bad));
}
