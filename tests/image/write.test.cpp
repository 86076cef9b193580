#include "tests/image/make.h"

#include "core/image/color.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <limits>

using namespace c2c;
using namespace c2c::test;

namespace {

std::string writing_fails(const Photo& photo, const fs::path& file, const WriteOptions& options = {}) {
    const auto result = write_photo(photo, file, options);
    REQUIRE_FALSE(result);
    INFO(result.error().text << " | " << result.error().detail);
    CHECK(result.error().kind == ErrorKind::Output);
    CHECK(result.error().text.find(file.string()) != std::string::npos);
    CHECK(result.error().text.ends_with("."));
    return result.error().text;
}

/// A small disk over a folder, for as long as the object lives; only root can make one.
class Mounted {
  public:
    Mounted(const fs::path& folder, unsigned long flags)
        : folder_(folder),
          ok_(::geteuid() == 0 && ::mount("tmpfs", folder.c_str(), "tmpfs", flags, "size=64k") == 0) {}
    ~Mounted() {
        if (ok_)
            ::umount(folder_.c_str());
    }
    Mounted(const Mounted&) = delete;
    Mounted& operator=(const Mounted&) = delete;
    explicit operator bool() const { return ok_; }

  private:
    fs::path folder_;
    bool ok_;
};

std::size_t files_in(const fs::path& folder) {
    return std::size_t(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

TEST_CASE("Integers return bit for bit: all of 8 and of 16 bits") {
    TempDir dir;
    std::vector<std::uint8_t> bytes(256);
    for (int i = 0; i < 256; ++i)
        bytes[std::size_t(i)] = std::uint8_t(i);
    std::vector<std::uint16_t> words(65536);
    for (int i = 0; i < 65536; ++i)
        words[std::size_t(i)] = std::uint16_t(i);
    make_file(dir / "8.png", "png", 16, 16, 1, bytes);
    make_file(dir / "16.png", "png", 256, 256, 1, words);
    for (const char* suffix : {".png", ".tif"}) {
        value(write_photo(value(read_photo(dir / "8.png")), dir / (std::string("out8") + suffix)));
        value(write_photo(value(read_photo(dir / "16.png")), dir / (std::string("out16") + suffix)));
        CHECK(stored<std::uint8_t>(dir / (std::string("out8") + suffix)) == bytes);
        CHECK(stored<std::uint16_t>(dir / (std::string("out16") + suffix)) == words);
    }
    WriteOptions lossless;
    lossless.jpeg_quality = 100;
    value(write_photo(value(read_photo(dir / "8.png")), dir / "out.webp", lossless));
    const Photo webp = value(read_photo(dir / "out.webp"));
    bool right = true;
    for (std::size_t i = 0; i < 256; ++i)
        right &= webp.color.data[3 * i] == float(i) / 255.0f;
    CHECK(right);
}

TEST_CASE("A photo in, the same photo out: colour and alpha of every value") {
    TempDir dir;
    const Photo woman = value(read_photo(photo("astronaut_woman_35.png")));
    value(write_photo(woman, dir / "out.png"));
    value(write_photo(woman, dir / "out.tiff"));
    CHECK(same_bits(value(read_photo(dir / "out.png")).color, woman.color));
    CHECK(same_bits(value(read_photo(dir / "out.tiff")).color, woman.color));

    const std::vector<std::uint16_t> words{50000, 40000, 30000, 1,     65535, 1, 2, 0,
                                           9,     8,     7,     65535, 1,     2, 3, 4};
    make_file(dir / "alpha.png", "png", 2, 2, 4, words);
    const Photo alpha = value(read_photo(dir / "alpha.png"));
    for (const char* name : {"alpha_out.png", "alpha_out.tif"}) {
        value(write_photo(alpha, dir / name));
        CHECK(stored<std::uint16_t>(dir / name) == words);
    }
    WriteOptions lossless;
    lossless.jpeg_quality = 100;
    const std::vector<std::uint8_t> bytes{200, 100, 50, 1, 201, 101, 51, 0, 202, 102, 52, 255, 3, 2, 1, 128};
    make_file(dir / "8.png", "png", 2, 2, 4, bytes);
    const Photo eight = value(read_photo(dir / "8.png"));
    value(write_photo(eight, dir / "8.webp", lossless));
    const Photo webp = value(read_photo(dir / "8.webp"));
    CHECK(same_bits(webp.color, eight.color));
    CHECK(same_bits(webp.alpha, eight.alpha));
}

TEST_CASE("EXR returns bit for bit with its values, channels, windows and attributes") {
    TempDir dir;
    const float inf = std::numeric_limits<float>::infinity();
    std::vector<float> values(6 * 6 * 6);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = 0.37f * float(i) - 3.0f;
    values[0] = inf;
    values[1] = 70000.0f;
    const float xy[8] = {0.64f, 0.33f, 0.30f, 0.60f, 0.15f, 0.06f, 0.3127f, 0.3290f};
    make_file(dir / "in.exr", "openexr", 6, 6, 6, values, [&](OIIO::ImageSpec& spec) {
        spec.channelnames = {"R", "G", "B", "A", "Z", "id"};
        spec.channelformats.assign(6, OIIO::TypeDesc::FLOAT);
        spec.alpha_channel = 3;
        spec.attribute("chromaticities", OIIO::TypeDesc(OIIO::TypeDesc::FLOAT, 8), xy);
        spec.attribute("camera", "A cam");
        spec.attribute("GPS:Latitude", 12.5f);
        spec.x = 10;
        spec.y = 4;
        spec.full_width = 40;
        spec.full_height = 20;
    });
    const Photo photo = value(read_photo(dir / "in.exr"));
    WriteOptions options;
    options.keep_gps = false;
    value(write_photo(photo, dir / "out.exr", options));
    const Photo out = value(read_photo(dir / "out.exr"));
    CHECK(same_bits(out.color, photo.color));
    CHECK(same_bits(out.alpha, photo.alpha));
    REQUIRE(out.extra.size() == 2);
    CHECK(same_bits(out.extra[0].pixels, photo.extra[0].pixels));
    CHECK(out.depth == Depth::F32);
    CHECK(out.chromaticities == photo.chromaticities);
    const auto input = OIIO::ImageInput::open((dir / "out.exr").string());
    REQUIRE(input);
    CHECK(input->spec().x == 10);
    CHECK(input->spec().y == 4);
    CHECK(input->spec().full_width == 40);
    CHECK(input->spec().get_string_attribute("camera") == "A cam");
    CHECK(input->spec().find_attribute("GPS:Latitude") == nullptr);
}

TEST_CASE("EXR with half colour and whole-number ids keeps both") {
    TempDir dir;
    auto output = OIIO::ImageOutput::create("openexr");
    OIIO::ImageSpec spec(2, 1, 4, OIIO::TypeDesc::HALF);
    spec.channelnames = {"R", "G", "B", "id"};
    spec.channelformats = {OIIO::TypeDesc::HALF, OIIO::TypeDesc::HALF, OIIO::TypeDesc::HALF,
                           OIIO::TypeDesc::UINT32};
    REQUIRE(output->open((dir / "in.exr").string(), spec));
    // half 1.0 is 0x3C00, 2.5 is 0x4100
    const std::uint16_t one = 0x3C00, two = 0x4100;
    const std::uint32_t ids[2] = {7, 16'000'001};
    std::string native;
    for (int i = 0; i < 2; ++i) {
        for (const std::uint16_t half : {one, two, one})
            native.append(reinterpret_cast<const char*>(&half), 2);
        native.append(reinterpret_cast<const char*>(&ids[i]), 4);
    }
    REQUIRE(output->write_image(OIIO::TypeDesc::UNKNOWN, native.data()));
    REQUIRE(output->close());
    const Photo photo = value(read_photo(dir / "in.exr"));
    REQUIRE(photo.extra.size() == 1);
    CHECK(photo.extra[0].whole_numbers);
    CHECK(photo.extra[0].pixels.data[1] == 16'000'001.0f);
    CHECK(photo.color.data[1] == 2.5f);
    value(write_photo(photo, dir / "out.exr"));
    const Photo out = value(read_photo(dir / "out.exr"));
    CHECK(out.depth == Depth::F16);
    REQUIRE(out.extra.size() == 1);
    CHECK(out.extra[0].whole_numbers);
    CHECK(same_bits(out.extra[0].pixels, photo.extra[0].pixels));
    CHECK(same_bits(out.color, photo.color));
}

TEST_CASE("The output has the photo's depth or the nearest that the format has") {
    TempDir dir;
    const auto depth = [&](Depth from, const char* name, std::optional<Depth> asked = {}) {
        Photo photo = photo_of(gradient(16, 8), from);
        WriteOptions options;
        options.depth = asked;
        options.overwrite = Overwrite::Yes;
        value(write_photo(photo, dir / name, options));
        return value(read_photo(dir / name)).depth;
    };
    CHECK(depth(Depth::U8, "x.png") == Depth::U8);
    CHECK(depth(Depth::U16, "x.png") == Depth::U16);
    CHECK(depth(Depth::F32, "x.png") == Depth::U16);
    CHECK(depth(Depth::U16, "x.jpg") == Depth::U8);
    CHECK(depth(Depth::U16, "x.tif") == Depth::U16);
    CHECK(depth(Depth::F32, "x.tif") == Depth::F32);
    CHECK(depth(Depth::F16, "x.exr") == Depth::F16);
    CHECK(depth(Depth::F32, "x.exr") == Depth::F32);
    CHECK(depth(Depth::U8, "x.exr") == Depth::F16);
    CHECK(depth(Depth::U16, "x.webp") == Depth::U8);
    CHECK(depth(Depth::U8, "x.png", Depth::U16) == Depth::U16);
    CHECK(depth(Depth::U16, "x.tif", Depth::U8) == Depth::U8);
}

TEST_CASE("Scene-linear becomes sRGB in a PNG, and a PNG becomes scene-linear in an EXR") {
    TempDir dir;
    Image grey18(8, 8, 3, 0.18f);
    grey18.at(0, 0, 0) = 7.0f; // clips
    grey18.at(1, 0, 0) = -1.0f;
    const Photo linear = photo_of(grey18, Depth::F32);
    value(write_photo(linear, dir / "out.png"));
    const Photo png = value(read_photo(dir / "out.png"));
    CHECK(png.color.at(4, 4, 0) == Approx(0.461356).margin(1.0 / 65535)); // IEC 61966-2-1 of 0.18
    CHECK(png.color.at(0, 0, 0) == 1.0f);
    CHECK(png.color.at(1, 0, 0) == 0.0f);

    const Photo encoded = photo_of(Image(8, 8, 3, 0.5f), Depth::U16);
    value(write_photo(encoded, dir / "out.exr"));
    const Photo exr = value(read_photo(dir / "out.exr"));
    CHECK(exr.linear);
    CHECK(exr.color.at(3, 3, 1) == Approx(0.214041).margin(1e-5));

    // A profile is honoured on the way: (1, 1, 1) is white, Adobe's green lies outside Rec. 709.
    Photo adobe = photo_of(Image(8, 8, 3, 1.0f), Depth::U16);
    adobe.icc = adobe_rgb();
    adobe.color.at(0, 0, 0) = 0.0f;
    adobe.color.at(0, 0, 2) = 0.0f;
    value(write_photo(adobe, dir / "adobe.exr"));
    const Photo wide = value(read_photo(dir / "adobe.exr"));
    CHECK(wide.icc.empty());
    CHECK(wide.color.at(3, 3, 0) == Approx(1.0).margin(2e-3));
    CHECK(wide.color.at(0, 0, 0) < -0.3f);
    CHECK(wide.color.at(0, 0, 1) == Approx(1.0).margin(2e-3));

    // EXR alpha is multiplied in, PNG's is not.
    Photo straight = photo_of(Image(2, 2, 3, 1.0f), Depth::U16);
    straight.alpha = Image(2, 2, 1, 0.5f);
    value(write_photo(straight, dir / "alpha.exr"));
    const Photo multiplied = value(read_photo(dir / "alpha.exr"));
    CHECK(multiplied.color.data[0] == Approx(0.5).margin(1e-4));
    value(write_photo(multiplied, dir / "alpha.png"));
    const Photo back = value(read_photo(dir / "alpha.png"));
    CHECK(back.color.data[0] == Approx(1.0).margin(1e-4));
    CHECK(back.alpha.data[0] == Approx(0.5).margin(1e-4));
}

TEST_CASE("The profile comes out byte for byte") {
    TempDir dir;
    Photo photo = photo_of(gradient(32, 32));
    photo.icc = adobe_rgb();
    for (const char* suffix : {".jpg", ".png", ".tif", ".webp"}) {
        const fs::path file = dir / (std::string("rgb") + suffix);
        WriteOptions options;
        options.provenance = Provenance{true, "test", "a line", "terms"};
        value(write_photo(photo, file, options));
        INFO(suffix);
        CHECK(value(read_photo(file)).icc == photo.icc);
        options.provenance.reset();
        options.overwrite = Overwrite::Yes;
        value(write_photo(photo, file, options));
        CHECK(value(read_photo(file)).icc == photo.icc);
    }
    Photo grey = photo_of(gradient(32, 32, 1));
    grey.icc = grey_profile(2.2);
    for (const char* suffix : {".jpg", ".png", ".tif"}) {
        const fs::path file = dir / (std::string("grey") + suffix);
        value(write_photo(grey, file));
        INFO(suffix);
        const Photo again = value(read_photo(file));
        CHECK(again.color.channels == 1);
        CHECK(again.icc == grey.icc);
    }
}

TEST_CASE("JPEG: 4:4:4 above 90, smaller below, close to the photo") {
    TempDir dir;
    const Photo man = value(read_photo(photo("man_38.jpg")));
    WriteOptions options;
    value(write_photo(man, dir / "95.jpg", options));
    options.jpeg_quality = 80;
    value(write_photo(man, dir / "80.jpg", options));
    const auto subsampling = [&](const char* name) {
        return OIIO::ImageInput::open((dir / name).string())->spec().get_string_attribute("jpeg:subsampling");
    };
    CHECK(subsampling("95.jpg") == "4:4:4");
    CHECK(subsampling("80.jpg") == "4:2:0");
    CHECK(fs::file_size(dir / "80.jpg") < fs::file_size(dir / "95.jpg"));
    const Photo again = value(read_photo(dir / "95.jpg"));
    double error = 0;
    for (std::size_t i = 0; i < man.color.data.size(); ++i)
        error += std::abs(again.color.data[i] - man.color.data[i]);
    CHECK(error / double(man.color.data.size()) < 2.0 / 255);
}

TEST_CASE("The photo itself is never written over, nor another file unless asked") {
    TempDir dir;
    const fs::path source = dir / "photo.png";
    fs::copy_file(photo("astronaut_woman_35.png"), source);
    const std::string before = bytes_of(source);
    const Photo photo = value(read_photo(source));
    fs::create_symlink(source, dir / "link.png");
    fs::create_hard_link(source, dir / "hard.png");
    WriteOptions force;
    force.overwrite = Overwrite::Yes;
    for (const char* name : {"photo.png", "link.png", "hard.png", "./photo.png"})
        CHECK(writing_fails(photo, dir / name, force).find("never overwritten") != std::string::npos);
    CHECK(bytes_of(source) == before);

    put_bytes(dir / "other.png", "precious");
    writing_fails(photo, dir / "other.png");
    CHECK(bytes_of(dir / "other.png") == "precious");
    value(write_photo(photo, dir / "other.png", force));
    value(read_photo(dir / "other.png"));
    CHECK(files_in(dir.path()) == 4);
}

TEST_CASE("Where nothing can be written the error says so and nothing is left") {
    TempDir dir;
    const Photo photo = photo_of(gradient(400, 300));
    writing_fails(photo, dir / "no_such_folder" / "x.png");
    writing_fails(photo, dir / "x.psd");
    writing_fails(photo, dir / "x");
    CHECK(files_in(dir.path()) == 0);

    if (const Mounted disk(dir.path(), 0); !disk) {
        WARN("no small disk can be mounted here: the full disk is not tested");
    } else {
        Photo noise = photo;
        std::minstd_rand random(1);
        for (float& v : noise.color.data)
            v = float(random() % 256) / 255.0f;
        WriteOptions lossless;
        lossless.jpeg_quality = 100;
        for (const char* name : {"full.png", "full.tif", "full.exr", "full.webp", "full.jpg"})
            CHECK(writing_fails(noise, dir / name, lossless).find("space") != std::string::npos);
        CHECK(files_in(dir.path()) == 0);
    }
    // Root may write anywhere, except on a read-only disk.
    const Mounted disk(dir.path(), MS_RDONLY);
    if (!disk)
        ::chmod(dir.path().c_str(), 0500);
    if (::access(dir.path().c_str(), W_OK) == 0)
        WARN("no read-only folder can be made here: not tested");
    else
        CHECK(writing_fails(photo, dir / "x.png").find("may write") != std::string::npos);
    ::chmod(dir.path().c_str(), 0700);
}

TEST_CASE("Two writes give the same bytes") {
    TempDir dir;
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    Photo man = value(read_photo(photo("man_38.jpg")));
    WriteOptions options;
    options.provenance = Provenance{true, "Cradle2Cane 0.1", "age 70, seed 1", ""};
    for (const char* suffix : {".jpg", ".png", ".tif", ".webp", ".exr"}) {
        const fs::path first = dir / (std::string("a") + suffix), second = dir / (std::string("b") + suffix);
        value(write_photo(man, first, options));
        ::usleep(suffix == std::string(".exr") || suffix == std::string(".tif") ? 1'100'000 : 0);
        value(write_photo(man, second, options));
        INFO(suffix);
        CHECK(bytes_of(first) == bytes_of(second));
    }
    ::unsetenv("SOURCE_DATE_EPOCH");
}
