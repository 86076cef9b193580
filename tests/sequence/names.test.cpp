#include "core/sequence/names.h"
#include "tests/support.h"

#include <fstream>

using namespace c2c;
using c2c::test::TempDir;
using c2c::test::value;

TEST_CASE("a still's tokens") {
    const NameFields fields{.stem = "man_38", .ext = "jpg", .age = 70.0, .face = 2};
    CHECK(expand_name("./{stem}_age{age:03}.{ext}", fields) == "./man_38_age070.jpg");
    CHECK(expand_name("{stem}-{age}-{face:02}.png", fields) == "man_38-70-02.png");
    CHECK(expand_name("me@home/#1/{stem}.png", fields) == "me@home/#1/man_38.png");
    CHECK(expand_name("50%d@x#.png", fields) == "50%d@x#.png"); // no frames: no frame tokens
    CHECK(expand_name("{nonsense}{", fields) == "{nonsense}{");
}

TEST_CASE("real ages keep their decimals, and the padding counts the whole part") {
    NameFields fields{.stem = "s", .ext = "png", .age = 33.4};
    CHECK(expand_name("{age} {age:03} {age:03.1} {age:3.2}", fields) == "33.4 033.4 033.4 033.40");
    fields.age = 5;
    CHECK(expand_name("{age} {age:03} {age:03.1}", fields) == "5 005 005.0");
    fields.age = 100;
    CHECK(expand_name("{age} {age:02}", fields) == "100 100");
    fields.age = 20.631578;
    CHECK(expand_name("{age}", fields) == "20.63");
    fields.age = 0.001;
    CHECK(expand_name("{age} {age:03}", fields) == "0 000");
}

TEST_CASE("a stem that looks like a token is not expanded again") {
    CHECK(expand_name("{stem}.png", {.stem = "{age}####", .age = 3.0, .frame = 7}) == "{age}####.png");
}

TEST_CASE("every spelling of the frame number") {
    const NameFields fields{.stem = "a", .ext = "exr", .frame = 1007, .frame_width = 4};
    for (const char* pattern :
         {"o/{stem}.####.exr", "o/{stem}.%04d.exr", "o/{stem}.$F4.exr", "o/{stem}.@.exr", "o/{stem}.#.{ext}",
          "o/{stem}.%d.exr", "o/{stem}.$F.exr", "o/{stem}.{frame:04}.exr", "o/{stem}.@@@@.exr"})
        CHECK(expand_name(pattern, fields) == "o/a.1007.exr");
    CHECK(expand_name("a.######.exr", fields) == "a.001007.exr");
    CHECK(expand_name("a.#.exr", {.frame = 7, .frame_width = frame_width(120)}) == "a.007.exr");
    CHECK(expand_name("shot.####/a.####.exr", fields) == "shot.####/a.1007.exr");
    CHECK(frame_width(1001) == 4);
    CHECK(frame_width(99999) == 5);
}

TEST_CASE("patterns that cannot work are refused in words") {
    CHECK(check_name_pattern("{stem}.####.png", NameUse::Sequence));
    CHECK(check_name_pattern("{stem}_####.{ext}", NameUse::Sequence));
    CHECK(check_name_pattern("{age}/{stem}.@.png", NameUse::Sequence));
    CHECK(check_name_pattern("out.mov", NameUse::Movie));
    const auto refused = [](const char* pattern, NameUse use, const char* says) {
        const auto result = check_name_pattern(pattern, use);
        REQUIRE_FALSE(result);
        CHECK(result.error().kind == ErrorKind::Usage);
        CHECK_THAT(result.error().text, Catch::Contains(says));
    };
    refused("", NameUse::Still, "names no file");
    refused("out/", NameUse::Sequence, "names no file");
    refused("{stem}.png", NameUse::Sequence, "no frame number");
    refused("a.####.v2.png", NameUse::Sequence, "last before the suffix");
    refused("####_{stem}.png", NameUse::Sequence, "last before the suffix");
    refused("####", NameUse::Sequence, "last before the suffix");
    refused("a.####.####.png", NameUse::Sequence, "one frame number");
    refused("{stm}.####.png", NameUse::Sequence, "{stm} in the output");
    refused("{age:3x}.png", NameUse::Still, "{age:3x}");
    refused("{stem:3}.png", NameUse::Still, "{stem:3}");
    refused("a.####.mov", NameUse::Movie, "one movie");
}

TEST_CASE("planned names: first, last, collisions and the source") {
    const TempDir folder;
    const auto source = folder / "plate.1001.png";
    std::ofstream(source) << "x";
    std::vector<NameFields> frames;
    for (int frame = 1001; frame <= 1100; ++frame)
        frames.push_back({.stem = "plate", .ext = "png", .age = 20.0, .frame = frame, .frame_width = 4});
    const std::vector<std::filesystem::path> sources = {source};

    const auto names =
        value(plan_names((folder / "aged.####.png").string(), NameUse::Sequence, frames, sources));
    REQUIRE(names.size() == 100);
    CHECK(names.front() == folder / "aged.1001.png");
    CHECK(names.back() == folder / "aged.1100.png");

    const auto over = plan_names((folder / "plate.####.png").string(), NameUse::Sequence, frames, sources);
    REQUIRE_FALSE(over);
    CHECK_THAT(over.error().text, Catch::Contains("source itself"));
    // The same file by another way.
    CHECK_FALSE(plan_names((folder / "new/../plate.####.png").string(), NameUse::Sequence, frames, sources));
    std::filesystem::create_symlink(folder.path(), folder / "link");
    CHECK_FALSE(plan_names((folder / "link/plate.####.png").string(), NameUse::Sequence, frames, sources));
    std::filesystem::create_symlink(source, folder / "aged.1050.png");
    CHECK_FALSE(plan_names((folder / "aged.####.png").string(), NameUse::Sequence, frames, sources));

    const auto twice = plan_names((folder / "{stem}_{age}.png").string(), NameUse::Still, frames, sources);
    REQUIRE_FALSE(twice);
    CHECK_THAT(twice.error().text, Catch::Contains("two results"));
}

TEST_CASE("the number of a file of a sequence") {
    const auto name = numbered_name("shots/plate_v2.1001.exr");
    REQUIRE(name);
    CHECK(name->head == "plate_v2.");
    CHECK(name->frame == 1001);
    CHECK(name->digits == 4);
    CHECK(name->suffix == ".exr");
    CHECK(name->stem() == "plate_v2");
    CHECK(numbered_name("0007.png")->stem().empty());
    CHECK_FALSE(numbered_name("portrait.png"));
    CHECK_FALSE(numbered_name("p.99999999999999999999.png"));
}
