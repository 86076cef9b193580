#include "tests/image/make.h"

#include "core/image/color.h"
#include "core/image/tone.h"

#include <cmath>
#include <limits>

using namespace c2c;
using namespace c2c::test;

namespace {

float largest_difference(const Image& a, const Image& b) {
    REQUIRE(a.data.size() == b.data.size());
    float worst = 0;
    for (std::size_t i = 0; i < a.data.size(); ++i)
        worst = std::max(worst, std::abs(a.data[i] - b.data[i]));
    return worst;
}

/// lcms's own answer in floats, relative colorimetric.
Image by_lcms(const Image& own, const std::vector<std::uint8_t>& icc, cmsUInt32Number type) {
    cmsHPROFILE from = cmsOpenProfileFromMem(icc.data(), cmsUInt32Number(icc.size()));
    cmsHPROFILE to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform =
        cmsCreateTransform(from, type, to, TYPE_RGB_FLT, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
    REQUIRE(transform);
    Image result(own.width, own.height, 3);
    cmsDoTransform(transform, own.data.data(), result.data.data(), cmsUInt32Number(own.width * own.height));
    cmsDeleteTransform(transform);
    cmsCloseProfile(from);
    cmsCloseProfile(to);
    for (float& v : result.data)
        v = std::clamp(v, 0.0f, 1.0f);
    return result;
}

Image cube(int steps) {
    Image image(steps * steps, steps, 3);
    for (int i = 0; i < steps * steps * steps; ++i) {
        image.data[std::size_t(3 * i)] = float(i % steps) / float(steps - 1);
        image.data[std::size_t(3 * i + 1)] = float(i / steps % steps) / float(steps - 1);
        image.data[std::size_t(3 * i + 2)] = float(i / steps / steps) / float(steps - 1);
    }
    return image;
}

Image random_change(const Image& like, float amount) {
    Image change(like.width, like.height, 3);
    std::minstd_rand random(5);
    std::uniform_real_distribution<float> uniform(-amount, amount);
    for (float& v : change.data)
        v = uniform(random);
    return change;
}

} // namespace

TEST_CASE("The sRGB curve and its tables are the standard's") {
    CHECK(srgb_decode(0.5f) == Approx(0.21404114).margin(1e-6));
    CHECK(srgb_encode(0.18f) == Approx(0.46135613).margin(1e-6));
    float worst = 0;
    for (int i = 0; i <= 100'000; ++i) {
        const float x = float(i) / 100'000.0f;
        worst = std::max({worst, std::abs(srgb_decoding()(x) - srgb_decode(x)),
                          std::abs(srgb_encoding()(x) - srgb_encode(x)),
                          std::abs(srgb_encoding()(srgb_decoding()(x)) - x)});
    }
    CHECK(worst < 1e-6f);
    CHECK(srgb_encoding()(std::numeric_limits<float>::quiet_NaN()) == 0.0f);
    CHECK(srgb_encoding()(std::numeric_limits<float>::infinity()) == 1.0f);
}

TEST_CASE("A curve's inverse undoes it: powers, straight lines, steps, flat parts") {
    const auto check = [](auto function, float flat_from, float flat_to, float precision) {
        std::vector<float> values(4097);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = function(float(i) / 4096.0f);
        const Curve curve(values);
        float worst = 0, worst_x = 0;
        for (int i = 0; i <= 50'000; ++i) {
            const float x = float(i) / 50'000.0f, y = curve(x);
            worst = std::max(worst, std::abs(curve(curve.inverse(y)) - y));
            if (x < flat_from || x > flat_to)
                worst_x = std::max(worst_x, std::abs(curve.inverse(y) - x));
        }
        INFO("worst " << worst * 1e6f << " millionths");
        CHECK(worst < precision);
        CHECK(worst_x < 5e-4f); // only where the curve is so flat that it does not matter
        CHECK(curve.inverse(-5.0f) == 0.0f);
        CHECK(curve.inverse(std::numeric_limits<float>::quiet_NaN()) == 0.0f);
    };
    for (const float gamma : {0.45f, 1.0f, 1.8f, 2.2f, 2.6f})
        check([&](float x) { return std::pow(x, gamma); }, 2.0f, 2.0f, 5e-6f);
    check([](float x) { return 0.2f + 0.5f * x; }, 2.0f, 2.0f, 5e-6f); // a third of a step of 16 bits
    check([](float x) { return x < 0.5f ? 0.1f * x : x; }, 2.0f, 2.0f, 1e-3f);
    check([](float x) { return std::max(x, 0.25f) * std::min(x, 0.75f); }, 2.0f, 2.0f, 1e-4f);
    check([](float x) { return std::clamp(x, 0.25f, 0.75f); }, 0.0f, 1.0f,
          1e-3f); // the flat ends have no inverse
}

TEST_CASE("Untagged photos and those with an sRGB profile are left as they are") {
    Photo photo = photo_of(cube(9));
    for (const bool tagged : {false, true}) {
        if (tagged)
            photo.icc = srgb_profile();
        const auto transform = value(ColorTransform::create(photo));
        CHECK(same_bits(transform.to_srgb(photo.color), photo.color));
    }
}

TEST_CASE("Only of integer photos in sRGB the values are sRGB as they are") {
    Photo photo;
    photo.color = Image(2, 1, 3, 0.25f);
    CHECK(value(ColorTransform::create(photo)).is_srgb());
    CHECK(value(ColorTransform::create(photo)).to_srgb(photo.color).data == photo.color.data);
    photo.linear = true;
    CHECK_FALSE(value(ColorTransform::create(photo)).is_srgb());
    photo.linear = false;
    photo.depth = Depth::F32; // may lie outside of 0..1
    CHECK_FALSE(value(ColorTransform::create(photo)).is_srgb());
    photo.depth = Depth::U16;
    photo.color = Image(2, 1, 1, 0.25f);
    CHECK_FALSE(value(ColorTransform::create(photo)).is_srgb());
}

TEST_CASE("Profiles give what lcms gives") {
    for (const auto& icc : {adobe_rgb(), display_p3()}) {
        Photo photo = photo_of(cube(17));
        photo.icc = icc;
        const auto transform = value(ColorTransform::create(photo));
        CHECK(largest_difference(transform.to_srgb(photo.color), by_lcms(photo.color, icc, TYPE_RGB_FLT)) <
              5e-4f);
        CHECK(largest_difference(transform.to_srgb(photo.color), photo.color) > 0.05f);
    }
    Photo grey = photo_of(gradient(64, 16, 1));
    grey.icc = grey_profile(1.8);
    const auto transform = value(ColorTransform::create(grey));
    const Image srgb = transform.to_srgb(grey.color);
    CHECK(largest_difference(srgb, by_lcms(grey.color, grey.icc, TYPE_GRAY_FLT)) < 2e-3f);
}

TEST_CASE("A change comes back through the profile") {
    // Going to sRGB after the change is the same as going before and adding it, inside both gamuts.
    for (const auto& icc : {adobe_rgb(), display_p3()}) {
        Photo photo = photo_of(gradient(64, 64));
        for (float& v : photo.color.data)
            v = 0.42f + 0.16f * v;
        photo.icc = icc;
        const auto transform = value(ColorTransform::create(photo));
        const Image srgb = transform.to_srgb(photo.color), change = random_change(srgb, 0.1f);
        const Image result = transform.to_srgb(transform.add_change(photo.color, srgb, change));
        Image wanted = srgb;
        for (std::size_t i = 0; i < wanted.data.size(); ++i)
            wanted.data[i] += change.data[i];
        CHECK(largest_difference(result, wanted) < 1e-4f);
    }
}

TEST_CASE("Without a change every pixel stays bit for bit, whatever it is") {
    const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    const float odd[] = {0.0f, -0.0f, -0.3f, 1.0f, 1.5f, 800.0f, inf, -inf, nan, 1e-30f, 0.999999f, 0.1f};
    std::vector<Photo> photos;
    for (const int channels : {1, 3}) {
        for (const bool linear : {false, true}) {
            Image color(13, 11, channels); // no whole number of fours
            for (std::size_t i = 0; i < color.data.size(); ++i)
                color.data[i] = odd[(i * 7 + i / 12) % 12];
            photos.push_back(photo_of(color, Depth::F32)); // whole numbers are never odd
            photos.back().linear = linear;
        }
    }
    photos.push_back(photos[2]);
    photos.back().icc = adobe_rgb();
    photos.push_back(photos[0]);
    photos.back().icc = grey_profile(2.2);
    photos.push_back(photos[3]);
    photos.back().chromaticities = {0.7347f, 0.2653f, 0.0f, 1.0f, 0.0001f, -0.077f, 0.32168f, 0.33767f};
    for (const Photo& photo : photos) {
        const auto transform = value(ColorTransform::create(photo));
        const Image srgb = transform.to_srgb(photo.color);
        for (float v : srgb.data)
            REQUIRE((v >= 0.0f && v <= 1.0f)); // NaN fails
        CHECK(same_bits(transform.add_change(photo.color, srgb, Image(13, 11, 3, 0.0f)), photo.color));
        const Image changed = transform.add_change(photo.color, srgb, random_change(srgb, 0.5f));
        for (std::size_t i = 0; i < changed.data.size(); ++i)
            REQUIRE(std::isnan(changed.data[i]) == std::isnan(photo.color.data[i]));
    }
}

TEST_CASE("Scene-linear: values above 1 keep their excess, the change is made in linear") {
    Photo photo = photo_of(Image(2, 1, 3, 0.18f), Depth::F32);
    for (int c = 0; c < 3; ++c)
        photo.color.at(1, 0, c) = 5.0f;
    photo.color.at(0, 0, 1) = 0.19f;
    const auto transform = value(ColorTransform::create(photo));
    const Image srgb = transform.to_srgb(photo.color);
    CHECK(srgb.at(0, 0, 0) == Approx(0.46135613).margin(1e-5));
    CHECK(srgb.at(1, 0, 0) == 1.0f);
    const Image result = transform.add_change(photo.color, srgb, Image(2, 1, 3, -0.1f));
    CHECK(result.at(0, 0, 0) == Approx(srgb_decode(0.36135613f)).margin(1e-5));
    CHECK(result.at(1, 0, 0) == Approx(5.0 - (1.0 - srgb_decode(0.9f))).margin(1e-5));
    // Darker than black does not turn negative.
    CHECK(transform.add_change(photo.color, srgb, Image(2, 1, 3, -0.9f)).at(0, 0, 0) ==
          Approx(0.0).margin(1e-6));
}

TEST_CASE("Chromaticities are honoured, with Bradford from another white") {
    Photo photo = photo_of(Image(2, 1, 3, 0.5f), Depth::F32);
    photo.color.data = {0.5f, 0.5f, 0.5f, 0.2f, 0.4f, 0.1f};
    photo.chromaticities = {0.64f, 0.33f, 0.30f, 0.60f, 0.15f, 0.06f, 0.3127f, 0.3290f};
    CHECK(largest_difference(value(ColorTransform::create(photo)).to_linear(photo.color), photo.color) <
          1e-6f);
    // ACES 2065-1. Its white is neutral; the second colour is by the published AP0 to Rec. 709 matrix
    // (Bradford).
    photo.chromaticities = {0.7347f, 0.2653f, 0.0f, 1.0f, 0.0001f, -0.077f, 0.32168f, 0.33767f};
    const auto transform = value(ColorTransform::create(photo));
    const Image linear = transform.to_linear(photo.color);
    for (int c = 0; c < 3; ++c)
        CHECK(linear.at(0, 0, c) == Approx(0.5).margin(2e-4));
    CHECK(linear.at(1, 0, 0) == Approx(2.52169 * 0.2 - 1.13413 * 0.4 - 0.38756 * 0.1).margin(5e-4));
    CHECK(linear.at(1, 0, 1) == Approx(-0.27648 * 0.2 + 1.37272 * 0.4 - 0.09624 * 0.1).margin(5e-4));
    CHECK(linear.at(1, 0, 2) == Approx(-0.01538 * 0.2 - 0.15298 * 0.4 + 1.16835 * 0.1).margin(5e-4));
    // Nonsense does not break the photo.
    photo.chromaticities = {0, 0, 0, 0, 0, 0, 0, 0};
    CHECK(same_bits(value(ColorTransform::create(photo)).to_linear(photo.color), photo.color));
}

TEST_CASE("A grey photo stays exactly grey, in one channel and in three") {
    const Image one = gradient(64, 64, 1);
    Image three(64, 64, 3);
    for (std::size_t i = 0; i < three.data.size(); ++i)
        three.data[i] = one.data[i / 3];
    for (const bool linear : {false, true})
        for (const bool tagged : {false, true}) {
            if (linear && tagged)
                continue;
            Photo grey = photo_of(one, linear ? Depth::F32 : Depth::U16);
            Photo rgb = photo_of(three, linear ? Depth::F32 : Depth::U16);
            if (tagged) {
                grey.icc = grey_profile(2.2);
                rgb.icc = adobe_rgb();
            }
            if (linear)
                rgb.chromaticities = {0.7347f, 0.2653f, 0.0f, 1.0f, 0.0001f, -0.077f, 0.32168f, 0.33767f};
            for (const Photo& photo : {grey, rgb}) {
                const auto transform = value(ColorTransform::create(photo));
                const Image srgb = transform.to_srgb(photo.color);
                const Image change = random_change(srgb, 0.2f);
                const Image result = transform.add_change(photo.color, srgb, change);
                bool srgb_grey = true, result_grey = true;
                for (std::size_t i = 0; i < srgb.data.size(); i += 3)
                    srgb_grey &= srgb.data[i] == srgb.data[i + 1] && srgb.data[i] == srgb.data[i + 2];
                for (std::size_t i = 0; photo.color.channels == 3 && i < result.data.size(); i += 3)
                    result_grey &=
                        result.data[i] == result.data[i + 1] && result.data[i] == result.data[i + 2];
                CHECK(srgb_grey);
                CHECK(result_grey);
                CHECK_FALSE(same_bits(result, photo.color));
            }
        }
    // The change's luma, Rec. 709.
    const Photo photo = photo_of(Image(1, 1, 1, 0.5f));
    const auto transform = value(ColorTransform::create(photo));
    Image change(1, 1, 3);
    change.data = {0.1f, 0.0f, -0.1f};
    CHECK(transform.add_change(photo.color, transform.to_srgb(photo.color), change).data[0] ==
          Approx(0.5 + 0.2126 * 0.1 - 0.0722 * 0.1).margin(1e-6));
}

namespace {

/// A scanner's or a printer's kind of profile: RGB to Lab and back by tables only, made of a gamma 1.6 sRGB.
std::vector<std::uint8_t> table_profile(bool backward) {
    cmsToneCurve* curve = cmsBuildGamma(nullptr, 1.6);
    cmsToneCurve* curves[] = {curve, curve, curve};
    const cmsCIExyY d65{0.3127, 0.3290, 1.0};
    const cmsCIExyYTRIPLE primaries{{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
    cmsHPROFILE device = cmsCreateRGBProfile(&d65, &primaries, curves), lab = cmsCreateLab4Profile(nullptr);
    cmsHPROFILE result = cmsCreateProfilePlaceholder(nullptr);
    cmsSetProfileVersion(result, 4.3);
    cmsSetDeviceClass(result, cmsSigInputClass);
    cmsSetColorSpace(result, cmsSigRgbData);
    cmsSetPCS(result, cmsSigLabData);
    const auto add = [&](cmsHPROFILE from, cmsUInt32Number in, cmsHPROFILE to, cmsUInt32Number out,
                         cmsTagSignature tag) {
        cmsHTRANSFORM transform =
            cmsCreateTransform(from, in, to, out, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
        cmsPipeline* pipeline = cmsPipelineAlloc(nullptr, 3, 3);
        cmsStage* table = cmsStageAllocCLut16bit(nullptr, 33, 3, 3, nullptr);
        cmsStageSampleCLut16bit(
            table,
            [](const cmsUInt16Number* from_values, cmsUInt16Number* to_values, void* with) -> cmsInt32Number {
                cmsDoTransform(with, from_values, to_values, 1);
                return 1;
            },
            transform, 0);
        // The format wants curves on both sides of the table; these are straight.
        cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(nullptr, 3, nullptr));
        cmsPipelineInsertStage(pipeline, cmsAT_END, table);
        cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(nullptr, 3, nullptr));
        cmsWriteTag(result, tag, pipeline);
        cmsPipelineFree(pipeline);
        cmsDeleteTransform(transform);
    };
    add(device, TYPE_RGB_16, lab, TYPE_Lab_16, cmsSigAToB0Tag);
    if (backward)
        add(lab, TYPE_Lab_16, device, TYPE_RGB_16, cmsSigBToA0Tag);
    cmsCloseProfile(device);
    cmsCloseProfile(lab);
    cmsFreeToneCurve(curve);
    return saved(result);
}

} // namespace

TEST_CASE("Profiles with tables work both ways, and without a way back the change is added as it is") {
    Photo photo = photo_of(gradient(64, 64));
    for (float& v : photo.color.data)
        v = 0.3f + 0.3f * v;
    for (const bool backward : {true, false}) {
        photo.icc = table_profile(backward);
        const auto transform = value(ColorTransform::create(photo));
        const Image srgb = transform.to_srgb(photo.color);
        CHECK(largest_difference(srgb, by_lcms(photo.color, photo.icc, TYPE_RGB_FLT)) < 1e-4f);
        CHECK(largest_difference(srgb, photo.color) > 0.05f);
        CHECK(same_bits(transform.add_change(photo.color, srgb, Image(64, 64, 3, 0.0f)), photo.color));
        const Image change(64, 64, 3, 0.05f);
        const Image result = transform.add_change(photo.color, srgb, change);
        Image wanted = backward ? srgb : photo.color;
        for (float& v : wanted.data)
            v += 0.05f;
        CHECK(largest_difference(backward ? transform.to_srgb(result) : result, wanted) < 0.01f);
    }
}

TEST_CASE("Broken and foreign profiles are ignored") {
    Photo photo = photo_of(cube(5));
    photo.icc = std::vector<std::uint8_t>(300, 0x5A);
    CHECK(same_bits(value(ColorTransform::create(photo)).to_srgb(photo.color), photo.color));
    photo.icc = grey_profile(2.2); // in an RGB file
    CHECK(same_bits(value(ColorTransform::create(photo)).to_srgb(photo.color), photo.color));
    const Photo five = photo_of(Image(2, 2, 5, 0.5f));
    CHECK_FALSE(ColorTransform::create(five));
}
