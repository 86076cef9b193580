#include "tests/face/pictures.h"

#include <chrono>
#include <random>
#include <thread>

using namespace c2c;
using namespace c2c::test;

namespace {

std::vector<Face> find(const Image& image) {
    static auto finder = value(FaceFinder::create(face_models()));
    return value(finder.find(image));
}

Point middle(const Box& b) {
    return {b.x + b.width / 2, b.y + b.height / 2};
}

/// The face of one portrait, and where its eyes are after a change of the picture.
void require_same_eyes(const Face& found, const Face& before, const Warp& change, double within) {
    const double eyes =
        change.scale() * std::hypot(before.five[0].x - before.five[1].x, before.five[0].y - before.five[1].y);
    for (std::size_t i = 0; i < 5; ++i) {
        const Point p = change.apply(before.five[i]);
        INFO("point " << i);
        REQUIRE(std::hypot(found.five[i].x - p.x, found.five[i].y - p.y) < within * eyes);
    }
}

cv::Mat noise_picture(int width, int height) {
    cv::Mat picture(height, width, CV_32FC3);
    cv::RNG random(7);
    random.fill(picture, cv::RNG::UNIFORM, 0.2, 0.8);
    return picture;
}

} // namespace

TEST_CASE("every face of the photos and no other", "[detect]") {
    for (const auto& name : all_photos()) {
        INFO(name);
        const Image photo = load(test::photo(name));
        const auto faces = find(photo);
        REQUIRE(faces.size() == (name == "group_of_four.jpg" ? 4u : 1u));
        for (std::size_t i = 0; i < faces.size(); ++i) {
            const Face& f = faces[i];
            CHECK(f.score > 0.8);
            CHECK(f.five[0].x < f.five[1].x); // in the picture's order
            CHECK(f.five[2].y > f.five[0].y);
            CHECK(f.five[3].y > f.five[2].y);
            if (i > 0)
                CHECK(f.box.width * f.box.height <= faces[i - 1].box.width * faces[i - 1].box.height);
        }
    }
}

TEST_CASE("a face of 40 px in a photo of 6,000 px", "[detect]") {
    const Image portrait = load(test::photo("woman_35.jpg"));
    const Face before = find(portrait).at(0);
    const double s = 40.0 / before.box.height;
    const Image small = resized(portrait, s);
    cv::Mat canvas(4000, 6000, CV_32FC3, cv::Scalar(0.45, 0.5, 0.4));
    const int x = 4711, y = 2503;
    as_mat(small).copyTo(canvas(cv::Rect(x, y, small.width, small.height)));
    const auto faces = find(from_mat(canvas));
    REQUIRE(faces.size() == 1);
    require_same_eyes(faces[0], before, {{s, 0, x + 0.5 * s - 0.5, 0, s, y + 0.5 * s - 0.5}}, 0.2);
}

TEST_CASE("rolled faces", "[detect]") {
    for (const auto& name : portraits()) {
        const Image portrait = load(test::photo(name));
        const Image photo = resized(portrait, std::min(1.0, 900.0 / portrait.width));
        const Face before = find(photo).at(0);
        for (const double degrees : {-90, -30, 30, 90, 180}) {
            INFO(name << " at " << degrees);
            const auto [image, to_turned] = turned(photo, degrees);
            const auto faces = find(image);
            REQUIRE(faces.size() == 1);
            require_same_eyes(faces[0], before, to_turned, 0.25);
        }
    }
}

TEST_CASE("a face cut by the border", "[detect]") {
    for (const auto& name : {"man_38.jpg", "woman_55.jpg", "child_2.jpg", "woman_24.jpg"}) {
        const Image photo = load(test::photo(name));
        const Face before = find(photo).at(0);
        const Point c = middle(before.box);
        // The half of the face to the right of its middle line is kept with the nearer part of the other;
        // then the part below the eyes' upper lids.
        const cv::Rect kept_right(int(c.x - before.box.width * 0.22), 0, 0, photo.height);
        const cv::Rect kept_low(0, int(before.five[0].y - before.box.height * 0.12), photo.width, 0);
        for (cv::Rect part : {kept_right, kept_low}) {
            part.width = photo.width - part.x;
            part.height = photo.height - part.y;
            INFO(name << " cut at " << part.x << ", " << part.y);
            const auto faces = find(from_mat(as_mat(photo)(part).clone()));
            REQUIRE(faces.size() == 1);
            require_same_eyes(faces[0], before, {{1, 0, double(-part.x), 0, 1, double(-part.y)}}, 0.3);
        }
    }
}

TEST_CASE("twenty faces on one canvas", "[detect]") {
    cv::Mat canvas(1650, 2100, CV_32FC3, cv::Scalar(0.4, 0.42, 0.5));
    const auto names = portraits();
    std::vector<Point> middles;
    for (int i = 0; i < 20; ++i) {
        const Image portrait = load(test::photo(names[std::size_t(i) % names.size()]));
        const Image small = resized(portrait, (150.0 + 12 * i) / portrait.width);
        const int x = (i % 5) * 400 + 3 * i, y = (i / 5) * 400 + 5;
        const cv::Rect part(0, 0, std::min(small.width, 380), std::min(small.height, 380));
        as_mat(small)(part).copyTo(canvas(cv::Rect(x, y, part.width, part.height)));
        middles.push_back({x + part.width / 2.0, y + part.height / 2.0});
    }
    const auto faces = find(from_mat(canvas));
    REQUIRE(faces.size() == 20);
    for (const Point m : middles)
        CHECK(std::count_if(faces.begin(), faces.end(), [&](const Face& f) {
                  return std::hypot(middle(f.box).x - m.x, middle(f.box).y - m.y) < 100;
              }) == 1);
}

TEST_CASE("no face where there is none", "[detect]") {
    cv::Mat gradient(700, 1000, CV_32FC3);
    for (int y = 0; y < gradient.rows; ++y)
        for (int x = 0; x < gradient.cols; ++x)
            gradient.at<cv::Vec3f>(y, x) = {float(x) / 1000, float(y) / 700, 0.5f};
    CHECK(find(from_mat(gradient)).empty());

    CHECK(find(from_mat(noise_picture(900, 600))).empty());

    // Hills below a sky, with a sun: soft noise at several scales.
    cv::Mat land(1500, 2400, CV_32FC3, cv::Scalar(0.45, 0.6, 0.85));
    for (const int cells : {4, 12, 40, 150}) {
        cv::Mat soft;
        cv::resize(noise_picture(cells, cells), soft, land.size(), 0, 0, cv::INTER_CUBIC);
        land += (soft - cv::Scalar::all(0.5)) * (1.2 / std::sqrt(cells));
    }
    cv::circle(land, {1800, 300}, 120, {1, 0.95, 0.7}, cv::FILLED);
    cv::Mat lower = land(cv::Rect(0, 900, 2400, 600));
    lower = lower.mul(cv::Scalar(0.5, 0.7, 0.3));
    CHECK(find(from_mat(land)).empty());

    CHECK(find(Image(1, 1, 3, 0.5f)).empty());
    CHECK(find(Image(3, 40'000, 3, 0.5f)).empty());
    CHECK(find(Image(9'000, 2, 3, 0.5f)).empty());
    CHECK(find(Image()).empty());
}

TEST_CASE("a stop ends the search", "[detect]") {
    auto finder = value(FaceFinder::create(face_models()));
    std::stop_source stop;
    stop.request_stop();
    const auto result = finder.find(load(test::photo("woman_24.jpg")), stop.get_token());
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Cancelled);
}

TEST_CASE("The large faces of a large photo are found first, and stay as they were when the others are",
          "[detect]") {
    auto finder = value(FaceFinder::create(face_models()));
    const Image portrait = load(test::photo("woman_35.jpg"));
    const Face before = find(portrait).at(0);
    cv::Mat canvas(4000, 6000, CV_32FC3, cv::Scalar(0.45, 0.5, 0.4));
    const auto put = [&](double height, int x, int y) {
        const Image part = resized(portrait, height / before.box.height);
        as_mat(part).copyTo(canvas(cv::Rect(x, y, part.width, part.height)));
    };
    put(900, 300, 400);
    put(60, 4711, 2503);
    const Image photo = from_mat(canvas);
    FaceSearch search;
    value(finder.go_on(search, photo, Faces::Large));
    const auto large = search.faces();
    REQUIRE(large.size() == 1);
    REQUIRE(large[0].box.height > 700);
    REQUIRE_FALSE(search.finished());

    // Stopped again and again, soon after it begins, it comes to an end only if it goes on where it was.
    int stopped = 0;
    while (!search.finished() && stopped < 1000) {
        std::stop_source stop;
        const std::jthread soon([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(3));
            stop.request_stop();
        });
        if (const auto step = finder.go_on(search, photo, Faces::All, stop.get_token()); !step) {
            REQUIRE(step.error().kind == ErrorKind::Cancelled);
            ++stopped;
        }
    }
    REQUIRE(search.finished());
    REQUIRE(stopped > 0);
    const auto all = value(finder.find(photo)); // in one go
    REQUIRE(all.size() == 2);
    REQUIRE(all[1].box.height < 90);
    REQUIRE(search.faces().size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        REQUIRE(search.faces()[i].box.x == all[i].box.x);
        REQUIRE(search.faces()[i].five[2].y == all[i].five[2].y);
    }
    REQUIRE(search.faces()[0].box.x == large[0].box.x);

    // Of a photo that one look is enough for there are no others.
    FaceSearch whole;
    value(finder.go_on(whole, portrait, Faces::Large));
    REQUIRE(whole.faces().size() == 1);
    value(finder.go_on(whole, portrait, Faces::All));
    REQUIRE(whole.faces().size() == 1);
}
