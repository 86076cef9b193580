#include "core/face/align.h"
#include "core/face/embedder.h"
#include "tests/face/pictures.h"

using namespace c2c;
using namespace c2c::test;

namespace {

const Template nano{224, 0.8, Template::Border::Color, {130, 130, 130}, 0.35};

double mean_difference(const Image& a, const Image& b) {
    REQUIRE(a.data.size() == b.data.size());
    return cv::norm(as_mat(a), as_mat(b), cv::NORM_L1) / double(a.data.size()) * 255;
}

/// Landmarks whose quad is known: eyes 100 px apart, mouth 100 px below them.
std::array<Point, 68> square_face(double x, double y) {
    std::array<Point, 68> p;
    p.fill({x, y});
    for (std::size_t i = 36; i < 42; ++i)
        p[i] = {x - 50, y};
    for (std::size_t i = 42; i < 48; ++i)
        p[i] = {x + 50, y};
    p[48] = {x - 30, y + 100};
    p[54] = {x + 30, y + 100};
    return p;
}

Face man_38(const Image& photo) {
    auto finder = value(FaceFinder::create(face_models()));
    Face face = value(finder.find(photo)).at(0);
    value(value(Landmarker::load()).fit(photo, face));
    return face;
}

} // namespace

TEST_CASE("a warp and its inverse cancel", "[align]") {
    const Warp warp{{1.7, -0.4, 812.3, 0.4, 1.7, -55.9}};
    for (const Point p : {Point{0, 0}, Point{223, 0}, Point{17.25, 200.5}}) {
        const Point back = warp.inverse().apply(warp.apply(p));
        REQUIRE(back.x == Approx(p.x).margin(1e-9));
        REQUIRE(back.y == Approx(p.y).margin(1e-9));
        const Point same = compose(warp.inverse(), warp).apply(p);
        REQUIRE(same.x == Approx(p.x).margin(1e-9));
    }
}

TEST_CASE("the FFHQ quad of known landmarks", "[align]") {
    // |e| = |m| = 100: half a side = max(200, 180) along e − rot(m) = (200, 0), centre 10 px below the eyes.
    const auto points = square_face(500, 300);
    const Warp ffhq = align_ffhq(points, {1024, 1.0, Template::Border::ReflectBlur, {}, 0});
    REQUIRE(ffhq.scale() == Approx(400.0 / 1024));
    // Outer edges of the template at the corners of the quad.
    REQUIRE(ffhq.apply({-0.5, -0.5}).x == Approx(300));
    REQUIRE(ffhq.apply({-0.5, -0.5}).y == Approx(110));
    REQUIRE(ffhq.apply({1023.5, 1023.5}).x == Approx(700));
    REQUIRE(ffhq.apply({1023.5, 1023.5}).y == Approx(510));

    const Warp scaled = align_ffhq(points, nano);
    REQUIRE(scaled.scale() == Approx(0.8 * 400 / 224));
    REQUIRE(scaled.apply({0, 0}).x == Approx(340)); // nano: the corner is a pixel's centre
    REQUIRE(scaled.apply({112, 112}).y == Approx(310));
}

TEST_CASE("the crop of man_38 is the reference crop", "[align]") {
    const Image photo = load(test::photo("man_38.jpg")), reference = load(data("nano/crop.png"));
    const Face face = man_38(photo);
    const Warp warp = align_ffhq(face.landmarks, nano);
    // The landmarks of two boxes differ by up to 1 % of the eye distance: half a template pixel.
    CHECK(mean_difference(crop_face(photo, warp, nano), reference) < 1.5);
}

TEST_CASE("the reference crop's own quad gives it exactly", "[align]") {
    // dlib's landmarks (whole numbers) of man_38.jpg by its HOG box, of which the reference crop was made.
    std::array<Point, 68> points{};
    const std::array<Point, 12> eyes = {{{298, 423},
                                         {323, 407},
                                         {354, 409},
                                         {381, 431},
                                         {352, 436},
                                         {321, 435},
                                         {512, 429},
                                         {538, 407},
                                         {569, 405},
                                         {594, 421},
                                         {572, 433},
                                         {541, 433}}};
    std::copy(eyes.begin(), eyes.end(), points.begin() + 36);
    points[48] = {357, 666};
    points[54] = {537, 670};
    const Image photo = load(test::photo("man_38.jpg"));
    // What is left is the reference's rounding to 8 bits.
    CHECK(mean_difference(crop_face(photo, align_ffhq(points, nano), nano), load(data("nano/crop.png"))) <
          0.35);
}

TEST_CASE("a crop leaves the photo as it is", "[align]") {
    const Image photo = load(test::photo("man_38.jpg"));
    const Image before = photo;
    const Warp warp = align_ffhq(square_face(450, 400), {64, 1.0, Template::Border::Color, {}, 0.35});
    (void)crop_face(photo, warp, {64, 1.0, Template::Border::Color, {}, 0.35});
    (void)crop_face(photo, warp, {64, 1.0, Template::Border::ReflectBlur, {}, 0});
    REQUIRE(photo.data == before.data);
}

TEST_CASE("what lies outside the photo is filled by the template's rule", "[align]") {
    const Image photo = load(test::photo("woman_24.jpg"));
    const auto at_corner = square_face(20, 20);
    const Image colored = crop_face(photo, align_ffhq(at_corner, nano), nano);
    REQUIRE(colored.at(0, 0, 0) == Approx(130.0 / 255));
    REQUIRE(colored.at(0, 0, 2) == Approx(130.0 / 255));
    REQUIRE(colored.at(223, 223, 0) != Approx(130.0 / 255));

    const Template reflect{256, 1.0, Template::Border::ReflectBlur, {}, 0};
    const Warp warp = align_ffhq(at_corner, reflect);
    const Image soft = crop_face(photo, warp, reflect);
    // Inside it is the photo, outside smooth and never black.
    const Point inside = warp.apply({200, 200});
    const int x = int(std::lround(inside.x)), y = int(std::lround(inside.y));
    REQUIRE(x > 0);
    CHECK(soft.at(200, 200, 1) == Approx(photo.at(x, y, 1)).margin(0.06));
    double steps = 0, darkest = 1;
    for (int i = 1; i < 60; ++i) {
        steps = std::max(steps, double(std::abs(soft.at(i, 3, 1) - soft.at(i - 1, 3, 1))));
        darkest = std::min(darkest, double(soft.at(i, 3, 1)));
    }
    CHECK(steps < 0.03);
    CHECK(darkest > 0.1);
}

TEST_CASE("the reference's face embedding from its crop and from the photo", "[embedder]") {
    const Image crop = load(data("nano/crop.png"));
    auto finder = value(FaceFinder::create(face_models()));
    auto embedder =
        value(FaceEmbedder::load(std::filesystem::path(C2C_SOURCE_DIR) / "models/nano/face_embedder.onnx"));
    const auto vector = value(embedder.embed(arcface_chip(crop, value(finder.five_in_crop(crop)))));
    REQUIRE(vector.size() == 512);
    double norm = 0;
    for (const float v : vector)
        norm += double(v) * v;
    CHECK(norm == Approx(1).margin(1e-5));
    // The first eight of `face_embedding` in the reference.
    const std::array<float, 8> reference = {0.00939f,  0.04195f,  0.00302f,  -0.09345f,
                                            -0.02634f, -0.00679f, -0.00517f, -0.01659f};
    for (std::size_t i = 0; i < reference.size(); ++i)
        CHECK(vector[i] == Approx(reference[i]).margin(2e-3));
}

TEST_CASE("points without a face in them give a chip and no crash", "[align]") {
    const Image photo = load(test::photo("astronaut_woman_35.png"));
    for (const Point p : {Point{0, 0}, Point{1e9, -1e9}, Point{std::nan(""), 0}}) {
        std::array<Point, 5> five;
        five.fill(p);
        CHECK(arcface_chip(photo, five).data.size() == 112u * 112 * 3);
        std::array<Point, 68> points;
        points.fill(p);
        for (const auto border : {Template::Border::Color, Template::Border::ReflectBlur}) {
            const Template shape{64, 1.0, border, {130, 130, 130}, 0.35};
            CHECK(crop_face(photo, align_ffhq(points, shape), shape).data.size() == 64u * 64 * 3);
        }
    }
    // A face far outside the photo.
    for (const auto border : {Template::Border::Color, Template::Border::ReflectBlur}) {
        const Template shape{64, 1.0, border, {130, 130, 130}, 0.35};
        const Warp warp = align_ffhq(square_face(-5000, 9000), shape);
        CHECK(crop_face(photo, warp, shape).data.size() == 64u * 64 * 3);
    }
}
