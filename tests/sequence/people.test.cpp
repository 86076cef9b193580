#include "core/sequence/people.h"
#include "core/face/align.h"
#include "core/face/embedder.h"
#include "core/image/color.h"
#include "tests/sequence/rig.h"

using namespace c2c;
using namespace c2c::test;

namespace {

/// The people of the test photos, each a photo.
const std::vector<const char*> people = {"astronaut_woman_35.png",
                                         "child_2.jpg",
                                         "girl_14.jpg",
                                         "man_28_1800px.jpg",
                                         "man_38.jpg",
                                         "man_60_1800px.jpg",
                                         "man_75.jpg",
                                         "woman_24.jpg",
                                         "woman_35.jpg",
                                         "woman_55.jpg",
                                         "woman_85.jpg"};

Photo with_color(Image color) {
    Photo photo;
    photo.color = std::move(color);
    return photo;
}

/// A photo of `side` pixels at most, sRGB.
Image picture(const char* name, int side) {
    const Photo photo = value(read_photo(test::photo(name)));
    return fit_within(value(ColorTransform::create(photo)).to_srgb(photo.color), side);
}

std::vector<float> identity_of(const Image& picture) {
    static FaceEmbedder judge = value(FaceEmbedder::judge(models_dir() / "face"));
    const auto scene = value(studio().scene(with_color(picture)));
    if (scene->faces.empty())
        return {};
    return value(judge.embed(arcface_chip(scene->photo->color, scene->faces.front().face.five)));
}

Image rolled(const Image& own, double degrees) {
    const double c = std::cos(degrees * 0.0174533), s = std::sin(degrees * 0.0174533);
    Image turned = own;
    for (int y = 0; y < own.height; ++y)
        for (int x = 0; x < own.width; ++x) {
            const double dx = x - own.width / 2.0, dy = y - own.height / 2.0;
            const int fx = std::clamp(static_cast<int>(own.width / 2.0 + c * dx - s * dy), 0, own.width - 1);
            const int fy =
                std::clamp(static_cast<int>(own.height / 2.0 + s * dx + c * dy), 0, own.height - 1);
            for (int ch = 0; ch < 3; ++ch)
                turned.at(x, y, ch) = own.at(fx, fy, ch);
        }
    return turned;
}

Image noisy(Image image, float sigma) {
    std::mt19937 random(3);
    std::normal_distribution<float> grain(0, sigma);
    for (float& v : image.data)
        v = std::clamp(v + grain(random), 0.0f, 1.0f);
    return image;
}

Image darker(Image image, float gain) {
    for (float& v : image.data)
        v *= gain;
    return image;
}

/// What happens to a face between leaving and coming back.
std::map<std::string, Image> variants(const Image& own) {
    const Image small = resize_area(own, own.width / 3, own.height / 3);
    return {{"rolled by 20 degrees", rolled(own, 20)},
            {"grain of 20", noisy(own, 20 / 255.0f)},
            {"a third of the light", darker(own, 0.33f)},
            {"a third of the size", resize_linear(small, own.width, own.height)},
            {"small, dark, rolled, noisy",
             noisy(darker(rolled(resize_linear(small, own.width, own.height), 12), 0.6f), 6 / 255.0f)}};
}

/// Grey frames with people at places; a face fills about half of its square.
struct Cutout {
    Image image;
    int x = 0;
};
void write_frame(const TempDir& folder, int number, const std::vector<Cutout>& cutouts) {
    Image frame(960, 300, 3);
    std::fill(frame.data.begin(), frame.data.end(), 0.4f);
    for (const Cutout& one : cutouts)
        for (int y = 0; y < one.image.height; ++y)
            for (int i = 0; i < 3 * one.image.width; ++i)
                frame.row(y + 10)[3 * one.x + i] = one.image.row(y)[i];
    value(write_photo(with_color(std::move(frame)), folder / fmt::format("plate.{}.png", number)));
}

/// Which face follows which age in a frame, as the manifest has it.
std::string ages_of(const fs::path& manifest, int frame) {
    std::string ages;
    const auto records = value(read_frame_manifest(manifest));
    for (const FaceRecord& face : records.at(frame).faces)
        ages += fmt::format("{}:{} ", face.face, face.age);
    return ages;
}

} // namespace

TEST_CASE("one person is known again, and no one is taken for another", "[people]") {
    double least = 1, most = -1; // of the same, of strangers
    std::vector<std::vector<float>> own;
    for (const char* name : people) {
        const Image original = picture(name, 400);
        own.push_back(identity_of(original));
        REQUIRE_FALSE(own.back().empty());
        for (const auto& [what, image] : variants(original)) {
            const auto identity = identity_of(image);
            INFO(name << ", " << what);
            if (identity.empty()) // not found: nothing to know again
                continue;
            UNSCOPED_INFO(cosine(own.back(), identity));
            least = std::min(least, cosine(own.back(), identity));
            CHECK(same_person(own.back(), identity));
        }
    }
    for (std::size_t a = 0; a < own.size(); ++a)
        for (std::size_t b = 0; b < a; ++b) {
            INFO(people[a] << " and " << people[b] << ": " << cosine(own[a], own[b]));
            most = std::max(most, cosine(own[a], own[b]));
            CHECK_FALSE(same_person(own[a], own[b]));
        }
    CHECK(least > most + 0.08); // the threshold lies between: what people.cpp says of it
}

TEST_CASE("a face that leaves and comes back has its own curve again, a stranger has not", "[people]") {
    const TempDir plate, out;
    const Image man = picture("man_38.jpg", 280), woman = picture("woman_24.jpg", 280);
    for (int f = 0; f < 22; ++f) {
        std::vector<Cutout> there;
        if (f < 5)
            there = {{man, 10}};
        else if (f >= 13 && f < 18) // he is back elsewhere, darker, and she stands where he stood
            there = {{noisy(darker(man, 0.7f), 6 / 255.0f), 650}, {woman, 60}};
        else if (f >= 18)
            there = {{woman, 60}};
        write_frame(plate, 1001 + f, there);
    }
    Job job{{plate.path().string()},
            {.curves = {{1, value(parse_curve("1:70"))}, {2, value(parse_curve("1:10"))}},
             .output = (out / "a.####.png").string()},
            {.stage = Stage::Draft}};
    value(make(job));
    const fs::path manifest = out / "a.manifest.jsonl";
    CHECK(ages_of(manifest, 1003) == "1:70 ");
    CHECK(ages_of(manifest, 1009).empty());
    CHECK(ages_of(manifest, 1016) == "1:70 2:10 ");
    CHECK(ages_of(manifest, 1021) == "2:10 ");
}

TEST_CASE("after a cut another person at the same place is another person", "[people]") {
    const TempDir plate, out;
    const Image man = picture("man_38.jpg", 280), woman = picture("woman_55.jpg", 280);
    for (int f = 0; f < 12; ++f)
        write_frame(plate, 1001 + f, {{f < 6 ? man : woman, 300}});
    const FrameSource source = value(open_source({plate.path().string()}, 1001));
    const People found = value(find_people(source, out / "tracks.json", {}, studio(), nullptr));
    REQUIRE(found.persons.size() == 2);
    const std::size_t first = found.persons[0].frames[0] ? 0 : 1; // they count from the left
    for (std::size_t f = 0; f < 12; ++f) {
        CHECK(found.persons[first].frames[f].has_value() == (f < 6));
        CHECK(found.persons[1 - first].frames[f].has_value() == (f >= 6));
    }
    // Read from the file as it was found.
    const People again = value(find_people(source, out / "tracks.json", {}, studio(), nullptr));
    CHECK(again.fingerprint == found.fingerprint);
    CHECK(again.persons[1].age == found.persons[1].age);
}
