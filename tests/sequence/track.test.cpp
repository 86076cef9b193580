#include "core/sequence/track.h"
#include "tests/support.h"

#include <cmath>

using namespace c2c;

namespace {

/// A face of the given size at a place, its landmarks on a circle (only their motion matters here).
Face face_at(double x, double y, double size) {
    Face face;
    face.box = {x - size / 2, y - size / 2, size, size};
    face.score = 0.9;
    for (std::size_t i = 0; i < 68; ++i) {
        const double angle = static_cast<double>(i) * 0.0924;
        face.landmarks[i] = {x + size * 0.4 * std::cos(angle), y + size * 0.4 * std::sin(angle)};
    }
    return face;
}

void jitter(Face& face, std::mt19937& random, double sigma) {
    std::normal_distribution<double> normal(0, sigma);
    for (Point& point : face.landmarks)
        point = {point.x + normal(random), point.y + normal(random)};
}

/// Root mean square of the landmarks' distance to the truth, and of their acceleration (what the eye sees as
/// jitter).
struct Deviation {
    double error = 0, shake = 0;
};
template <class Truth> Deviation deviation(const std::vector<Face>& faces, Truth truth) {
    double error = 0, shake = 0;
    const std::size_t n = faces.size();
    for (std::size_t f = 4; f + 4 < n; ++f)
        for (std::size_t i = 0; i < 68; ++i) {
            const Point p = faces[f].landmarks[i], q = truth(f).landmarks[i];
            error += std::pow(p.x - q.x, 2) + std::pow(p.y - q.y, 2);
            const Point a = faces[f - 1].landmarks[i], b = faces[f + 1].landmarks[i];
            shake += std::pow(a.x - 2 * p.x + b.x, 2) + std::pow(a.y - 2 * p.y + b.y, 2);
        }
    const double count = static_cast<double>(n - 8) * 68;
    return {std::sqrt(error / count), std::sqrt(shake / count)};
}

std::vector<Face> faces_of(const FaceTrack& track) {
    std::vector<Face> faces;
    for (const auto& frame : track.frames)
        faces.push_back(frame->face);
    return faces;
}

template <class Truth> void smooths(Truth truth, double noise, double error_limit, double shake_limit) {
    std::mt19937 random(7);
    std::vector<std::vector<Face>> found;
    std::vector<Face> raw;
    for (std::size_t f = 0; f < 96; ++f) {
        raw.push_back(truth(f));
        jitter(raw.back(), random, noise);
        found.push_back({raw.back()});
    }
    const Tracking tracking = track_faces(found);
    REQUIRE(tracking.tracks.size() == 1);
    CHECK(tracking.gaps.empty());
    const Deviation before = deviation(raw, truth), after = deviation(faces_of(tracking.tracks[0]), truth);
    INFO("error " << before.error << " -> " << after.error << ", shake " << before.shake << " -> "
                  << after.shake);
    CHECK(after.error < error_limit * before.error);
    CHECK(after.shake < shake_limit * before.shake);
}

} // namespace

TEST_CASE("a still face's jitter goes") {
    smooths([](std::size_t) { return face_at(500, 400, 200); }, 1.0, 0.5, 0.15);
}

TEST_CASE("a moving face is smoothed without lag") {
    // A pan of 6 pixels a frame: a live filter would trail behind it by several.
    smooths([](std::size_t f) { return face_at(200 + 6.0 * static_cast<double>(f), 400, 200); }, 1.0, 0.9,
            0.4);
    // A slow swing.
    smooths(
        [](std::size_t f) {
            return face_at(500 + 40 * std::sin(static_cast<double>(f) * 0.1),
                           400 + 2.0 * static_cast<double>(f), 200);
        },
        1.0, 0.9, 0.4);
}

TEST_CASE("a constant signal and a line stay what they are, and a short one too") {
    const std::vector<double> cutoffs(40, 0.05);
    const std::vector<double> flat(40, 3.25);
    const auto smooth = smooth_signal(flat, cutoffs);
    for (const double value : smooth)
        CHECK(value == Approx(3.25));
    std::vector<double> line;
    for (int i = 0; i < 40; ++i)
        line.push_back(100 + 6 * i);
    const auto straight = smooth_signal(line, cutoffs);
    for (std::size_t i = 0; i < 40; ++i)
        CHECK(straight[i] == Approx(line[i]).margin(0.1));
    const std::vector<double> one = {7};
    CHECK(smooth_signal(one, cutoffs) == one);
    CHECK(smooth_signal({}, {}).empty());
}

TEST_CASE("two faces that pass near each other stay apart") {
    std::vector<std::vector<Face>> found;
    for (int f = 0; f < 40; ++f) {
        const Face large = face_at(200 + 10 * f, 300, 160), small = face_at(600 - 10 * f, 420, 100);
        // The detector's order changes from frame to frame.
        found.push_back(f % 2 ? std::vector{small, large} : std::vector{large, small});
    }
    const Tracking tracking = track_faces(found);
    REQUIRE(tracking.tracks.size() == 2);
    for (std::size_t f = 0; f < 40; ++f) {
        CHECK(tracking.tracks[0].frames[f]->face.box.width == Approx(160).margin(2));
        CHECK(tracking.tracks[1].frames[f]->face.box.width == Approx(100).margin(2));
    }
}

TEST_CASE("a short gap is filled in, a long one is told and faded") {
    std::vector<std::vector<Face>> found(60);
    for (int f = 0; f < 60; ++f) {
        const bool blink = f >= 10 && f < 13, away = f >= 30 && f < 45;
        if (!blink && !away)
            found[static_cast<std::size_t>(f)] = {face_at(300 + f, 300, 150)};
    }
    const Tracking tracking = track_faces(found);
    REQUIRE(tracking.tracks.size() == 1);
    const auto& frames = tracking.tracks[0].frames;
    REQUIRE(frames[11]);
    CHECK_FALSE(frames[11]->found);
    CHECK(frames[11]->face.box.x == Approx(300 + 11 - 75).margin(0.5));
    CHECK(frames[11]->weight == 1);
    CHECK_FALSE(frames[30]);
    CHECK_FALSE(frames[44]);
    REQUIRE(tracking.gaps.size() == 1);
    CHECK(tracking.gaps[0].first == 30);
    CHECK(tracking.gaps[0].last == 44);
    CHECK(frames[29]->weight == Approx(0.2));
    CHECK(frames[26]->weight == Approx(0.8));
    CHECK(frames[45]->weight == Approx(0.2));
    CHECK(frames[0]->weight == 1); // the job starts here: nothing was there before to jump from
    CHECK(frames[59]->weight == 1);
}

TEST_CASE("the only face comes back elsewhere, as the same one") {
    std::vector<std::vector<Face>> found(30);
    for (std::size_t f = 0; f < 30; ++f)
        if (f < 10 || f >= 20)
            found[f] = {face_at(f < 10 ? 200 : 1500, 300, 150)};
    const Tracking tracking = track_faces(found);
    REQUIRE(tracking.tracks.size() == 1);
    CHECK(tracking.tracks[0].frames[25]->face.box.x == Approx(1425));
    CHECK(track_faces(std::vector<std::vector<Face>>(5)).tracks.empty());
}
