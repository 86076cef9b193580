#include "core/aging/ager.h"
#include "core/base/files.h"
#include "core/image/color.h"
#include "core/image/read.h"
#include "core/image/resample.h"
#include "core/weights/safetensors.h"
#include "tests/support.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <fstream>

using namespace c2c;
namespace fs = std::filesystem;

namespace {

Image reference_crop() {
    const Photo photo = test::value(read_photo(test::data("nano/crop.png")));
    return test::value(ColorTransform::create(photo)).to_srgb(photo.color);
}

/// Any 112x112 face serves where only the draft, or a comparison of like with like, is asked for.
Image some_chip() {
    return resize_area(reference_crop(), 112, 112);
}

std::vector<float> floats(const TensorFile& file, const std::string& name) {
    const TensorView& view = file.tensors.at(name);
    REQUIRE(view.type == DType::F32);
    std::vector<float> values(view.bytes.size() / sizeof(float));
    std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
    return values;
}

Ager& nano() {
    // The reference is fp32's; what --precision auto takes is held against it in studio.test.cpp.
    static Ager ager = test::value(Ager::load(models_dir() / "nano", {.precision = Precision::Fp32}));
    return ager;
}

PortraitSettings man_of_38() {
    PortraitSettings settings;
    settings.source_age = 38;
    settings.crossfade = 0;
    return settings;
}

double largest(const Image& image) {
    double value = 0;
    for (const float x : image.data)
        value = std::max(value, std::abs(double(x)));
    return value;
}

struct Difference {
    double mean = 0, max = 0;
};
Difference difference(const Image& a, const Image& b) {
    REQUIRE(a.data.size() == b.data.size());
    Difference d;
    for (std::size_t i = 0; i < a.data.size(); ++i) {
        const double x = std::abs(double(a.data[i]) - double(b.data[i]));
        d.mean += x / double(a.data.size());
        d.max = std::max(d.max, x);
    }
    return d;
}

/// models/nano with one file replaced by a private copy that the test may damage.
fs::path damaged_copy(const test::TempDir& dir, const std::string& file) {
    const fs::path source = models_dir() / "nano";
    for (const auto& entry : fs::recursive_directory_iterator(source)) {
        const fs::path name = fs::relative(entry.path(), source);
        if (entry.is_directory())
            fs::create_directories(dir.path() / name);
        else if (name == file || name == "cradle2cane.json")
            fs::copy_file(entry.path(), dir.path() / name);
        else
            fs::create_symlink(entry.path(), dir.path() / name);
    }
    return dir.path() / file;
}

Error load_error(const fs::path& folder) {
    const auto ager = Ager::load(folder, {});
    REQUIRE_FALSE(ager);
    return ager.error();
}

} // namespace

TEST_CASE("The drafts are the reference's, from crop to picture") {
    const TensorFile reference = test::value(read_safetensors(test::data("nano/reference.safetensors")));
    PortraitSettings settings = man_of_38();
    settings.noise = {{"pass1.noise", floats(reference, "noise1")},
                      {"pass2.noise", floats(reference, "noise2")}};
    const Portrait portrait = test::value(nano().portrait(reference_crop(), some_chip(), settings));
    const AgedCrop aged = test::value(nano().draft(portrait, 75));
    const TensorView& picture = reference.tensors.at("age075.draft"); // fp16, [1, 3, 224, 224]
    REQUIRE(picture.type == DType::F16);
    // The committed reference keeps the middle rows alone (tests/parity/shrink_reference.py).
    const int side = aged.network.width, rows = static_cast<int>(picture.shape.at(2)),
              first = (side - rows) / 2;
    double worst = 0;
    for (int c = 0; c < 3; ++c)
        for (int y = 0; y < rows; ++y)
            for (int x = 0; x < side; ++x) {
                _Float16 half;
                std::memcpy(&half, picture.bytes.data() + 2 * ((c * rows + y) * side + x), 2);
                worst = std::max(worst, std::abs(double(half) - double(aged.network.at(x, first + y, c))));
            }
    CHECK(worst < 5e-4); // models/nano/README.md: stored clamped and rounded to fp16
}

TEST_CASE("The own age changes nothing, and another age does") {
    PortraitSettings settings = man_of_38();
    settings.source_age = 38.37; // an estimate is no whole number
    settings.crossfade = 4;
    const Portrait portrait = test::value(nano().portrait(reference_crop(), some_chip(), settings));
    for (const bool draft : {true, false}) {
        const auto at = [&](double age) {
            return test::value(draft ? nano().draft(portrait, age) : nano().settle(portrait, age));
        };
        CHECK(largest(at(38.37).change) == 0);
        CHECK(at(38.37).result.data == portrait.crop().data);
        CHECK(largest(at(75).change) > .1);
        CHECK(difference(at(75).change, at(10).change).mean > .01);
    }
}

TEST_CASE("Ages are real numbers: a tenth of a year is a small step") {
    PortraitSettings settings = man_of_38();
    settings.crossfade = 4;
    const Portrait portrait = test::value(nano().portrait(reference_crop(), some_chip(), settings));
    const auto at = [&](double age) { return test::value(nano().settle(portrait, age)).change; };
    const Image a = at(52.0), b = at(52.1), c = at(53.0);
    CHECK(difference(a, b).mean > 0);
    CHECK(difference(a, b).mean < .35 * difference(a, c).mean);
    // Across AdaNI's threshold (gap 20) too: no pop.
    CHECK(difference(at(57.9), at(58.1)).mean < .01);
}

TEST_CASE("Pass 2 follows the face: another person's embedding moves the settled picture alone") {
    const Image crop = reference_crop();
    Image other = some_chip();
    std::reverse(other.data.begin(), other.data.end());
    const Portrait one = test::value(nano().portrait(crop, some_chip(), man_of_38()));
    const Portrait two = test::value(nano().portrait(crop, other, man_of_38()));
    CHECK(test::value(nano().draft(one, 70)).change.data == test::value(nano().draft(two, 70)).change.data);
    CHECK(difference(test::value(nano().settle(one, 70)).change, test::value(nano().settle(two, 70)).change)
              .max > 1e-4);
}

TEST_CASE("A seed means the same picture, another seed another one") {
    PortraitSettings settings = man_of_38();
    const auto at = [&](std::uint64_t seed) {
        settings.seed = seed;
        return test::value(
                   nano().settle(test::value(nano().portrait(reference_crop(), some_chip(), settings)), 70))
            .change;
    };
    const Image first = at(1);
    CHECK(at(1).data == first.data);
    CHECK(at(2).data != first.data);
    // Settled after a draft, and settled alone, are the same: the cache changes nothing.
    settings.seed = 1;
    const Portrait portrait = test::value(nano().portrait(reference_crop(), some_chip(), settings));
    test::value(nano().draft(portrait, 70));
    CHECK(test::value(nano().settle(portrait, 70)).change.data == first.data);
}

TEST_CASE("A stop is heard") {
    const Portrait portrait = test::value(nano().portrait(reference_crop(), some_chip(), man_of_38()));
    std::stop_source stop;
    stop.request_stop();
    const auto aged = nano().settle(portrait, 70, stop.get_token());
    REQUIRE_FALSE(aged);
    CHECK(aged.error().kind == ErrorKind::Cancelled);
    test::value(nano().settle(portrait, 70)); // and nothing is lost
}

TEST_CASE("What does not fit the model is told") {
    const auto crop = nano().portrait(Image(512, 512, 3), some_chip(), man_of_38());
    REQUIRE_FALSE(crop);
    CHECK(crop.error().kind == ErrorKind::Input);
    PortraitSettings settings = man_of_38();
    settings.noise["pass1.noise"] = {1, 2, 3};
    const auto noise = nano().portrait(reference_crop(), some_chip(), settings);
    REQUIRE_FALSE(noise);
    CHECK(noise.error().text.find("pass1.noise") != std::string::npos);
    const auto device = Ager::load(models_dir() / "nano", {.device = "cuda:7"});
    REQUIRE_FALSE(device);
    CHECK(device.error().kind == ErrorKind::Device);
}

TEST_CASE("A damaged model is named, file by file") {
    test::TempDir dir;
    const std::string unet = "unet/diffusion_pytorch_model.safetensors";
    SECTION("missing folder") {
        const Error error = load_error(dir / "nowhere");
        CHECK(error.kind == ErrorKind::Model);
        CHECK(error.text.find("nowhere") != std::string::npos);
    }
    SECTION("a file is gone") {
        fs::remove(damaged_copy(dir, unet));
        const Error error = load_error(dir.path());
        CHECK(error.kind == ErrorKind::Model);
        CHECK(error.text.find("diffusion_pytorch_model.safetensors") != std::string::npos);
    }
    SECTION("truncated") {
        const fs::path file = damaged_copy(dir, unet);
        fs::resize_file(file, fs::file_size(file) - 1000);
        const Error error = load_error(dir.path());
        CHECK(error.kind == ErrorKind::Model);
        CHECK(error.text.find("diffusion_pytorch_model.safetensors") != std::string::npos);
    }
    SECTION("one byte altered") {
        const fs::path file = damaged_copy(dir, "vae/decoder.safetensors");
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekp(1'000'000);
        const char byte = static_cast<char>(stream.peek() ^ 1);
        stream.write(&byte, 1);
        stream.close();
        const Error error = load_error(dir.path());
        CHECK(error.kind == ErrorKind::Model);
        CHECK(error.text.find("decoder.safetensors") != std::string::npos);
    }
    SECTION("another network in its place") {
        const fs::path file = damaged_copy(dir, "clip_project.safetensors");
        fs::copy_file(models_dir() / "nano/face_project.safetensors", file,
                      fs::copy_options::overwrite_existing);
        const Error error = load_error(dir.path());
        CHECK(error.kind == ErrorKind::Model);
        CHECK(error.text.find("clip_project.safetensors") != std::string::npos);
    }
}
