#include "core/face/pixels8.h"
#include "tests/face/pictures.h"

#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_processing/shape_predictor.h>

using namespace c2c;
using namespace c2c::test;

TEST_CASE("landmarks are those of dlib's own path within 3 % of the eye distance", "[landmarks]") {
    auto finder = value(FaceFinder::create(face_models()));
    const auto landmarker = value(Landmarker::load());
    auto hog = dlib::get_frontal_face_detector();
    dlib::shape_predictor predictor;
    dlib::deserialize(shape_predictor_file().string()) >> predictor;
    for (const auto& name : all_photos()) {
        const Image photo = load(test::photo(name));
        const Image image =
            name == "group_of_four.jpg" ? photo : resized(photo, std::min(1.0, 900.0 / photo.width));
        const auto pixels = to_dlib(image);
        auto faces = value(finder.find(image));
        const auto boxes = hog(pixels);
        for (auto& face : faces) {
            value(landmarker.fit(image, face));
            const Point nose = face.landmarks[30];
            int compared = 0;
            for (const auto& box : boxes) {
                const double reach = 0.3 * double(box.width());
                const auto centre = dlib::center(box);
                if (std::hypot(double(centre.x()) - nose.x, double(centre.y()) - nose.y) > reach)
                    continue;
                const auto shape = predictor(pixels, box);
                std::array<Point, 68> theirs;
                for (unsigned long i = 0; i < 68; ++i)
                    theirs[i] = {double(shape.part(i).x()), double(shape.part(i).y())};
                INFO(name << ", box of " << box.width());
                CHECK(landmark_difference(face.landmarks, theirs) < 0.03);
                ++compared;
            }
            INFO(name);
            CHECK(compared == 1);
        }
    }
}

TEST_CASE("landmarks turn with the face", "[landmarks]") {
    auto finder = value(FaceFinder::create(face_models()));
    const auto landmarker = value(Landmarker::load());
    for (const auto& name : {"man_38.jpg", "girl_14.jpg", "woman_85.jpg"}) {
        const Image photo = load(test::photo(name));
        Face upright = value(finder.find(photo)).at(0);
        value(landmarker.fit(photo, upright));
        for (const double degrees : {-90, -30, 30, 90}) {
            INFO(name << " at " << degrees);
            const auto [image, to_turned] = turned(photo, degrees);
            Face face = value(finder.find(image)).at(0);
            value(landmarker.fit(image, face));
            auto expected = upright.landmarks;
            for (auto& p : expected)
                p = to_turned.apply(p);
            CHECK(landmark_difference(face.landmarks, expected) < 0.03);
        }
    }
}

TEST_CASE("landmarks hold still when the pixels and the detector's points move a little", "[landmarks]") {
    auto finder = value(FaceFinder::create(face_models()));
    const auto landmarker = value(Landmarker::load());
    cv::RNG random(3);
    for (const auto& name : {"man_38.jpg", "woman_85.jpg", "girl_14.jpg"}) {
        const Image photo = load(test::photo(name));
        Face still = value(finder.find(photo)).at(0);
        value(landmarker.fit(photo, still));
        cv::Mat noisy = as_mat(photo).clone(), grain(noisy.size(), noisy.type());
        random.fill(grain, cv::RNG::NORMAL, 0, 0.02);
        noisy += grain;
        Face moved = still;
        for (auto& p : moved.five)
            p = {p.x + random.gaussian(0.01 * still.box.width),
                 p.y + random.gaussian(0.01 * still.box.width)};
        value(landmarker.fit(from_mat(noisy), moved));
        INFO(name);
        CHECK(landmark_difference(moved.landmarks, still.landmarks) < 0.015);
    }
}
