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

/// The same in fp32, whatever `auto` takes here.
Studio& exact_studio() {
    static Studio studio = [] {
        StudioOptions options;
        options.engine.precision = Precision::Fp32;
        return test::value(Studio::create(options));
    }();
    return studio;
}

const std::vector<std::string> all_photos = {"astronaut_woman_35.png", "child_2.jpg",       "girl_14.jpg",
                                             "group_of_four.jpg",      "man_28_1800px.jpg", "man_38.jpg",
                                             "man_60_1800px.jpg",      "man_75.jpg",        "woman_24.jpg",
                                             "woman_35.jpg",           "woman_55.jpg",      "woman_85.jpg"};

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

TEST_CASE(
    "The precision that is chosen by itself stays within mean .5/255 and 4/255 of fp32 on every photo") {
    for (const std::string& name : all_photos) {
        const auto subject = subject_of(name);
        SubjectSettings settings;
        settings.portrait = subject->portrait.settings();
        const auto exact = test::value(exact_studio().subject(subject->scene, 0, settings));
        for (const double age : {10.0, 70.0}) {
            const Image a = compose(*subject, test::value(studio().age(*subject, age, Stage::Settled))).color;
            const Image b =
                compose(*exact, test::value(exact_studio().age(*exact, age, Stage::Settled))).color;
            REQUIRE(a.data.size() == b.data.size());
            double mean = 0, worst = 0;
            for (std::size_t i = 0; i < a.data.size(); ++i) {
                const double d = std::abs(double(a.data[i]) - double(b.data[i]));
                mean += d / double(a.data.size());
                worst = std::max(worst, d);
            }
            INFO(name << " at " << age);
            CHECK(mean * 255 < .5);
            CHECK(worst * 255 < 4);
        }
    }
}

TEST_CASE("What the paste loses: both meters read the photo as they read the network's picture") {
    // The age net moves by years when a face shifts by a pixel, so single readings carry its noise: the mean
    // over all photos and ages is judged, and no reading may be far off (docs/quality.md has them one by
    // one).
    double age_loss = 0, identity_loss = 0;
    int readings = 0;
    for (const std::string& name : all_photos) {
        const auto subject = subject_of(name);
        const Face& face = subject->scene->faces[0].face;
        const Template shape = subject->portrait.shape();
        const Face in_crop = face_in_crop(face, subject->paste.warp);
        const auto source = test::value(meters().identity_vector(subject->portrait.crop(), in_crop));
        for (const double age : {10.0, 25.0, 40.0, 55.0, 70.0}) {
            const AgedCrop aged = test::value(studio().age(*subject, age, Stage::Settled));
            Photo photo = subject->scene->photo;
            apply(compose(*subject, aged), photo);
            // The same crop of the photo, so that alignment and paste alone make a difference.
            const FaceView view = test::value(face_view(*subject, photo));
            const Image back = crop_face(view.srgb, align_ffhq(view.face.landmarks, shape), shape);
            const double read_network = test::value(meters().read_back_age(aged.result, in_crop));
            const double read_photo = test::value(meters().read_back_age(back, in_crop));
            const double id_network =
                cosine(source, test::value(meters().identity_vector(aged.result, in_crop)));
            const double id_photo = cosine(source, test::value(meters().identity_vector(back, in_crop)));
            UNSCOPED_INFO(name << " at " << age << ": reads " << read_network << ", pasted " << read_photo
                               << "; identity " << id_network << ", pasted " << id_photo);
            CHECK(std::abs(read_photo - read_network) < 5);
            CHECK(std::abs(id_photo - id_network) < .02);
            age_loss += std::abs(read_photo - read_network);
            identity_loss += std::abs(id_photo - id_network);
            ++readings;
        }
    }
    CHECK(age_loss / readings < .6);
    CHECK(identity_loss / readings < .005);
}
