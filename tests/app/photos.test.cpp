#include "tests/app/cli.h"

#include "core/image/read.h"
#include "core/image/write.h"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

using namespace c2c;
using namespace c2c::test;
namespace fs = std::filesystem;

namespace {

std::vector<nlohmann::json> json_lines(const std::string& text) {
    std::vector<nlohmann::json> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(nlohmann::json::parse(line));
    return lines;
}

std::size_t differing(const Image& a, const Image& b) {
    REQUIRE(a.data.size() == b.data.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < a.data.size(); ++i)
        count += a.data[i] != b.data[i];
    return count;
}

const std::string man = quoted(photo("man_38.jpg"));
const std::string astronaut = quoted(photo("astronaut_woman_35.png"));

} // namespace

TEST_CASE("A photo and an age give a picture beside you, and a line of JSON tells all of it") {
    TempDir dir;
    const Run run = cli(dir, man + " --age 70 --json --seed 7");
    INFO(run.err);
    REQUIRE(run.code == 0);
    const auto lines = json_lines(run.out);
    REQUIRE(lines.size() == 1);
    const auto& line = lines[0];
    CHECK(line["output"] == "./man_38_age070.jpg");
    CHECK(line["age"] == 70);
    CHECK(line["seed"] == 7);
    CHECK(line["model"] == "nano");
    CHECK(line["model_hash"].get<std::string>().size() == 64);
    CHECK(line["gender"] == "male");
    CHECK(line["gender_given"] == false);
    CHECK(line["source_age"].get<double>() == Approx(38).margin(10));
    CHECK(line["box"].size() == 4);
    CHECK(line["identity"].get<double>() > .5);
    CHECK(line["read_back_age"].get<double>() > 30);
    CHECK(line["seconds"]["pass1"].get<double>() > 0);
    CHECK(line["seconds"]["pass2"].get<double>() > 0);
    CHECK(run.err.find("research only") != std::string::npos);

    const Photo before = value(read_photo(photo("man_38.jpg"))),
                after = value(read_photo(dir / "man_38_age070.jpg"));
    CHECK(after.width() == before.width());
    CHECK(after.height() == before.height());
    CHECK(after.metadata.xmp.find("compositeWithTrainedAlgorithmicMedia") != std::string::npos);
    CHECK(after.metadata.xmp.find("research only") != std::string::npos);
}

TEST_CASE("Ages, names, a contact sheet") {
    TempDir dir;
    Run run =
        cli(dir, man + " --ages 30,72.5 --from 38 --gender male --draft -o '{stem}-{age:03}.png' --json");
    INFO(run.err);
    REQUIRE(run.code == 0);
    const auto lines = json_lines(run.out);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0]["source_age"] == 38);
    CHECK(lines[0]["source_age_given"] == true);
    CHECK(lines[0]["stage"] == "draft");
    CHECK(fs::exists(dir / "man_38-030.png"));
    CHECK(fs::exists(dir / "man_38-072.5.png"));

    run = cli(dir, man + " --ages 20:80:30 --sheet --draft");
    INFO(run.err);
    REQUIRE(run.code == 0);
    CHECK(fs::exists(dir / "man_38_sheet.jpg"));
}

TEST_CASE("A batch goes on after a failure and says so at its end") {
    TempDir dir;
    fs::create_directory(dir / "shoot");
    fs::create_symlink(photo("man_38.jpg"), dir / "shoot/a.jpg");
    std::ofstream(dir / "shoot/b.jpg") << "no photo";
    fs::create_symlink(photo("woman_55.jpg"), dir / "shoot/c.jpg");
    const Run run = cli(dir, "shoot --age 60 --draft --json");
    INFO(run.err);
    CHECK(run.code == 8);
    CHECK(json_lines(run.out).size() == 2);
    CHECK(fs::exists(dir / "a_age060.jpg"));
    CHECK(fs::exists(dir / "c_age060.jpg"));
    CHECK(run.err.find("b.jpg") != std::string::npos);
    CHECK(run.err.find("2 written, 1 failed") != std::string::npos);
}

TEST_CASE("At the own age, with no amount, or under a white mask, the photo is left as it is") {
    TempDir dir;
    const Photo before = value(read_photo(photo("astronaut_woman_35.png")));
    Photo white = before;
    std::fill(white.color.data.begin(), white.color.data.end(), 1.0f);
    white.source.clear();
    value(write_photo(white, dir / "white.png"));
    for (const std::string options :
         {"--age 35 --from 35", "--age 70 --amount 0", "--age 70 --protect white.png"}) {
        const Run run = cli(dir, astronaut + " " + options + " --overwrite -o same.png");
        INFO(options << run.err);
        REQUIRE(run.code == 0);
        CHECK(differing(value(read_photo(dir / "same.png")).color, before.color) == 0);
    }
}

TEST_CASE("16 bits with alpha stay, outside the mask bit for bit, and the change comes alone if asked") {
    TempDir dir;
    Photo deep = value(read_photo(photo("astronaut_woman_35.png")));
    deep.depth = Depth::U16;
    deep.source.clear();
    for (std::size_t i = 0; i < deep.color.data.size(); ++i) // values that 8 bits cannot hold
        deep.color.data[i] =
            std::round((deep.color.data[i] * 65535.0f * 31.0f + float(i % 31)) / 32.0f) / 65535.0f;
    deep.alpha = Image(deep.width(), deep.height(), 1, 1.0f / 65535.0f);
    value(write_photo(deep, dir / "deep.png"));

    const Run run = cli(dir, "deep.png --age 70 --delta d_{stem}.exr --matte m_{stem}.png");
    INFO(run.err);
    REQUIRE(run.code == 0);
    const Photo before = value(read_photo(dir / "deep.png")),
                after = value(read_photo(dir / "deep_age070.png"));
    CHECK(after.depth == Depth::U16);
    CHECK(differing(before.alpha, after.alpha) == 0);
    const Photo matte = value(read_photo(dir / "m_deep.png")), delta = value(read_photo(dir / "d_deep.exr"));
    REQUIRE(matte.width() == before.width());
    std::size_t outside = 0, changed_outside = 0, changed_inside = 0;
    bool negative = false;
    for (int y = 0; y < before.height(); ++y)
        for (int x = 0; x < before.width(); ++x) {
            const bool inside = matte.color.at(x, y, 0) > 0;
            const bool changed = before.color.at(x, y, 0) != after.color.at(x, y, 0);
            outside += !inside;
            changed_outside += !inside && changed;
            changed_inside += inside && changed;
            negative |= delta.color.at(x, y, 0) < 0;
        }
    CHECK(outside > 10'000);
    CHECK(changed_outside == 0);
    CHECK(changed_inside > 5'000);
    CHECK(negative); // the delta keeps its sign
}

TEST_CASE("The same command gives the same bytes") {
    TempDir dir;
    for (const std::string name : {"one", "two"}) {
        const Run run = cli(dir, man + " --age 55 -o " + name + ".jpg");
        REQUIRE(run.code == 0);
    }
    // ModifyDate is the only thing that may differ; it follows SOURCE_DATE_EPOCH.
    TempDir dated;
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    for (const std::string name : {"one", "two"})
        REQUIRE(cli(dated, man + " --age 55 --draft -o " + name + ".jpg").code == 0);
    ::unsetenv("SOURCE_DATE_EPOCH");
    CHECK(text_of(dated / "one.jpg") == text_of(dated / "two.jpg"));
    CHECK(differing(value(read_photo(dir / "one.jpg")).color, value(read_photo(dir / "two.jpg")).color) == 0);
}

TEST_CASE("Every face, or the one that is asked for") {
    TempDir dir;
    const std::string group = quoted(photo("group_of_four.jpg"));
    Run run = cli(dir, group + " --age 70 --draft --faces all --json -o all.png");
    INFO(run.err);
    REQUIRE(run.code == 0);
    CHECK(json_lines(run.out)[0]["faces"].size() == 4);
    run = cli(dir, group + " --age 70 --draft --faces 2 --json -o two.png");
    INFO(run.err);
    REQUIRE(run.code == 0);
    const auto line = json_lines(run.out)[0];
    CHECK(line["face"] == 2);
    // Face 2 from the left lies in the second quarter; the first quarter is untouched.
    const Photo before = value(read_photo(photo("group_of_four.jpg"))),
                after = value(read_photo(dir / "two.png"));
    std::size_t left = 0, there = 0;
    for (int y = 0; y < before.height(); ++y)
        for (int x = 0; x < before.width(); ++x) {
            const bool changed = before.color.at(x, y, 1) != after.color.at(x, y, 1);
            left += changed && x < before.width() / 5;
            there += changed && x > before.width() / 4 && x < before.width() / 2 + 100;
        }
    CHECK(left == 0);
    CHECK(there > 1000);
}

TEST_CASE("An aligned crop with given noise gives the network's picture") {
    TempDir dir;
    const Run run =
        cli(dir, quoted(data("nano/crop.png")) + " --aligned --age 75 --from 38 --gender male -o out.png");
    INFO(run.err);
    REQUIRE(run.code == 0);
    const Photo out = value(read_photo(dir / "out.png"));
    CHECK(out.width() == 224);
    CHECK(cli(dir, quoted(photo("man_38.jpg")) + " --aligned --age 75 --from 38").code == 3); // not a crop
}

TEST_CASE("info tells faces, profile and depth") {
    TempDir dir;
    const Run run = cli(dir, "info --json " + quoted(photo("group_of_four.jpg")));
    INFO(run.err);
    REQUIRE(run.code == 0);
    const auto line = json_lines(run.out)[0];
    CHECK(line["faces"].size() == 4);
    CHECK(line["depth"] == "8-bit");
    CHECK(cli(dir, "info nothing.jpg").code == 3);
}
