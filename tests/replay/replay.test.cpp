#include "core/replay/brush.h"
#include "core/replay/session_file.h"
#include "tests/support.h"

#include <fstream>

using namespace c2c;
using Catch::Matchers::Contains;

namespace {

SessionFile sample(const std::filesystem::path& folder) {
    SessionFile session;
    session.photo = folder / "photos" / "Großmutter.jpg";
    session.model = "/opt/models/mine";
    session.age = 33.4;
    session.look = {2, 38.25, Gender::Female, 1.4, true, true, 0xfedcba9876543210u, {}};
    session.look.protect = {
        true, false, true, false, {{12.5, .25, false, {{1, 2}, {3.5, 4}}}, {3, 1, true, {{9, 9}}}}};
    session.face_box = Box{10, 20, 30, 40};
    return session;
}

void write_text(const std::filesystem::path& file, std::string_view text) {
    std::ofstream(file, std::ios::binary) << text;
}

} // namespace

TEST_CASE("A session comes back as it was written, its photo found relative to it", "[session-file]") {
    test::TempDir folder;
    const SessionFile session = sample(folder.path());
    test::value(write_session(session, folder / "a.c2c"));

    const SessionFile back = test::value(read_session(folder / "a.c2c"));
    REQUIRE(back.photo == session.photo);
    REQUIRE(back.model == session.model);
    REQUIRE(back.look == session.look);
    REQUIRE(back.age == session.age);
    REQUIRE(back.face_box.has_value());
    REQUIRE(back.face_box->height == 40);

    // Photo and session moved together still belong together.
    std::filesystem::create_directories(folder / "elsewhere");
    std::filesystem::rename(folder / "a.c2c", folder / "elsewhere/a.c2c");
    REQUIRE(test::value(read_session(folder / "elsewhere/a.c2c")).photo ==
            folder / "elsewhere" / "photos" / "Großmutter.jpg");
}

TEST_CASE("What is no session is told in one sentence that names the file", "[session-file]") {
    test::TempDir folder;
    const auto file = folder / "bad.c2c";
    const std::string text = GENERATE(
        R"()", R"(nonsense)", R"([])", R"({"photo": "a.jpg"})", R"({"cradle2cane_session": 1})",
        R"({"cradle2cane_session": 9, "photo": "a.jpg"})", R"({"cradle2cane_session": 1, "photo": 3})",
        R"({"cradle2cane_session": 1, "photo": "a.jpg", "age": 200})",
        R"({"cradle2cane_session": 1, "photo": "a.jpg", "mode": "melt"})",
        R"({"cradle2cane_session": 1, "photo": "a.jpg", "protect": {"strokes": [{"points": [[1]]}]}})");
    write_text(file, text);
    const auto session = read_session(file);
    REQUIRE_FALSE(session);
    REQUIRE(session.error().kind == ErrorKind::Input);
    REQUIRE_THAT(session.error().text, Contains("bad.c2c"));
    REQUIRE_FALSE(read_session(folder / "missing.c2c"));
}

TEST_CASE("Absent keys of a session take their defaults", "[session-file]") {
    test::TempDir folder;
    write_text(folder / "short.c2c",
               R"({"cradle2cane_session": 1, "photo": "a.jpg", "age": 61, "future": []})");
    const SessionFile session = test::value(read_session(folder / "short.c2c"));
    REQUIRE(session.age == 61);
    REQUIRE(session.look == Look{});
    REQUIRE(session.model.empty());
}

TEST_CASE("The brush covers, fades at its edge, and the eraser takes away", "[brush]") {
    Image mask(40, 30, 1);
    paint({8, .5, false, {{10, 15}, {25, 15}}}, mask);
    REQUIRE(mask.at(10, 15) == 1);
    REQUIRE(mask.at(18, 18) == 1); // the line between the points, within half the radius
    REQUIRE(mask.at(18, 21) > 0);
    REQUIRE(mask.at(18, 21) < 1);
    REQUIRE(mask.at(18, 23) == 0);
    paint({4, 1, true, {{18, 15}}}, mask);
    REQUIRE(mask.at(18, 15) == 0);
    REQUIRE(mask.at(10, 15) == 1);
    paint({1000, 1, false, {{-500, -500}}}, mask); // far outside: clipped, not written outside of the mask
    REQUIRE(mask.at(0, 0) == 1);
}

TEST_CASE("Strokes painted into a part of the photo are those painted into all of it", "[brush]") {
    const std::vector<Stroke> strokes = {{6, .5, false, {{20, 12}, {30, 25}}}, {3, 1, true, {{25, 18}}}};
    Image whole(60, 40, 1);
    for (const Stroke& stroke : strokes)
        paint(stroke, whole);
    const Rect rect = stroke_bounds(strokes, 60, 40);
    REQUIRE(rect.width < 60);
    Image part(rect.width, rect.height, 1);
    for (const Stroke& stroke : strokes)
        paint(stroke, part, rect.x, rect.y);
    float outside = 0;
    for (int y = 0; y < 40; ++y)
        for (int x = 0; x < 60; ++x)
            if (x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height)
                REQUIRE(whole.at(x, y) == part.at(x - rect.x, y - rect.y));
            else
                outside += whole.at(x, y);
    REQUIRE(outside == 0);
    REQUIRE(stroke_bounds({}, 60, 40).empty());
    REQUIRE(stroke_bounds({{2, 1, false, {{-50, -50}}}}, 60, 40).empty());
}
