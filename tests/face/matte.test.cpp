#include "core/face/protect.h"
#include "tests/face/portraits.h"

#include <fstream>
#include <sstream>

using namespace c2c;
using namespace c2c::test;

namespace {

/// crop.png by repetition, as tests/parity/mattes.py enlarges it.
Image enlarged_crop(int size) {
    const Image crop = value(read_photo(data("nano/crop.png"))).color;
    Image out(size, size, 3);
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x)
            for (int c = 0; c < 3; ++c)
                out.at(x, y, c) = crop.at(x * crop.width / size, y * crop.height / size, c);
    return out;
}

} // namespace

TEST_CASE("The matte nets give the originals' numbers", "[face][matte]") {
    const Mattes mattes = value(Mattes::create(face_models()));
    const Image person = value(mattes.person_net(enlarged_crop(256)));
    const Image classes = value(mattes.skin_clothes_hair_net(enlarged_crop(512)));
    std::ifstream in(data("face/mattes.csv"));
    std::string line;
    int lines = 0;
    double worst_person = 0, worst_class = 0, sum_class = 0;
    while (std::getline(in, line)) {
        std::istringstream fields(line);
        std::string name, x, y, expected;
        std::getline(fields, name, ','), std::getline(fields, x, ','), std::getline(fields, y, ',');
        std::getline(fields, expected);
        const int channel = name == "clothes" ? 1 : name == "hair" ? 2 : 0;
        const Image& map = name == "person" ? person : classes;
        double& worst = name == "person" ? worst_person : worst_class;
        const double difference =
            std::abs(static_cast<double>(map.at(std::stoi(x), std::stoi(y), channel)) - std::stod(expected));
        worst = std::max(worst, difference);
        if (name != "person")
            sum_class += difference / 768;
        ++lines;
    }
    CHECK(lines == 1024);
    CHECK(worst_person < 1e-3);
    // Half-precision weights: larger differences stand on the few pixels of an edge alone.
    CHECK(sum_class < 2e-4);
    CHECK(worst_class < 1e-2);
}

TEST_CASE("Hair, skin and person lie where they are in a photo", "[face][matte]") {
    const Aligned& man = man_38();
    const auto at = [&](const Image& map, Point photo) {
        const Point p = man.maps.warp.inverse().apply(photo);
        const int x = static_cast<int>(std::lround(p.x)), y = static_cast<int>(std::lround(p.y));
        const bool inside = x >= 0 && y >= 0 && x < map.width && y < map.height;
        return inside ? map.at(x, y) : 0.0f;
    };
    const auto& l = man.face.landmarks;
    const Point cheek{(l[2].x + l[31].x) / 2, (l[2].y + l[31].y) / 2};
    CHECK(at(man.maps.person, cheek) > 0.95f);
    CHECK(at(man.maps.skin, cheek) > 0.95f);
    CHECK(at(man.maps.hair, cheek) < 0.05f);
    // Somewhere straight above the forehead there is hair.
    float hair = 0;
    for (double up = 0.5; up < 2.0; up += 0.1)
        hair = std::max(hair, at(man.maps.hair, {l[27].x + up * (l[27].x - l[8].x) / 1.5,
                                                 l[27].y + up * (l[27].y - l[8].y) / 1.5}));
    CHECK(hair > 0.9f);
    CHECK(man.maps.person.at(4, 4) < 0.1f); // the background beside the head
}

TEST_CASE("Grey background: the person stays, the corner becomes 130", "[face][matte]") {
    const Aligned& man = man_38();
    const Image crop = crop_face(man.srgb, man.warp, man.shape);
    const Image person = map_in_template(man.maps, man.maps.person, man.shape.size);
    const Image grey = over_grey(crop, person);
    const int middle = man.shape.size / 2;
    for (int c = 0; c < 3; ++c) {
        CHECK(std::abs(grey.at(middle, middle, c) - crop.at(middle, middle, c)) < 0.02f);
        CHECK(std::abs(grey.at(1, 1, c) - 130.0f / 255.0f) < 0.03f);
    }
}

TEST_CASE("The mask covers the face, is 0 on the border and has no step", "[face][mask]") {
    const Aligned& man = man_38();
    const Image& mask = man.mask.pixels;
    REQUIRE(mask.width == mask_size);
    const Warp to_mask = man.mask.warp.inverse();
    for (const std::size_t i :
         {8u, 17u, 26u, 30u, 36u, 45u, 48u, 54u, 57u}) { // chin, brows, nose, eyes, mouth
        const Point p = to_mask.apply(man.face.landmarks[i]);
        const float m = mask.at(static_cast<int>(std::lround(p.x)), static_cast<int>(std::lround(p.y)));
        CHECK(m > (i == 8 ? 0.5f : 0.95f));
    }
    float border = 0, step = 0, low = 1, high = 0;
    for (int i = 0; i < mask_size; ++i)
        border = std::max(
            {border, mask.at(i, 0), mask.at(0, i), mask.at(i, mask_size - 1), mask.at(mask_size - 1, i)});
    for (int y = 0; y + 1 < mask_size; ++y)
        for (int x = 0; x + 1 < mask_size; ++x) {
            const Point p =
                man.mask.warp.apply({double(x), double(y)}); // where the photo ends the mask may, too
            if (p.x < 2 || p.y < 2 || p.x > man.photo.width() - 3 || p.y > man.photo.height() - 3)
                continue;
            const float m = mask.at(x, y);
            step = std::max({step, std::abs(mask.at(x + 1, y) - m), std::abs(mask.at(x, y + 1) - m)});
            low = std::min(low, m), high = std::max(high, m);
        }
    CHECK(border == 0.0f);
    CHECK(low >= 0.0f);
    CHECK(high <= 1.0f);
    CHECK(step < 0.2f);
}

TEST_CASE("Outside the photo the mask is exactly 0", "[face][mask]") {
    const Aligned& man = man_38();
    // The photo ends in the middle of the nose.
    const int width = static_cast<int>(man.face.landmarks[30].x);
    const BlendMask mask =
        blend_mask(man.maps, man.face.landmarks, man.warp, man.shape.size, width, man.srgb.height);
    float inside = 0;
    for (int y = 0; y < mask_size; ++y)
        for (int x = 0; x < mask_size; ++x) {
            const Point p = mask.warp.apply({double(x), double(y)});
            if (p.x > width + 2 * mask.warp.scale())
                REQUIRE(mask.pixels.at(x, y) == 0.0f);
            else if (p.x < width - 1)
                inside = std::max(inside, mask.pixels.at(x, y));
        }
    CHECK(inside > 0.95f);
}

TEST_CASE("The mask works where the nets see nothing", "[face][mask]") {
    const Aligned& man = man_38();
    const BlendMask mask =
        blend_mask({}, man.face.landmarks, man.warp, man.shape.size, man.srgb.width, man.srgb.height);
    CHECK(mask.pixels.at(mask_size / 2, mask_size / 2) > 0.95f);
    CHECK(mask.pixels.at(2, 2) == 0.0f);
}

TEST_CASE("Protect masks lie on eyes, inner lips, hair and clothes", "[face][protect]") {
    const Aligned& man = man_38();
    const int w = man.srgb.width, h = man.srgb.height;
    const auto at = [](const RegionMask& mask, Point p) {
        const int x = static_cast<int>(std::lround(p.x)) - mask.rect.x,
                  y = static_cast<int>(std::lround(p.y)) - mask.rect.y;
        const bool inside = x >= 0 && y >= 0 && x < mask.rect.width && y < mask.rect.height;
        return inside ? mask.pixels.at(x, y) : 0.0f;
    };
    const auto& l = man.face.landmarks;
    const Point left_eye{(l[36].x + l[39].x) / 2, (l[37].y + l[41].y) / 2};
    const Point right_eye{(l[42].x + l[45].x) / 2, (l[43].y + l[47].y) / 2};
    const RegionMask eyes = protect_eyes(man.face, w, h);
    CHECK(at(eyes, left_eye) > 0.9f);
    CHECK(at(eyes, right_eye) > 0.9f);
    CHECK(at(eyes, l[30]) == 0.0f);
    const RegionMask mouth = protect_mouth(man.face, w, h), clothes = protect_clothes(man.maps, w, h);
    CHECK(at(mouth, l[30]) == 0.0f);
    CHECK(at(clothes, l[30]) < 0.05f);
    const RegionMask all = combine(combine(eyes, mouth), protect_hair(man.maps, w, h));
    CHECK(at(all, left_eye) > 0.9f);
    CHECK(at(all, l[30]) < 0.05f);
    // Partly outside the photo: clipped, not broken.
    Face cut = man.face;
    for (Point& p : cut.landmarks)
        p.x -= l[30].x;
    CHECK(protect_eyes(cut, w, h).rect.x == 0);
    for (Point& p : cut.landmarks)
        p.x -= w;
    CHECK(protect_eyes(cut, w, h).pixels.empty());
}
