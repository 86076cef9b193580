#include "tests/image/make.h"

#include "core/image/pixels.h"

#include <webp/decode.h>
#include <webp/encode.h>

#include <cmath>
#include <limits>

using namespace c2c;
using namespace c2c::test;

TEST_CASE("Real photos are read with size, depth and format") {
    const Photo man = value(read_photo(photo("man_28_1800px.jpg")));
    CHECK(man.width() == 1797);
    CHECK(man.color.channels == 3);
    CHECK(man.depth == Depth::U8);
    CHECK(man.format == "jpeg");
    CHECK_FALSE(man.linear);
    CHECK(man.alpha.empty());
    double sum = 0;
    for (float v : man.color.data)
        sum += v;
    const double mean = sum / double(man.color.data.size());
    CHECK(mean > 0.1);
    CHECK(mean < 0.9);
    const Photo woman = value(read_photo(photo("astronaut_woman_35.png")));
    CHECK(woman.format == "png");
    const Photo header = value(read_photo_header(photo("man_28_1800px.jpg")));
    CHECK(header.width() == 1797);
    CHECK(header.height() == man.height());
    CHECK(header.color.empty());
}

TEST_CASE("The content decides the format and not the suffix") {
    TempDir dir;
    fs::copy_file(photo("astronaut_woman_35.png"), dir / "a.jpg");
    fs::copy_file(photo("man_38.jpg"), dir / "b.png");
    fs::copy_file(photo("man_38.jpg"), dir / "c");
    fs::copy_file(photo("man_38.jpg"), dir / "d.nef");
    const std::vector<float> values(3 * 4, 0.5f);
    make_file(dir / "e.exr", "openexr", 2, 2, 3, values);
    fs::rename(dir / "e.exr", dir / "e.webp");
    CHECK(value(read_photo(dir / "a.jpg")).format == "png");
    CHECK(value(read_photo(dir / "b.png")).format == "jpeg");
    CHECK(value(read_photo(dir / "c")).format == "jpeg");
    CHECK(value(read_photo(dir / "d.nef")).format == "jpeg");
    CHECK(value(read_photo(dir / "e.webp")).format == "openexr");
    CHECK(same_bits(value(read_photo(dir / "a.jpg")).color,
                    value(read_photo(photo("astronaut_woman_35.png"))).color));
}

TEST_CASE("Integers come as value / maximum") {
    TempDir dir;
    std::vector<std::uint8_t> bytes(256);
    for (int i = 0; i < 256; ++i)
        bytes[std::size_t(i)] = std::uint8_t(i);
    std::vector<std::uint16_t> words(65536);
    for (int i = 0; i < 65536; ++i)
        words[std::size_t(i)] = std::uint16_t(i);
    for (const char* plugin : {"png", "tiff"}) {
        make_file(dir / "8", plugin, 16, 16, 1, bytes);
        make_file(dir / "16", plugin, 256, 256, 1, words);
        const Photo eight = value(read_photo(dir / "8")), sixteen = value(read_photo(dir / "16"));
        CHECK(eight.depth == Depth::U8);
        CHECK(sixteen.depth == Depth::U16);
        CHECK_FALSE(sixteen.linear);
        REQUIRE(eight.color.channels == 1);
        bool right = true;
        for (int i = 0; i < 256; ++i)
            right &= eight.color.data[std::size_t(i)] == float(i) / 255.0f;
        for (int i = 0; i < 65536; ++i)
            right &= sixteen.color.data[std::size_t(i)] == float(i) / 65535.0f;
        CHECK(right);
    }
}

TEST_CASE("Alpha is kept apart and colour below alpha 1 of 255 survives exactly") {
    TempDir dir;
    const std::vector<std::uint8_t> values{200, 100, 50, 1, 201, 101, 51, 0, 202, 102, 52, 255, 3, 2, 1, 128};
    for (const char* plugin : {"png", "tiff"}) {
        make_file(dir / "straight", plugin, 2, 2, 4, values);
        const Photo photo = value(read_photo(dir / "straight"));
        REQUIRE(photo.color.channels == 3);
        REQUIRE(photo.alpha.channels == 1);
        CHECK_FALSE(photo.premultiplied);
        for (std::size_t i = 0; i < 4; ++i) {
            for (std::size_t c = 0; c < 3; ++c)
                CHECK(photo.color.data[3 * i + c] == float(values[4 * i + c]) / 255.0f);
            CHECK(photo.alpha.data[i] == float(values[4 * i + 3]) / 255.0f);
        }
    }
    const std::vector<std::uint16_t> words{50000, 40000, 30000, 1, 65535, 1, 2, 65534};
    make_file(dir / "deep.png", "png", 2, 1, 4, words);
    const Photo deep = value(read_photo(dir / "deep.png"));
    CHECK(deep.depth == Depth::U16);
    CHECK(deep.color.data[0] == 50000.0f / 65535.0f);
    CHECK(deep.alpha.data[0] == 1.0f / 65535.0f);
    const std::vector<std::uint8_t> grey{77, 1, 78, 255};
    make_file(dir / "grey.png", "png", 2, 1, 2, grey);
    const Photo grey_alpha = value(read_photo(dir / "grey.png"));
    CHECK(grey_alpha.color.channels == 1);
    CHECK(grey_alpha.color.data[0] == 77.0f / 255.0f);
    CHECK(grey_alpha.alpha.data[0] == 1.0f / 255.0f);
}

TEST_CASE("WebP keeps colour below alpha, and an animation gives its first frame") {
    TempDir dir;
    const std::vector<std::uint8_t> values{200, 100, 50, 1, 201, 101, 51, 0, 202, 102, 52, 255, 3, 2, 1, 128};
    WebPConfig config;
    REQUIRE(WebPConfigInit(&config));
    config.lossless = 1;
    config.exact = 1;
    WebPPicture picture;
    REQUIRE(WebPPictureInit(&picture));
    picture.use_argb = 1;
    picture.width = picture.height = 2;
    REQUIRE(WebPPictureImportRGBA(&picture, values.data(), 8));
    WebPMemoryWriter writer;
    WebPMemoryWriterInit(&writer);
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
    REQUIRE(WebPEncode(&config, &picture));
    const std::string still(reinterpret_cast<char*>(writer.mem), writer.size);
    put_bytes(dir / "alpha.webp", still);
    const Photo photo = value(read_photo(dir / "alpha.webp"));
    CHECK(photo.format == "webp");
    CHECK(photo.color.data[0] == 200.0f / 255.0f);
    CHECK(photo.color.data[4] == 101.0f / 255.0f);
    CHECK(photo.alpha.data[0] == 1.0f / 255.0f);

    // RIFF by hand: VP8X with the animation and alpha flags, ANIM, one ANMF frame with the still's own chunk.
    const auto little = [](std::uint32_t number, int count) {
        std::string text;
        for (int i = 0; i < count; ++i)
            text += char(std::uint64_t(number) >> (8 * i) & 255);
        return text;
    };
    const std::string chunk = still.substr(12);
    std::string frame =
        little(0, 3) + little(0, 3) + little(1, 3) + little(1, 3) + little(100, 3) + little(0, 1) + chunk;
    std::string body = "WEBPVP8X" + little(10, 4) + little(0x12, 4) + little(1, 3) + little(1, 3) + "ANIM" +
                       little(6, 4) + little(0, 6) + "ANMF" + little(std::uint32_t(frame.size()), 4) + frame;
    put_bytes(dir / "moving.webp", "RIFF" + little(std::uint32_t(body.size()), 4) + body);
    const Photo moving = value(read_photo(dir / "moving.webp"));
    CHECK(same_bits(moving.color, photo.color));
    WebPMemoryWriterClear(&writer);
    WebPPictureFree(&picture);
}

TEST_CASE("Half and float keep every value") {
    TempDir dir;
    const float inf = std::numeric_limits<float>::infinity();
    const std::vector<float> values{0.0f,    -0.5f, 1.0f, 1000.25f, 1e-30f, inf,
                                    3.0e37f, 0.1f,  -inf, 2.0f,     5.5f,   65504.0f};
    for (const char* plugin : {"openexr", "tiff"}) {
        make_file(dir / "float", plugin, 2, 2, 3, values);
        const Photo photo = value(read_photo(dir / "float"));
        CHECK(photo.depth == Depth::F32);
        CHECK(photo.linear);
        CHECK(photo.color.data == values);
    }
    make_file(dir / "half.exr", "openexr", 2, 2, 3, std::vector<float>(12, 3.5f),
              [](OIIO::ImageSpec& spec) { spec.set_format(OIIO::TypeDesc::HALF); });
    const Photo half = value(read_photo(dir / "half.exr"));
    CHECK(half.depth == Depth::F16);
    CHECK(half.color.data == std::vector<float>(12, 3.5f));
}

TEST_CASE("EXR: channels, layers, ids, windows and chromaticities are found") {
    TempDir dir;
    std::vector<float> values(4 * 6);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = float(i);
    const float xy[8] = {0.7347f, 0.2653f, 0.0f, 1.0f, 0.0001f, -0.077f, 0.32168f, 0.33767f};
    make_file(dir / "aov.exr", "openexr", 2, 2, 6, values, [&](OIIO::ImageSpec& spec) {
        spec.channelnames = {"R", "G", "B", "A", "Z", "normal.X"};
        spec.alpha_channel = 3;
        spec.attribute("chromaticities", OIIO::TypeDesc(OIIO::TypeDesc::FLOAT, 8), xy);
        spec.x = 10;
        spec.y = -3;
        spec.full_x = 0;
        spec.full_y = 0;
        spec.full_width = 40;
        spec.full_height = 20;
    });
    const Photo photo = value(read_photo(dir / "aov.exr"));
    CHECK(photo.width() == 2); // the data window
    CHECK(photo.color.data[3] == 6.0f);
    CHECK(photo.alpha.data[1] == 9.0f);
    CHECK(photo.premultiplied);
    REQUIRE(photo.extra.size() == 2);
    CHECK(photo.extra[0].name == "Z");
    CHECK(photo.extra[0].pixels.data[1] == 10.0f);
    CHECK(photo.extra[1].name == "normal.X");
    REQUIRE(photo.chromaticities);
    CHECK((*photo.chromaticities)[0] == 0.7347f);

    make_file(dir / "layer.exr", "openexr", 2, 2, 6, values, [&](OIIO::ImageSpec& spec) {
        spec.channelnames = {"beauty.R", "beauty.G", "beauty.B", "spec.R", "spec.G", "spec.B"};
    });
    const Photo layer = value(read_photo(dir / "layer.exr"));
    REQUIRE(layer.color.channels == 3);
    CHECK(layer.color.data[0] == 0.0f);
    CHECK(layer.color.data[2] == 2.0f);
    CHECK(layer.extra.size() == 3);
}

TEST_CASE("All eight EXIF orientations end upright, applied once to every plane") {
    TempDir dir;
    // 3 x 2 upright; every value differs.
    Image upright_image(3, 2, 3), upright_alpha(3, 2, 1);
    for (std::size_t i = 0; i < 18; ++i)
        upright_image.data[i] = float(10 + 10 * i) / 255.0f;
    for (std::size_t i = 0; i < 6; ++i)
        upright_alpha.data[i] = float(5 + 40 * i) / 255.0f;
    // EXIF 2.3, 4.6.4 A: where row 0 and column 0 of the stored picture are in the visual one.
    const auto visual = [](int orientation, int x, int y, int width, int height) -> std::pair<int, int> {
        switch (orientation) {
        case 1:
            return {x, y};
        case 2:
            return {width - 1 - x, y};
        case 3:
            return {width - 1 - x, height - 1 - y};
        case 4:
            return {x, height - 1 - y};
        case 5:
            return {y, x};
        case 6:
            return {width - 1 - y, x};
        case 7:
            return {width - 1 - y, height - 1 - x};
        default:
            return {y, height - 1 - x};
        }
    };
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const int width = orientation < 5 ? 3 : 2, height = orientation < 5 ? 2 : 3;
        std::vector<std::uint8_t> values;
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                const auto [u, v] = visual(orientation, x, y, 3, 2);
                for (int c = 0; c < 3; ++c)
                    values.push_back(std::uint8_t(std::lround(upright_image.at(u, v, c) * 255)));
                values.push_back(std::uint8_t(std::lround(upright_alpha.at(u, v) * 255)));
            }
        make_file(dir / "turned.tif", "tiff", width, height, 4, values,
                  [&](OIIO::ImageSpec& spec) { spec.attribute("Orientation", orientation); });
        INFO("orientation " << orientation);
        const Photo photo = value(read_photo(dir / "turned.tif"));
        CHECK(same_bits(photo.color, upright_image));
        CHECK(same_bits(photo.alpha, upright_alpha));
        CHECK(value(read_photo_header(dir / "turned.tif")).width() == 3);
        // Written and read again it is not turned a second time.
        WriteOptions again;
        again.overwrite = Overwrite::Yes;
        value(write_photo(photo, dir / "again.tif", again));
        CHECK(same_bits(value(read_photo(dir / "again.tif")).color, upright_image));
    }
}

TEST_CASE("Palette, one bit, several pages and GIF are read") {
    TempDir dir;
    make_file(dir / "bits.tif", "tiff", 8, 2, 1, std::vector<std::uint8_t>(16, 255),
              [](OIIO::ImageSpec& spec) { spec.attribute("oiio:BitsPerSample", 1); });
    const Photo bits = value(read_photo(dir / "bits.tif"));
    CHECK(bits.color.data == std::vector<float>(16, 1.0f));

    std::vector<std::uint8_t> red;
    for (int i = 0; i < 16; ++i)
        red.insert(red.end(), {255, 0, 0});
    make_file(dir / "x.gif", "gif", 4, 4, 3, red);
    const Photo gif = value(read_photo(dir / "x.gif"));
    CHECK(gif.color.channels == 3);
    CHECK(gif.color.at(1, 1, 0) == 1.0f);
    CHECK(gif.color.at(1, 1, 1) == 0.0f);
    CHECK(gif.extra.empty());
    CHECK((gif.alpha.empty() || gif.alpha.data == std::vector<float>(16, 1.0f)));

    // A palette PNG by hand: 2 x 1, entries green and blue, blue half transparent; made with zlib's stored
    // block.
    const unsigned char palette_png[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D',
                                         'R',  0,   0,   0,   2,  0,  0,  0,  1, 8, 3, 0,  0,   0};
    std::string png(reinterpret_cast<const char*>(palette_png), sizeof palette_png);
    const auto crc = [](const std::string& bytes) {
        std::uint32_t value = 0xFFFFFFFFu;
        for (unsigned char byte : bytes) {
            value ^= byte;
            for (int i = 0; i < 8; ++i)
                value = value & 1 ? value >> 1 ^ 0xEDB88320u : value >> 1;
        }
        return ~value;
    };
    const auto big = [](std::uint32_t number) {
        return std::string{char(number >> 24), char(number >> 16), char(number >> 8), char(number)};
    };
    png += big(crc(png.substr(12)));
    const auto chunk = [&](const std::string& type, const std::string& data) {
        png += big(std::uint32_t(data.size())) + type + data + big(crc(type + data));
    };
    chunk("PLTE", std::string("\x00\xff\x00\x00\x00\xff", 6));
    chunk("tRNS", std::string("\xff\x80", 2));
    // zlib header, stored block of 3 bytes (filter 0, index 0, index 1), Adler-32 of those
    chunk("IDAT", std::string("\x78\x01\x01\x03\x00\xfc\xff\x00\x00\x01\x00\x04\x00\x02", 14));
    chunk("IEND", "");
    put_bytes(dir / "palette.png", png);
    const Photo palette = value(read_photo(dir / "palette.png"));
    REQUIRE(palette.color.channels == 3);
    CHECK(palette.color.data == std::vector<float>{0, 1, 0, 0, 0, 1});
    REQUIRE_FALSE(palette.alpha.empty());
    CHECK(palette.alpha.data[1] == 128.0f / 255.0f);

    auto pages = OIIO::ImageOutput::create("tiff");
    const OIIO::ImageSpec small(2, 2, 1, OIIO::TypeDesc::UINT8);
    const std::vector<std::uint8_t> first(4, 10), second(4, 20);
    REQUIRE(pages->open((dir / "pages.tif").string(), small));
    REQUIRE(pages->write_image(OIIO::TypeDesc::UINT8, first.data()));
    REQUIRE(pages->open((dir / "pages.tif").string(), small, OIIO::ImageOutput::AppendSubimage));
    REQUIRE(pages->write_image(OIIO::TypeDesc::UINT8, second.data()));
    REQUIRE(pages->close());
    CHECK(value(read_photo(dir / "pages.tif")).color.data[0] == 10.0f / 255.0f);
}

TEST_CASE("A TIFF that stores colour multiplied by alpha keeps it so, a PNG of it is straight") {
    TempDir dir;
    const std::vector<std::uint8_t> values{100, 50, 25, 128, 10, 20, 30, 255};
    make_file(dir / "in.tif", "tiff", 2, 1, 4, values,
              [](OIIO::ImageSpec& spec) { spec.attribute("oiio:UnassociatedAlpha", 0); });
    const Photo photo = value(read_photo(dir / "in.tif"));
    CHECK(photo.premultiplied);
    CHECK(photo.color.data[0] == 100.0f / 255.0f);
    value(write_photo(photo, dir / "out.tif"));
    CHECK(stored<std::uint8_t>(dir / "out.tif") == values);
    CHECK(value(read_photo(dir / "out.tif")).premultiplied);
    value(write_photo(photo, dir / "out.png"));
    CHECK(stored<std::uint8_t>(dir / "out.png") ==
          std::vector<std::uint8_t>{199, 100, 50, 128, 10, 20, 30, 255});
}
