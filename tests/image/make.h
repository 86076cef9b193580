#pragma once

#include "core/image/image.h"
#include "core/image/read.h"
#include "core/image/write.h"
#include "tests/support.h"

#include <lcms2.h>

#include <OpenImageIO/imageio.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace c2c::test {

namespace fs = std::filesystem;

inline std::string bytes_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}
inline void put_bytes(const fs::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
}

/// A file by OpenImageIO itself, so that our reader is not tested with our writer.
template <class T>
void make_file(const fs::path& file, const char* plugin, int width, int height, int channels,
               const std::vector<T>& values, const std::function<void(OIIO::ImageSpec&)>& edit = {}) {
    auto output = OIIO::ImageOutput::create(plugin);
    REQUIRE(output);
    constexpr OIIO::TypeDesc type(OIIO::BaseTypeFromC<T>::value);
    OIIO::ImageSpec spec(width, height, channels, type);
    spec.attribute("oiio:UnassociatedAlpha", 1);
    if (edit)
        edit(spec);
    INFO(output->geterror());
    REQUIRE(output->open(file.string(), spec));
    REQUIRE(output->write_image(type, values.data()));
    REQUIRE(output->close());
}

/// Values of a file as its format stores them, read by OpenImageIO itself.
template <class T> std::vector<T> stored(const fs::path& file) {
    OIIO::ImageSpec config;
    config.attribute("oiio:UnassociatedAlpha", 1);
    auto input = OIIO::ImageInput::open(file.string(), &config);
    REQUIRE(input);
    const OIIO::ImageSpec& spec = input->spec();
    constexpr OIIO::TypeDesc type(OIIO::BaseTypeFromC<T>::value);
    CHECK(bool(spec.format == type));
    std::vector<T> values(std::size_t(spec.width) * std::size_t(spec.height) * std::size_t(spec.nchannels));
    REQUIRE(input->read_image(0, 0, 0, spec.nchannels, type, values.data()));
    return values;
}

inline bool same_bits(const Image& a, const Image& b) {
    return a.width == b.width && a.height == b.height && a.channels == b.channels &&
           a.data.size() == b.data.size() &&
           std::memcmp(a.data.data(), b.data.data(), a.data.size() * sizeof(float)) == 0;
}

inline Photo photo_of(Image color, Depth depth = Depth::U8) {
    Photo photo;
    photo.color = std::move(color);
    photo.depth = depth;
    photo.linear = depth == Depth::F16 || depth == Depth::F32;
    return photo;
}

/// A smooth colourful picture that has every kind of value.
inline Image gradient(int width, int height, int channels = 3) {
    Image image(width, height, channels);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < channels; ++c)
                image.at(x, y, c) =
                    0.5f + 0.5f * std::sin(0.05f * float(x * (c + 1)) + 0.08f * float(y) + float(c));
    return image;
}

inline std::vector<std::uint8_t> saved(cmsHPROFILE profile) {
    cmsUInt32Number size = 0;
    REQUIRE(cmsSaveProfileToMem(profile, nullptr, &size));
    std::vector<std::uint8_t> bytes(size);
    REQUIRE(cmsSaveProfileToMem(profile, bytes.data(), &size));
    cmsCloseProfile(profile);
    return bytes;
}
inline std::vector<std::uint8_t> rgb_profile(cmsCIExyYTRIPLE primaries, double gamma) {
    const cmsCIExyY d65{0.3127, 0.3290, 1.0};
    cmsToneCurve* curve = cmsBuildGamma(nullptr, gamma);
    cmsToneCurve* curves[] = {curve, curve, curve};
    auto bytes = saved(cmsCreateRGBProfile(&d65, &primaries, curves));
    cmsFreeToneCurve(curve);
    return bytes;
}
inline std::vector<std::uint8_t> adobe_rgb() {
    return rgb_profile({{0.64, 0.33, 1}, {0.21, 0.71, 1}, {0.15, 0.06, 1}}, 2.19921875);
}
inline std::vector<std::uint8_t> display_p3() {
    return rgb_profile({{0.68, 0.32, 1}, {0.265, 0.69, 1}, {0.15, 0.06, 1}}, 2.2);
}
inline std::vector<std::uint8_t> srgb_profile() {
    return saved(cmsCreate_sRGBProfile());
}
inline std::vector<std::uint8_t> grey_profile(double gamma) {
    cmsToneCurve* curve = cmsBuildGamma(nullptr, gamma);
    auto bytes = saved(cmsCreateGrayProfile(cmsD50_xyY(), curve));
    cmsFreeToneCurve(curve);
    return bytes;
}

/// The text of the error that reading must give.
inline std::string reading_fails(const fs::path& file, ErrorKind kind = ErrorKind::Input) {
    const auto photo = read_photo(file);
    REQUIRE_FALSE(photo);
    INFO(photo.error().text << " | " << photo.error().detail);
    CHECK(photo.error().kind == kind);
    CHECK(photo.error().text.find(file.string()) != std::string::npos);
    CHECK(photo.error().text.find('\n') == std::string::npos);
    CHECK(photo.error().text.ends_with("."));
    return photo.error().text;
}

} // namespace c2c::test
