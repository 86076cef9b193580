#include "core/sequence/plan.h"
#include "tests/support.h"

#include <fstream>

using namespace c2c;
using c2c::test::TempDir;
using c2c::test::value;
namespace fs = std::filesystem;

namespace {

std::vector<FaceCurve> curve(const char* text) {
    return {{0, value(parse_curve(text))}};
}

FrameSource photo() {
    return value(open_source({test::photo("man_38.jpg").string()}, 1001));
}

/// Files that only need names.
void touch_plate(const TempDir& folder, std::vector<int> numbers) {
    for (const int number : numbers)
        std::ofstream(folder / fmt::format("plate.{:04}.exr", number)) << "x";
}

} // namespace

TEST_CASE("a photo's frames are its curve's, from 1001") {
    const auto plan = value(
        plan_sequence(photo(), {.curves = curve("1:20,48:70:ease,96:80"), .output = "o/{stem}.####.png"}));
    REQUIRE(plan.frames.size() == 96);
    CHECK(plan.frames.front().file == "o/man_38.1001.png");
    CHECK(plan.frames.back().file == "o/man_38.1096.png");
    CHECK(plan.frames.front().ages.at(0) == 20);
    CHECK(plan.frames[47].ages.at(0) == 70);
    CHECK(plan.frames.back().ages.at(0) == 80);
    CHECK(plan.manifest == "o/man_38.manifest.jsonl");
    CHECK(plan.whole == WholeFile::None);

    const auto own = value(plan_sequence(photo(), {.curves = curve("101:20,110:30"), .output = "o/a.#.png"}));
    CHECK(own.frames.front().file == "o/a.101.png");
    CHECK(own.frames.front().ages.at(0) == 20);
    const auto start =
        value(plan_sequence(photo(), {.curves = curve("1:20,101:70"), .output = "o/a.#.png", .start = 50}));
    CHECK(start.frames.front().file == "o/a.050.png");
    CHECK(start.frames.back().file == "o/a.150.png");
    CHECK(start.frames[50].ages.at(0) == 45);
}

TEST_CASE("frames and shards are parts of the same job") {
    PlanOptions options{.curves = curve("1:20,100:80"), .output = "o/a.####.png"};
    const auto all = value(plan_sequence(photo(), options));
    options.frames = value(parse_frames("1011-1020x3"));
    const auto part = value(plan_sequence(photo(), options));
    REQUIRE(part.frames.size() == 4);
    CHECK(part.frames[1].file == all.frames[13].file);
    CHECK(part.frames[1].ages == all.frames[13].ages);
    CHECK(part.total == 100);
    CHECK(part.manifest == "o/a.1011-1020.manifest.jsonl");

    options.frames.reset();
    options.shard = Shard{2, 3};
    const auto shard = value(plan_sequence(photo(), options));
    CHECK(shard.frames.size() == 33);
    CHECK(shard.frames.front().file == all.frames[33].file);
    CHECK(shard.manifest == "o/a.2of3.manifest.jsonl");

    options.shard.reset();
    options.frames = std::vector<std::int64_t>{1101};
    const auto outside = plan_sequence(photo(), options);
    REQUIRE_FALSE(outside);
    CHECK_THAT(outside.error().text, Catch::Contains("no frame 1101; the source has 1001 to 1100"));
}

TEST_CASE("a plate keeps its numbers, however it is named") {
    const TempDir folder;
    touch_plate(folder, {1003, 1001, 1002, 1005});
    for (const auto& input : {folder.path().string(), (folder / "plate.####.exr").string(),
                              (folder / "plate.%04d.exr").string(), (folder / "plate.@.exr").string()}) {
        INFO(input);
        const auto source = value(open_source({input}, 1));
        CHECK(source.kind == FrameSource::Kind::Plate);
        CHECK(source.numbers == std::vector<std::int64_t>{1001, 1002, 1003, 1005});
        CHECK(source.stem == "plate");
        CHECK(source.files[3].filename() == "plate.1005.exr");
    }
    const auto source = value(open_source({folder.path().string()}, 1));
    const auto plan = value(plan_sequence(
        source, {.curves = curve("1001:20,1005:60"), .output = (folder / "aged.####.{ext}").string()}));
    CHECK(plan.frames[1].ages.at(0) == 30);
    CHECK(plan.frames[3].file == folder / "aged.1005.exr");
    CHECK(plan.notes.empty());
    // A curve from 1 is meant from the plate's first frame; that is told.
    const auto shifted = value(
        plan_sequence(source, {.curves = curve("1:20,5:60"), .output = (folder / "aged.####.exr").string()}));
    CHECK(shifted.frames[1].ages.at(0) == 30);
    CHECK(shifted.notes.size() == 1);

    const auto hole = plan_sequence(
        source,
        {.curves = curve("1:20"), .output = "x.####.exr", .frames = value(parse_frames("1001-1005"))});
    REQUIRE_FALSE(hole);
    CHECK_THAT(hole.error().text, Catch::Contains("no frame 1004"));
    const auto over =
        plan_sequence(source, {.curves = curve("1:20"), .output = (folder / "plate.####.exr").string()});
    REQUIRE_FALSE(over);
    CHECK_THAT(over.error().text, Catch::Contains("source itself"));
    const auto twice =
        plan_sequence(source, {.curves = curve("1:20"), .output = "x.####.exr", .delta = "./x.####.exr"});
    REQUIRE_FALSE(twice);
    CHECK_THAT(twice.error().text, Catch::Contains("written twice"));
}

TEST_CASE("inputs that make no job are refused in words") {
    const TempDir folder;
    CHECK_FALSE(open_source({}, 1));
    CHECK_FALSE(open_source({folder.path().string()}, 1));
    CHECK_FALSE(open_source({(folder / "none.####.exr").string()}, 1));
    CHECK_FALSE(open_source({(folder / "a.mov").string()}, 1));
    CHECK_FALSE(open_source({test::photo("man_38.jpg").string(), "b.mov"}, 1));
    touch_plate(folder, {1, 2});
    std::ofstream(folder / "other.0001.exr") << "x";
    const auto twice = open_source({folder.path().string()}, 1);
    REQUIRE_FALSE(twice);
    CHECK_THAT(twice.error().text, Catch::Contains("same frame number"));
    CHECK_FALSE(plan_sequence(photo(), {.curves = curve("1:20"), .output = "a.png"}));
    CHECK_FALSE(plan_sequence(photo(), {.curves = curve("1:20"), .output = "a.mov", .shard = Shard{1, 2}}));
    CHECK(value(plan_sequence(photo(), {.curves = curve("1:20,9:30"), .output = "{stem}.mov"})).file ==
          "man_38.mov");
    CHECK(value(plan_sequence(photo(), {.curves = curve("1:20,9:30"), .output = "a.####.webp"})).whole ==
          WholeFile::None);
    CHECK(value(plan_sequence(photo(), {.curves = curve("1:20,9:30"), .output = "a.webp"})).whole ==
          WholeFile::Animation);
}
