#include "core/sequence/colorspace.h"
#include "core/image/read.h"
#include "tests/support.h"

#include <cmath>
#include <cstdlib>
#include <fstream>

using namespace c2c;
using c2c::test::TempDir;
using c2c::test::value;

namespace {

/// A configuration with sRGB, its linear light, and a "camera" of other primaries and a power curve.
struct Config {
    TempDir folder;
    Config() {
        std::ofstream(folder / "config.ocio") << R"(ocio_profile_version: 2
roles: {default: raw, scene_linear: lin709}
file_rules: [!<Rule> {name: Default, colorspace: default}]
displays: {sRGB: [!<View> {name: Raw, colorspace: raw}]}
colorspaces:
  - !<ColorSpace> {name: raw, isdata: true}
  - !<ColorSpace> {name: lin709}
  - !<ColorSpace>
    name: sRGB - Texture
    to_scene_reference: !<ExponentWithLinearTransform> {gamma: 2.4, offset: 0.055, direction: forward}
  - !<ColorSpace>
    name: camera
    to_scene_reference: !<GroupTransform>
      children:
        - !<ExponentTransform> {value: [2, 2, 2, 1]}
        - !<MatrixTransform> {matrix: [1.5, -0.4, -0.1, 0, -0.1, 1.3, -0.2, 0, 0, -0.1, 1.1, 0, 0, 0, 0, 1]}
)";
        ::setenv("OCIO", (folder / "config.ocio").c_str(), 1);
    }
    ~Config() { ::unsetenv("OCIO"); }
};

} // namespace

TEST_CASE("a plate in a camera's space is seen as sRGB, and its change comes back") {
    const Config config;
    const PlateSpace space = value(PlateSpace::create("camera"));
    Photo plate;
    plate.color = Image(4, 2, 3, 0.6f);
    plate.linear = true;
    plate.depth = Depth::F16;
    plate.color.at(3, 1, 0) = 5.0f; // a highlight
    const Photo seen = space.to_srgb(plate);
    CHECK_FALSE(seen.linear);
    const double linear = 0.36 * (1.5 - 0.4 - 0.1); // by hand: power 2, first matrix row
    CHECK(seen.color.at(0, 0, 0) == Approx(1.055 * std::pow(linear, 1 / 2.4) - 0.055).margin(1e-4));

    Image aged = seen.color;
    aged.at(1, 0, 0) += 0.1f;
    aged.at(3, 1, 1) += 0.05f;
    Photo result = plate;
    space.apply_change(seen.color, aged, result.color);
    for (int x : {0, 2, 3})
        for (int c = 0; c < 3; ++c)
            CHECK(result.color.at(x, 0, c) == plate.color.at(x, 0, c)); // untouched, bit for bit
    Photo check = plate;
    check.color = result.color;
    const Photo again = space.to_srgb(check);
    for (int c = 0; c < 3; ++c)
        CHECK(again.color.at(1, 0, c) == Approx(aged.at(1, 0, c)).margin(2e-4));
    CHECK(result.color.at(3, 1, 0) > 4.5f); // the highlight keeps its excess
}

TEST_CASE("a space that is not there is refused with those that are") {
    const Config config;
    const auto wrong = PlateSpace::create("ACEScg");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().kind == ErrorKind::Usage);
    CHECK_THAT(wrong.error().text, Catch::Contains("camera"));
}
