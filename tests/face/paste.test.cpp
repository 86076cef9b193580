#include "core/face/paste.h"
#include "core/image/write.h"
#include "tests/face/portraits.h"

#include <cmath>
#include <cstring>

using namespace c2c;
using namespace c2c::test;

namespace {

/// A change as large and as uneven as ageing makes it: darker, redder, with folds.
Image change_like_age(int size = 224) {
    Image change(size, size, 3);
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x)
            for (int c = 0; c < 3; ++c)
                change.at(x, y, c) = -0.12f + 0.04f * static_cast<float>(c == 0) +
                                     0.1f * static_cast<float>(std::sin(x * 0.21 + c) * std::cos(y * 0.17));
    return change;
}

bool same_bits(const float* a, const float* b, int n) {
    return std::memcmp(a, b, static_cast<std::size_t>(n) * sizeof(float)) == 0;
}

/// How many pixels of the photo were touched where the mask is 0, and changed where it is not.
struct Touched {
    int outside = 0, inside = 0, not_finite = 0;
};
Touched compare(const Image& before, const Image& after, const PasteContext& context) {
    Touched touched;
    for (int y = 0; y < before.height; ++y)
        for (int x = 0; x < before.width; ++x) {
            const int mx = x - context.rect.x, my = y - context.rect.y;
            const bool masked = mx >= 0 && my >= 0 && mx < context.rect.width && my < context.rect.height &&
                                context.mask.at(mx, my) > 0;
            const bool same =
                same_bits(&before.data[before.index(x, y)], &after.data[after.index(x, y)], before.channels);
            touched.outside += !masked && !same;
            touched.inside += masked && !same;
            for (int c = 0; c < after.channels; ++c)
                touched.not_finite += !std::isfinite(after.at(x, y, c));
        }
    return touched;
}

PasteContext prepare(const Aligned& a, const RegionMask& protect = {}) {
    return prepare_paste(a.photo, a.color, a.warp, a.shape.size, a.mask, protect);
}

/// A photo of its own kind made from man_38.jpg.
Photo man(Depth depth, const std::string& format) {
    Photo photo = man_38().photo;
    photo.depth = depth;
    photo.format = format;
    photo.icc.clear();
    photo.metadata = {};
    if (depth == Depth::U16)
        for (std::size_t i = 0; i < photo.color.data.size(); ++i) // use the low byte too
            photo.color.data[i] =
                std::floor(photo.color.data[i] * 65000.0f + static_cast<float>(i % 255)) / 65535.0f;
    return photo;
}

} // namespace

TEST_CASE("Outside the mask the file holds the same pixels, in every precision", "[face][paste]") {
    const auto [name, depth] = GENERATE(table<std::string, Depth>(
        {{"a.png", Depth::U8}, {"a.png", Depth::U16}, {"a.tif", Depth::F32}, {"a.exr", Depth::F16}}));
    const TempDir dir;
    Photo made = man(depth, name.substr(2));
    made.linear = depth == Depth::F16 || depth == Depth::F32;
    if (made.linear)
        for (float& v : made.color.data)
            v = std::pow(v, 2.2f) * 1.5f; // some highlights above 1
    made.source.clear();
    WriteOptions options;
    options.depth = depth;
    value(write_photo(made, dir / name, options));
    const Photo before = value(read_photo(dir / name));
    REQUIRE(before.depth == depth);

    const Aligned& a = man_38();
    const ColorTransform color = value(ColorTransform::create(before));
    const PasteContext context = prepare_paste(before, color, a.warp, a.shape.size, a.mask);
    Photo after = before;
    apply(paste(context, change_like_age()), after);
    const auto pasted = (dir / "b").replace_extension(name.substr(1));
    value(write_photo(after, pasted));
    const Photo written = value(read_photo(pasted));
    REQUIRE(written.depth == depth);
    const Touched touched = compare(before.color, written.color, context);
    CHECK(touched.outside == 0);
    CHECK(touched.inside > 20000);
    CHECK(touched.not_finite == 0);
}

TEST_CASE("No change, or none of it, leaves every pixel", "[face][paste]") {
    const Aligned& a = man_38();
    const PasteContext context = prepare(a);
    Photo after = a.photo;
    apply(paste(context, Image(224, 224, 3)), after);
    CHECK(compare(a.photo.color, after.color, context).inside == 0);
    for (const PasteMode mode : {PasteMode::KeepDetail, PasteMode::Replace}) {
        apply(paste(context, change_like_age(), 0.0, mode), after);
        const Touched touched = compare(a.photo.color, after.color, context);
        CHECK(touched.inside + touched.outside == 0);
    }
}

TEST_CASE("The amount scales the change, the delta is what is added", "[face][paste]") {
    const Aligned& a = man_38();
    const PasteContext context = prepare(a);
    const Image half = paste_delta(context, change_like_age(), 0.5),
                twice = paste_delta(context, change_like_age(), 2.0);
    float worst = 0, largest = 0;
    for (std::size_t i = 0; i < half.data.size(); ++i) {
        worst = std::max(worst, std::abs(twice.data[i] - 4.0f * half.data[i]));
        largest = std::max(largest, std::abs(half.data[i]));
    }
    CHECK(worst < 1e-5f);
    CHECK(largest > 0.08f);
    const Patch patch = paste(context, change_like_age(), 0.5);
    worst = 0;
    for (std::size_t i = 0; i < half.data.size(); ++i) {
        const float wanted = std::clamp(context.srgb.data[i] + half.data[i], 0.0f, 1.0f);
        worst = std::max(worst, std::abs(patch.color.data[i] - wanted));
    }
    CHECK(worst < 1e-5f);
}

TEST_CASE("Keep-detail keeps the photo's grain, replace does not", "[face][paste]") {
    const Aligned& a = man_38();
    const PasteContext context = prepare(a);
    const Image crop = crop_face(a.srgb, a.warp, a.shape);
    const auto grain = [&](const Image& image) { // mean difference of neighbours where the mask is full
        double sum = 0;
        int n = 0;
        for (int y = 0; y + 1 < image.height; ++y)
            for (int x = 0; x + 1 < image.width; ++x)
                if (context.mask.at(x, y) > 0.99f) {
                    sum += std::abs(image.at(x + 1, y, 1) - image.at(x, y, 1));
                    ++n;
                }
        return sum / n;
    };
    const double own = grain(context.srgb);
    CHECK(grain(paste(context, Image(224, 224, 3, -0.05f)).color) == Approx(own).epsilon(0.02));
    CHECK(grain(paste(context, crop, 1.0, PasteMode::Replace).color) < 0.9 * own);
}

TEST_CASE("Replacing with the photo's own crop gives the photo, in place", "[face][paste]") {
    const Aligned& a = man_38();
    const PasteContext context = prepare(a);
    const Patch patch = paste(context, crop_face(a.srgb, a.warp, a.shape), 1.0, PasteMode::Replace);
    double sum = 0;
    for (std::size_t i = 0; i < patch.color.data.size(); ++i)
        sum += std::abs(patch.color.data[i] - context.srgb.data[i]);
    CHECK(sum / static_cast<double>(patch.color.data.size()) < 0.012);
}

TEST_CASE("What is protected keeps its pixels", "[face][paste]") {
    const Aligned& a = man_38();
    // The left half of the photo, with one column of grey between.
    Image picture(a.photo.width(), a.photo.height(), 1);
    const int middle = static_cast<int>(a.face.landmarks[30].x);
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x <= middle; ++x)
            picture.at(x, y) = x == middle ? 0.5f : 1.0f;
    const PasteContext free = prepare(a), kept = prepare(a, {{0, 0, picture.width, picture.height}, picture});
    CHECK(kept.rect.x >= middle);
    Photo after = a.photo;
    apply(paste(kept, change_like_age()), after);
    int left = 0, right = 0;
    for (int y = 0; y < after.height(); ++y)
        for (int x = 0; x < after.width(); ++x)
            (x < middle ? left : right) += after.color.at(x, y, 0) != a.photo.color.at(x, y, 0);
    CHECK(left == 0);
    CHECK(right > 10000);
    const int y = static_cast<int>(a.face.landmarks[30].y);
    CHECK(kept.mask.at(middle - kept.rect.x, y - kept.rect.y) ==
          Approx(0.5 * free.mask.at(middle - free.rect.x, y - free.rect.y)));
}

TEST_CASE("A grey photo stays exactly grey", "[face][paste]") {
    const Aligned& a = man_38();
    const int channels = GENERATE(1, 3);
    Photo grey = man(Depth::U8, "png");
    const Image rgb = grey.color;
    grey.color = Image(rgb.width, rgb.height, channels);
    for (int y = 0; y < rgb.height; ++y)
        for (int x = 0; x < rgb.width; ++x)
            for (int c = 0; c < channels; ++c)
                grey.color.at(x, y, c) = rgb.at(x, y, 1);
    const ColorTransform color = value(ColorTransform::create(grey));
    const PasteContext context = prepare_paste(grey, color, a.warp, a.shape.size, a.mask);
    Photo after = grey;
    apply(paste(context, change_like_age()), after);
    const Touched touched = compare(grey.color, after.color, context);
    CHECK(touched.outside == 0);
    CHECK(touched.inside > 20000);
    int coloured = 0;
    for (int i = 0; channels == 3 && i < after.width() * after.height(); ++i) {
        const float* p = after.color.data.data() + 3 * i;
        coloured += p[0] != p[1] || p[1] != p[2];
    }
    CHECK(coloured == 0);
}

TEST_CASE("Values above 1 keep their excess", "[face][paste]") {
    const Aligned& a = man_38();
    Photo bright = man(Depth::F32, "tiff");
    bright.linear = true;
    for (float& v : bright.color.data)
        v = std::pow(v, 2.2f) * 8.0f;
    const ColorTransform color = value(ColorTransform::create(bright));
    const PasteContext context = prepare_paste(bright, color, a.warp, a.shape.size, a.mask);
    const Patch patch = paste(context, Image(224, 224, 3, -0.1f));
    float highest = 0;
    int above = 0;
    for (std::size_t i = 0; i < patch.color.data.size(); ++i)
        if (context.own.data[i] > 2.0f) {
            ++above;
            highest = std::max(highest, std::abs(context.own.data[i] - patch.color.data[i]));
        }
    CHECK(above > 1000);
    CHECK(highest > 0.05f); // changed …
    CHECK(highest < 0.3f);  // … by what 0.1 under white is in linear light, not clipped to 1
}

TEST_CASE("Small, turned and cut faces are pasted too", "[face][paste]") {
    const std::string kind = GENERATE("tiny", "turned", "cut");
    const Aligned& man = man_38();
    Photo photo = man.photo;
    photo.icc.clear();
    Warp moved; // the photo → the new one
    if (kind == "tiny") {
        const double s = 40.0 / eye_distance(man.face.landmarks) / 2.5; // a face of some 40 pixels
        photo.color = resized(man.srgb, s);
        moved.m = {s, 0, 0, 0, s, 0};
    } else if (kind == "turned") {
        const Turned t = turned(man.srgb, 90);
        photo.color = t.image;
        moved = t.to_turned;
    } else {
        const int left = static_cast<int>(man.face.landmarks[36].x); // an eye and half the mouth are gone
        photo.color = Image(man.srgb.width - left, man.srgb.height, 3);
        as_mat(man.srgb)(cv::Rect(left, 0, photo.width(), photo.height())).copyTo(as_mat(photo.color));
        moved.m = {1, 0, -double(left), 0, 1, 0};
    }
    std::array<Point, 68> landmarks = man.face.landmarks;
    for (Point& p : landmarks)
        p = moved.apply(p);
    const Warp warp = align_ffhq(landmarks, man.shape);
    const ColorTransform color = value(ColorTransform::create(photo));
    const Mattes mattes = value(Mattes::create(face_models()));
    const FaceMaps maps = value(mattes.maps(color.to_srgb(photo.color), warp, man.shape.size));
    const BlendMask mask = blend_mask(maps, landmarks, warp, man.shape.size, photo.width(), photo.height());
    const PasteContext context = prepare_paste(photo, color, warp, man.shape.size, mask);
    Photo after = photo;
    apply(paste(context, Image(224, 224, 3, -0.1f)), after);
    const Touched touched = compare(photo.color, after.color, context);
    CHECK(touched.outside == 0);
    CHECK(touched.not_finite == 0);
    // The nose takes the whole change.
    const int x = static_cast<int>(std::lround(landmarks[30].x)),
              y = static_cast<int>(std::lround(landmarks[30].y));
    CHECK(photo.color.at(x, y, 0) - after.color.at(x, y, 0) == Approx(0.1).margin(0.01));
    if (kind == "cut") // and so does the skin at the photo's own border, beside the nose
        CHECK(photo.color.at(0, y, 0) - after.color.at(0, y, 0) == Approx(0.1).margin(0.02));
}

TEST_CASE("Hair beyond the template changes as the hair inside it does", "[face][paste]") {
    const Aligned& a = man_38();
    // A change of the hair alone, by its map; man_38's hair goes on above the template.
    Image change(224, 224, 3);
    const Image hair = map_in_template(a.maps, a.maps.hair, 224);
    for (std::size_t i = 0; i < change.data.size(); ++i)
        change.data[i] = 0.2f * hair.data[i / 3];
    const PasteContext context = prepare(a);
    const Image delta = paste_delta(context, change);
    const Warp to_template = a.warp.inverse(), to_map = a.maps.warp.inverse();
    int beyond = 0;
    double sum = 0, skin = 0;
    for (int y = 0; y < delta.height; ++y)
        for (int x = 0; x < delta.width; ++x) {
            const Point photo{double(x + context.rect.x), double(y + context.rect.y)};
            const Point t = to_template.apply(photo), m = to_map.apply(photo);
            const int mx = static_cast<int>(std::lround(m.x)), my = static_cast<int>(std::lround(m.y));
            if (t.y < -2 && t.y > -15 && a.maps.hair.at(mx, my) > 0.95f) {
                ++beyond;
                sum += delta.at(x, y, 1);
            } else if (a.maps.hair.at(mx, my) < 0.01f) {
                skin = std::max(skin, std::abs(double(delta.at(x, y, 1))));
            }
        }
    REQUIRE(beyond > 1000);
    CHECK(sum / beyond == Approx(0.2).margin(0.06));
    CHECK(skin < 0.05);
}

TEST_CASE("A face wholly outside the photo gives an empty patch", "[face][paste]") {
    const Aligned& a = man_38();
    Warp away = a.warp;
    away.m[2] -= 10000;
    const BlendMask mask =
        blend_mask({}, a.face.landmarks, away, a.shape.size, a.photo.width(), a.photo.height());
    const PasteContext context = prepare_paste(a.photo, a.color, away, a.shape.size, mask);
    Photo after = a.photo;
    apply(paste(context, change_like_age()), after);
    CHECK(context.rect.empty());
    CHECK(after.color.data == a.photo.color.data);
}
