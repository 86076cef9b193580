#include "core/aging/studio.h"
#include "core/base/files.h"
#include "core/eval/meters.h"
#include "core/face/embedder.h"
#include "core/image/read.h"
#include "tests/support.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace c2c;

namespace {

Studio& studio() {
    static Studio studio = test::value(Studio::create({}));
    return studio;
}

Meters& meters() {
    static Meters meters = test::value(Meters::create(models_dir() / "face"));
    return meters;
}

std::shared_ptr<const Subject> subject_of(const std::string& name) {
    const auto scene = test::value(studio().scene(test::value(read_photo(test::photo(name)))));
    REQUIRE_FALSE(scene->faces.empty());
    SubjectSettings settings;
    settings.portrait.source_age = scene->faces[0].age;
    settings.portrait.gender = scene->faces[0].gender;
    return test::value(studio().subject(scene, 0, settings));
}

} // namespace

TEST_CASE("What the paste loses: both meters read the photo as they read the network's picture") {
    const std::string name =
        GENERATE(as<std::string>{}, "astronaut_woman_35.png", "child_2.jpg", "girl_14.jpg", "group_of_four.jpg",
                 "man_28_1800px.jpg", "man_38.jpg", "man_60_1800px.jpg", "man_75.jpg", "woman_24.jpg",
                 "woman_35.jpg", "woman_55.jpg", "woman_85.jpg");
    const auto subject = subject_of(name);
    const Face& face = subject->scene->faces[0].face;
    const Template shape = subject->portrait.shape();
    const Warp warp = subject->paste.warp;
    const Face in_crop = face_in_crop(face, warp);
    const auto source = test::value(meters().identity_vector(subject->portrait.crop(), in_crop));
    for (const double age : {10.0, 25.0, 40.0, 55.0, 70.0, 85.0}) {
        const AgedCrop aged = test::value(studio().age(*subject, age, Stage::Settled));
        Photo photo = subject->scene->photo;
        apply(compose(*subject, aged), photo);
        // The same crop of the photo, so that alignment and paste alone make a difference.
        const FaceView view = test::value(face_view(*subject, photo));
        const Image back = crop_face(view.srgb, align_ffhq(view.face.landmarks, shape), shape);
        const double read_network = test::value(meters().read_back_age(aged.result, in_crop));
        const double read_photo = test::value(meters().read_back_age(back, in_crop));
        const double id_network = cosine(source, test::value(meters().identity_vector(aged.result, in_crop)));
        const double id_photo = cosine(source, test::value(meters().identity_vector(back, in_crop)));
        INFO(name << " at " << age << ": read " << read_network << " and " << read_photo << ", identity " << id_network
                  << " and " << id_photo);
        CHECK(std::abs(read_photo - read_network) <= 1.0);
        CHECK(std::abs(id_photo - id_network) <= 0.02);
    }
}
