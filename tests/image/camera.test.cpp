#include "tests/image/make.h"

using namespace c2c;
using namespace c2c::test;

TEST_CASE("HEIC is read where the library has it") {
    TempDir dir;
    auto output = OIIO::ImageOutput::create("heif");
    OIIO::ImageSpec spec(64, 48, 3, OIIO::TypeDesc::UINT8);
    spec.attribute("Make", "Phonemaker");
    const std::vector<std::uint8_t> values(64 * 48 * 3, 180);
    if (!output || !output->open((dir / "x.heic").string(), spec) ||
        !output->write_image(OIIO::TypeDesc::UINT8, values.data()) || !output->close()) {
        WARN("no HEIC writer here: not tested");
        return;
    }
    const Photo heic = value(read_photo(dir / "x.heic"));
    CHECK(heic.format == "heic");
    CHECK(heic.width() == 64);
    CHECK(std::abs(heic.color.data[0] - 180.0f / 255.0f) < 0.02f);
    value(write_photo(heic, dir / "out.tif"));
    CHECK(OIIO::ImageInput::open((dir / "out.tif").string())->spec().get_string_attribute("Make") ==
          "Phonemaker");
}

TEST_CASE("Camera raw is read where the library has it") {
    TempDir dir;
    // A DNG by hand: 64 x 48, RGGB, 16 bits, uniform grey after its white balance.
    struct Tag {
        std::uint16_t tag, type;
        std::string bytes;
    };
    const auto numbers = [](std::initializer_list<std::uint32_t> list, std::size_t size) {
        std::string text;
        for (const std::uint32_t number : list)
            text.append(reinterpret_cast<const char*>(&number), size);
        return text;
    };
    constexpr int width = 64, height = 48;
    const std::string matrix = numbers({1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1}, 4);
    std::vector<Tag> tags{{254, 4, numbers({0}, 4)},
                          {256, 4, numbers({width}, 4)},
                          {257, 4, numbers({height}, 4)},
                          {258, 3, numbers({16}, 2)},
                          {259, 3, numbers({1}, 2)},
                          {262, 3, numbers({32803}, 2)},
                          {271, 2, std::string("Maker\0", 6)},
                          {272, 2, std::string("Model\0", 6)},
                          {273, 4, numbers({0}, 4)},
                          {277, 3, numbers({1}, 2)},
                          {278, 4, numbers({height}, 4)},
                          {279, 4, numbers({width * height * 2}, 4)},
                          {33421, 3, numbers({2, 2}, 2)},
                          {33422, 1, numbers({0, 1, 1, 2}, 1)},
                          {50706, 1, numbers({1, 4, 0, 0}, 1)},
                          {50708, 2, std::string("Maker Model\0", 12)},
                          {50717, 4, numbers({65535}, 4)},
                          {50721, 10, matrix},
                          {50728, 5, numbers({1, 1, 1, 1, 1, 1}, 4)},
                          {50778, 3, numbers({21}, 2)}};
    const std::size_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8};
    std::string head = std::string("II*\0", 4) + numbers({8}, 4) + numbers({std::uint32_t(tags.size())}, 2),
                rest;
    const std::size_t rest_at = 8 + 2 + 12 * tags.size() + 4;
    std::size_t data_at = rest_at;
    for (const Tag& tag : tags)
        data_at += tag.bytes.size() > 4 ? tag.bytes.size() : 0;
    for (Tag& tag : tags) {
        if (tag.tag == 273)
            tag.bytes = numbers({std::uint32_t(data_at)}, 4);
        head += numbers({tag.tag}, 2) + numbers({tag.type}, 2) +
                numbers({std::uint32_t(tag.bytes.size() / sizes[tag.type])}, 4);
        std::string field = tag.bytes;
        if (field.size() > 4) {
            field = numbers({std::uint32_t(rest_at + rest.size())}, 4);
            rest += tag.bytes;
        }
        field.resize(4, '\0');
        head += field;
    }
    std::string pixels;
    for (int i = 0; i < width * height; ++i)
        pixels += numbers({20000}, 2);
    put_bytes(dir / "x.dng", head + numbers({0}, 4) + rest + pixels);
    fs::copy_file(dir / "x.dng", dir / "x.tif"); // the suffix does not make it a TIFF
    if (!OIIO::ImageInput::create("raw")) {
        WARN("no camera raw here: not tested");
        return;
    }
    for (const char* name : {"x.dng", "x.tif"}) {
        const Photo raw = value(read_photo(dir / name));
        CHECK(raw.format == "raw");
        CHECK(std::abs(raw.width() - width) <= 8); // libraw may crop the border
        REQUIRE(raw.color.channels == 3);
        CHECK(raw.color.at(20, 20, 1) > 0.1f);
        CHECK(raw.color.at(20, 20, 1) < 1.0f);
    }
}
