#include "core/eval/meters.h"
#include "tests/face/pictures.h"

using namespace c2c;
using namespace c2c::test;

namespace {

struct Shown {
    Image photo;
    Face face;
};

Shown show(const std::string& name) {
    static auto finder = value(FaceFinder::create(face_models()));
    static const auto landmarker = value(Landmarker::load());
    Shown shown{load(test::photo(name)), {}};
    shown.face = value(finder.find(shown.photo)).at(0);
    value(landmarker.fit(shown.photo, shown.face));
    return shown;
}

} // namespace

TEST_CASE("identity tells the same person from another", "[meters]") {
    auto meters = value(Meters::create(face_models()));
    const auto man = show("man_38.jpg"), woman = show("woman_24.jpg"), other = show("man_28_1800px.jpg");
    CHECK(value(meters.identity(man.photo, man.face, man.photo, man.face)) == Approx(1).margin(1e-5));
    CHECK(value(meters.identity(man.photo, man.face, woman.photo, woman.face)) < 0.3);
    CHECK(value(meters.identity(man.photo, man.face, other.photo, other.face)) < 0.3);

    // The same person, smaller, darker and in a mirror.
    cv::Mat changed;
    cv::flip(as_mat(resized(man.photo, 0.4)), changed, 1);
    changed *= 0.7;
    const Image again = from_mat(changed);
    auto finder = value(FaceFinder::create(face_models()));
    const Face face = value(finder.find(again)).at(0);
    CHECK(value(meters.identity(man.photo, man.face, again, face)) > 0.8);
}

TEST_CASE("the meters read the template crop as they read the photo", "[meters]") {
    auto meters = value(Meters::create(face_models()));
    const Template shape{512, 1.0, Template::Border::ReflectBlur, {}, 0};
    for (const auto& name : {"man_38.jpg", "woman_35.jpg", "woman_85.jpg"}) {
        INFO(name);
        const auto shown = show(name);
        const Warp warp = align_ffhq(shown.face.landmarks, shape);
        const Image crop = crop_face(shown.photo, warp, shape);
        const Face inside = face_in_crop(shown.face, warp);
        CHECK(value(meters.identity(shown.photo, shown.face, crop, inside)) > 0.98);
        CHECK(value(meters.read_back_age(crop, inside)) ==
              Approx(value(meters.read_back_age(shown.photo, shown.face))).margin(3));
    }
}

TEST_CASE("read-backs and scores in words", "[meters]") {
    CHECK(format_read_back(46.6) == "47");
    CHECK(format_read_back(79.4) == "79");
    CHECK(format_read_back(79.6) == "80+");
    CHECK_FALSE(judged(79.9));
    CHECK(hcs(60.3, 86.5) == Approx(71.06).margin(0.01));
    CHECK(hcs(0, 0) == 0);
    CHECK(age_accuracy(50, 70) == Approx(0.5));
    CHECK(age_accuracy(5, 70) == 0);
}
