#include "tests/image/make.h"

#include <sys/resource.h>

#include <cstdlib>

using namespace c2c;
using namespace c2c::test;

namespace {

std::string big(std::uint32_t number) {
    return {char(number >> 24), char(number >> 16), char(number >> 8), char(number)};
}

/// A PNG that claims a size and has no pixels; complete up to IEND.
std::string png_header(std::uint32_t width, std::uint32_t height) {
    const auto chunk = [](const std::string& type, const std::string& data) {
        std::uint32_t crc = 0xFFFFFFFFu;
        for (unsigned char byte : type + data) {
            crc ^= byte;
            for (int i = 0; i < 8; ++i)
                crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
        }
        return big(std::uint32_t(data.size())) + type + data + big(~crc);
    };
    return "\x89PNG\r\n\x1a\n" +
           chunk("IHDR", big(width) + big(height) + std::string("\x08\x02\x00\x00\x00", 5)) +
           chunk("IDAT", std::string("\x78\x9c\x03\x00\x00\x00\x00\x01", 8)) + chunk("IEND", "");
}

/// Writes a number over the value of a tag of the first directory.
void set_tiff_tag(std::string& tiff, std::uint16_t wanted, std::uint16_t number) {
    std::uint32_t directory;
    std::memcpy(&directory, tiff.data() + 4, 4);
    std::uint16_t entries;
    std::memcpy(&entries, tiff.data() + directory, 2);
    for (std::size_t i = 0; i < entries; ++i) {
        std::uint16_t tag;
        std::memcpy(&tag, tiff.data() + directory + 2 + 12 * i, 2);
        if (tag == wanted)
            std::memcpy(tiff.data() + directory + 2 + 12 * i + 8, &number, 2);
    }
}

/// Peak memory of this process so far, in MiB.
long peak_memory() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

} // namespace

TEST_CASE("What is not a photo says so in one sentence") {
    TempDir dir;
    CHECK(reading_fails(dir / "missing.jpg").find("does not exist") != std::string::npos);
    CHECK(reading_fails(dir / "missing_folder" / "x.jpg").find("does not exist") != std::string::npos);
    CHECK(reading_fails(dir.path()).find("folder") != std::string::npos);
    put_bytes(dir / "empty.png", "");
    CHECK(reading_fails(dir / "empty.png").find("empty") != std::string::npos);
    put_bytes(dir / "text.jpg", "Dear reader,\nthis is no picture.\n");
    CHECK(reading_fails(dir / "text.jpg").find("not a picture") != std::string::npos);
    put_bytes(dir / "short", "II*");
    reading_fails(dir / "short");
    put_bytes(dir / "four.tif", std::string("II*\0", 4));
    reading_fails(dir / "four.tif");
    put_bytes(dir / "magic.exr", "\x76\x2f\x31\x01");
    reading_fails(dir / "magic.exr");
    put_bytes(dir / "magic.webp", "RIFF1234WEBP");
    reading_fails(dir / "magic.webp");
    REQUIRE(std::system(("mkfifo " + (dir / "pipe").string()).c_str()) == 0);
    reading_fails(dir / "pipe");
}

TEST_CASE("Truncated files are errors at every length and not half a picture") {
    TempDir dir;
    const std::vector<float> half_values(64 * 64 * 3, 0.3f);
    fs::copy_file(photo("man_38.jpg"), dir / "whole.jpg");
    fs::copy_file(photo("astronaut_woman_35.png"), dir / "whole.png");
    const Image picture = gradient(200, 150);
    for (const char* suffix : {"tif", "webp", "exr"})
        value(write_photo(photo_of(picture), dir / (std::string("whole.") + suffix)));
    for (const char* suffix : {"jpg", "png", "tif", "webp", "exr"}) {
        const std::string bytes = bytes_of(dir / (std::string("whole.") + suffix));
        const fs::path cut = dir / (std::string("cut.") + suffix);
        for (const double part : {0.999, 0.9, 0.5, 0.1, 0.01}) {
            put_bytes(cut, bytes.substr(0, std::size_t(double(bytes.size()) * part)));
            INFO(suffix << " " << part);
            reading_fails(cut);
        }
        put_bytes(cut, bytes.substr(0, bytes.size() - 1));
        INFO(suffix << " without its last byte");
        reading_fails(cut);
    }
}

TEST_CASE("A thumbnail's end is not taken for the photo's, and bytes after the end do no harm") {
    TempDir dir;
    const std::string jpeg = bytes_of(photo("man_38.jpg"));
    const std::string small = "\xFF\xD8\xFF\xD9";
    std::string segment = std::string("\xFF\xE5", 2) + char(0) + char(2 + small.size()) + small;
    const std::string with = jpeg.substr(0, 2) + segment + jpeg.substr(2);
    put_bytes(dir / "whole.jpg", with + "trailing bytes of a phone");
    value(read_photo(dir / "whole.jpg"));
    put_bytes(dir / "cut.jpg", with.substr(0, with.size() / 2));
    reading_fails(dir / "cut.jpg");
}

TEST_CASE("A header that claims too much is refused before anything is allocated") {
    TempDir dir;
    const long before = peak_memory();
    put_bytes(dir / "bomb.png", png_header(90000, 90000));
    CHECK(reading_fails(dir / "bomb.png").find("90000 x 90000") != std::string::npos);
    put_bytes(dir / "area.png", png_header(60000, 60000));
    CHECK(reading_fails(dir / "area.png").find("--max-pixels") != std::string::npos);

    // An EXR with the window of a small one replaced: (0, 0, 2^30, 2^30), then a high one only.
    make_file(dir / "small.exr", "openexr", 2, 2, 3, std::vector<float>(12, 0.5f));
    for (const int high : {0, 1}) {
        std::string exr = bytes_of(dir / "small.exr");
        const std::size_t at = exr.find(std::string("dataWindow\0box2i\0", 17)) + 17 + 4;
        const std::int32_t window[4] = {0, 0, high ? 1 : (1 << 30), 1 << 30};
        std::memcpy(exr.data() + at, window, sizeof window);
        put_bytes(dir / "bomb.exr", exr);
        reading_fails(dir / "bomb.exr");
    }
    // A TIFF's size tags (256, 257) likewise.
    make_file(dir / "small.tif", "tiff", 2, 2, 3, std::vector<std::uint8_t>(12, 7));
    std::string tiff = bytes_of(dir / "small.tif");
    set_tiff_tag(tiff, 256, 60'000);
    set_tiff_tag(tiff, 257, 60'000);
    put_bytes(dir / "bomb.tif", tiff);
    reading_fails(dir / "bomb.tif");
    CHECK(peak_memory() - before < 100);

    ReadLimits small;
    small.max_pixels = 100'000;
    const auto limited = read_photo(photo("man_38.jpg"), small);
    REQUIRE_FALSE(limited);
    CHECK(limited.error().kind == ErrorKind::Input);
    small.max_pixels = 300'000'000;
    small.max_side = 100;
    CHECK_FALSE(read_photo(photo("man_38.jpg"), small));
    CHECK_FALSE(read_photo_header(photo("man_38.jpg"), small));
}

TEST_CASE("CMYK says what to do") {
    TempDir dir;
    const std::vector<std::uint8_t> values(16 * 16 * 4, 100);
    make_file(dir / "cmyk.tif", "tiff", 16, 16, 4, values, [](OIIO::ImageSpec& spec) {
        spec.channelnames = {"C", "M", "Y", "K"};
        spec.attribute("tiff:ColorSpace", "CMYK");
        spec.attribute("oiio:ColorSpace", "CMYK");
    });
    CHECK(reading_fails(dir / "cmyk.tif").find("CMYK") != std::string::npos);
    fs::copy_file(data("image/cmyk.jpg"), dir / "cmyk.jpg");
    CHECK(reading_fails(dir / "cmyk.jpg").find("CMYK") != std::string::npos);
}

TEST_CASE("A Lab TIFF says what to do") {
    TempDir dir;
    make_file(dir / "lab.tif", "tiff", 4, 4, 3, std::vector<std::uint8_t>(48, 100),
              [](OIIO::ImageSpec& spec) { spec.attribute("compression", "none"); });
    std::string tiff = bytes_of(dir / "lab.tif");
    set_tiff_tag(tiff, 262, 8);
    put_bytes(dir / "lab.tif", tiff);
    CHECK(reading_fails(dir / "lab.tif").find("Lab") != std::string::npos);
}

TEST_CASE("One pixel is a photo") {
    TempDir dir;
    make_file(dir / "one.png", "png", 1, 1, 3, std::vector<std::uint8_t>{1, 2, 3});
    const Photo one = value(read_photo(dir / "one.png"));
    CHECK(one.width() == 1);
    for (const char* suffix : {"jpg", "png", "tif", "webp", "exr"})
        value(write_photo(one, dir / (std::string("out.") + suffix)));
}
