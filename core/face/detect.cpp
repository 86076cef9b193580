#include "core/face/detect.h"

#include "core/face/hog.h"
#include "core/face/resample.h"
#include "core/face/yunet.h"
#include "core/image/opencv.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

namespace c2c {
namespace {

constexpr double sure = 0.80;  // YuNet alone is believed
constexpr double clear = 0.93; // what upright faces get
constexpr double straight = 6 * std::numbers::pi / 180;
constexpr double possible = 0.50;  // below sure, dlib's HOG must agree
constexpr double large_share = 13; // a large face is this part of the longest side: 49 px of 640
// Small faces are looked for in tiles of the halved photo (one of 40 px has 20 there), bounded to bound the
// time.
constexpr int most_halved = 3200;

/// The photo reduced to a longest side of at most `longest`, never enlarged, and the way back.
struct Level {
    cv::Mat pixels;
    Warp to_photo;
};

Level reduce(const Level& from, int longest) {
    const int side = std::max(from.pixels.cols, from.pixels.rows);
    if (side <= longest)
        return from;
    const double s = double(longest) / side;
    const cv::Size size(std::max(1, int(std::lround(from.pixels.cols * s))),
                        std::max(1, int(std::lround(from.pixels.rows * s))));
    Level level;
    cv::resize(from.pixels, level.pixels, size, 0, 0, cv::INTER_AREA);
    const double kx = double(from.pixels.cols) / size.width, ky = double(from.pixels.rows) / size.height;
    const auto& m = from.to_photo.m; // scales and shifts only
    level.to_photo = {
        {m[0] * kx, 0, m[0] * (0.5 * kx - 0.5) + m[2], 0, m[4] * ky, m[4] * (0.5 * ky - 0.5) + m[5]}};
    return level;
}

/// Overlapping ones, by which a whole picture is looked at from near.
std::vector<cv::Rect> tiles_of(const cv::Size& picture) {
    constexpr int tile = 512, shared = 128;
    const auto starts = [](int length) {
        const int count = length <= tile ? 1 : (length - shared + tile - shared - 1) / (tile - shared);
        std::vector<int> at;
        for (int i = 0; i < count; ++i)
            at.push_back(count == 1 ? 0 : int(std::int64_t(length - tile) * i / (count - 1)));
        return at;
    };
    std::vector<cv::Rect> tiles;
    for (const int y : starts(picture.height))
        for (const int x : starts(picture.width))
            tiles.emplace_back(x, y, std::min(tile, picture.width - x), std::min(tile, picture.height - y));
    return tiles;
}

/// A square view of the face, turned by its `roll`; its box gets `side` of `size` pixels.
Warp face_patch(const Face& face, double roll, int size, double side) {
    const double s = std::max(face.box.width, face.box.height) / side, half = (size - 1) / 2.0;
    const double c = s * std::cos(roll), n = s * std::sin(roll);
    const double x = face.box.x + face.box.width / 2, y = face.box.y + face.box.height / 2;
    return {{c, -n, x - c * half + n * half, n, c, y - n * half - c * half}};
}

bool in_middle(const Box& b, int size, double within) {
    const double half = (size - 1) / 2.0;
    return std::hypot(b.x + b.width / 2 - half, b.y + b.height / 2 - half) < within;
}

} // namespace

struct FaceFinder::Impl {
    explicit Impl(YuNet n) : net(std::move(n)) {}
    YuNet net;
    HogDetector hog;

    /// Looks at the level turned by `degrees` about its middle, with a grey margin: a face that the border
    /// cuts is found by what it would have around it.
    void look_turned(const Level& level, double degrees, double margin, std::vector<Face>& found) {
        const double a = degrees * std::numbers::pi / 180, c = std::cos(a), s = std::sin(a);
        const double w = level.pixels.cols, h = level.pixels.rows, pad = margin * std::max(w, h);
        const int width = int(std::ceil(std::abs(w * c) + std::abs(h * s) - 1e-6 + 2 * pad));
        const int height = int(std::ceil(std::abs(w * s) + std::abs(h * c) - 1e-6 + 2 * pad));
        const double cx = (width - 1) / 2.0, cy = (height - 1) / 2.0, mx = (w - 1) / 2, my = (h - 1) / 2;
        const Warp view = {{c, -s, mx - c * cx + s * cy, s, c, my - s * cx - c * cy}};
        cv::Mat turned;
        const cv::Matx23d m(view.m.data());
        cv::warpAffine(level.pixels, turned, m, {width, height}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                       cv::BORDER_CONSTANT, cv::Scalar::all(0.5));
        const Warp to_photo = compose(level.to_photo, view);
        for (const auto& face : merge(net.look(turned, possible)))
            found.push_back(map_face(face, to_photo));
    }

    /// Looks at one of the tiles. What touches its inner edge is left to the neighbour, which sees it whole.
    void look_at_tile(const Level& level, const cv::Rect& tile, std::vector<Face>& found) {
        const cv::Point end(level.pixels.cols, level.pixels.rows);
        const auto cut = [&](const Box& b) {
            return (tile.x > 0 && b.x < 4) || (tile.y > 0 && b.y < 4) ||
                   (tile.br().x < end.x && b.x + b.width > tile.width - 4) ||
                   (tile.br().y < end.y && b.y + b.height > tile.height - 4);
        };
        const Warp to_photo = compose(level.to_photo, {{1, 0, double(tile.x), 0, 1, double(tile.y)}});
        for (const auto& face : merge(net.look(level.pixels(tile), possible)))
            if (!cut(face.box))
                found.push_back(map_face(face, to_photo));
    }

    /// Looks at the face again in a view turned by `roll`, and by what is then left, until it is upright
    /// there.
    std::optional<Face> turned_upright(const Image& srgb, const Face& face, double roll) {
        std::optional<Face> best;
        for (int i = 0; i < 4 && (!best || std::abs(roll_of(*best) - roll) > straight); ++i) {
            if (best)
                roll = roll_of(*best);
            const Warp patch = face_patch(best.value_or(face), roll, 320, 130);
            const Image view = sample(srgb, patch, 320, 320, {reduction_sigma(patch.scale()), {}});
            auto seen = merge(net.look(as_mat(view), possible));
            std::erase_if(seen, [](const Face& f) { return !in_middle(f.box, 320, 50); });
            if (seen.empty())
                break;
            best = map_face(seen.front(), patch);
        }
        return best;
    }

    /// YuNet finds faces of any roll, but its points are good on upright ones only, and of one that stands on
    /// its head it may make an upright one: its score then tells.
    Face upright(const Image& srgb, const Face& face) {
        if (std::abs(roll_of(face)) < straight && face.score > clear)
            return face;
        Face best = face;
        best.score = 0;
        for (const double quarters : {0, 2, 1, 3})
            if (const auto other =
                    turned_upright(srgb, face, roll_of(face) + quarters * std::numbers::pi / 2);
                other && other->score > best.score) {
                best = *other;
                if (best.score > clear)
                    break;
            }
        return best.score > 0 ? best : face;
    }

    /// dlib's opinion of a face that YuNet is unsure of.
    bool confirmed(const Image& srgb, const Face& face) {
        const Warp patch = face_patch(face, roll_of(face), 240, 110);
        const auto boxes =
            hog.look(sample(srgb, patch, 240, 240, {reduction_sigma(patch.scale()), {}}), -0.3);
        return std::any_of(boxes.begin(), boxes.end(),
                           [](const Box& b) { return in_middle(b, 240, 40) && b.width > 60; });
    }

    /// Adds those of `seen` that are faces and not known yet to the search's.
    Result<void> judge(FaceSearch::State& search, const Image& srgb, std::vector<Face> seen,
                       const StopToken& stop);
    Result<void> find_large(FaceSearch::State& search, const Image& srgb, const StopToken& stop);
    Result<void> find_others(FaceSearch::State& search, const Image& srgb, const StopToken& stop);
};

struct FaceSearch::State {
    std::vector<Face> faces;
    bool large_found = false, finished = false;
    Level halved;                                ///< of a large photo
    Level medium;                                ///< 640 px
    std::vector<cv::Rect> tiles;                 ///< of the halved photo, still to be looked at
    std::vector<Face> seen;                      ///< by all looks so far, not judged
    std::optional<std::vector<Face>> candidates; ///< those of `seen` that are still to be judged
    std::vector<Face> judged;                    ///< those that were
};

Result<void> FaceFinder::Impl::judge(FaceSearch::State& search, const Image& srgb, std::vector<Face> seen,
                                     const StopToken& stop) {
    const auto is_known = [&](const Face& face) {
        return std::any_of(search.faces.begin(), search.faces.end(),
                           [&](const Face& known) { return same_face(known.box, face.box); });
    };
    if (!search.candidates) {
        search.candidates = merge(std::move(seen));
        std::erase_if(*search.candidates, is_known);
    }
    for (; !search.candidates->empty(); search.candidates->pop_back()) {
        if (stop.stop_requested())
            return cancelled();
        const Face face = upright(srgb, search.candidates->back());
        if (face.score >= sure || confirmed(srgb, face))
            search.judged.push_back(face);
    }
    search.candidates.reset();
    std::erase_if(search.judged, is_known); // turned upright, it may be
    std::vector<Face> faces = merge(std::exchange(search.judged, {}));
    std::sort(faces.begin(), faces.end(), [](const Face& a, const Face& b) {
        return a.box.width * a.box.height > b.box.width * b.box.height;
    });
    search.faces.insert(search.faces.end(), faces.begin(), faces.end());
    return {};
}

// YuNet sees faces from about 12 px to half its picture: 640 px show all that is larger than 1/50 of the
// longest side.
Result<void> FaceFinder::Impl::find_large(FaceSearch::State& search, const Image& srgb,
                                          const StopToken& stop) {
    constexpr int smallest_face = 12; // a sliver stretched to the net's input shows it phantoms
    const int longest = std::max(srgb.width, srgb.height);
    if (std::min(srgb.width, srgb.height) < smallest_face) {
        search.finished = true;
        return {};
    }
    const Level whole{as_mat(srgb), {}};
    if (longest > one_look)
        search.halved = reduce(whole, std::min(longest / 2, most_halved));
    search.medium = reduce(longest > one_look ? search.halved : whole, 640);
    if (search.medium.pixels.data == whole.pixels.data) // it may be asked for when the photo is elsewhere
        search.medium.pixels = whole.pixels.clone();
    search.seen.clear();
    look_turned(search.medium, 0, 0, search.seen);
    // Faces that fill the picture or are cut by its border, and pictures that lie on a side.
    const Level small = reduce(search.medium, 256);
    for (const double degrees : {0.0, 90.0, 180.0, 270.0})
        look_turned(small, degrees, 0.125, search.seen);
    if (stop.stop_requested())
        return cancelled();
    std::vector<Face> seen = search.seen;
    if (longest > one_look) // a smaller one's points are told better by the tiles
        std::erase_if(seen, [&](const Face& face) {
            return std::max(face.box.width, face.box.height) * large_share < longest;
        });
    else
        search.seen.clear();
    C2C_CHECK(judge(search, srgb, std::move(seen), stop));
    if (longest > one_look)
        search.tiles = tiles_of(search.halved.pixels.size());
    search.large_found = true;
    return {};
}

Result<void> FaceFinder::Impl::find_others(FaceSearch::State& search, const Image& srgb,
                                           const StopToken& stop) {
    for (; !search.tiles.empty(); search.tiles.pop_back()) {
        if (stop.stop_requested())
            return cancelled();
        look_at_tile(search.halved, search.tiles.back(), search.seen);
    }
    C2C_CHECK(judge(search, srgb, search.seen, stop));
    if (search.faces.empty()) { // look harder
        for (const double degrees : {30.0, -30.0, 60.0, -60.0, 90.0, -90.0, 180.0}) {
            if (stop.stop_requested())
                return cancelled();
            look_turned(search.medium, degrees, 0, search.seen);
        }
        C2C_CHECK(judge(search, srgb, search.seen, stop));
    }
    search.finished = true;
    search.halved = search.medium = {};
    search.seen = {};
    return {};
}

FaceSearch::FaceSearch() : state_(std::make_unique<State>()) {}
FaceSearch::FaceSearch(FaceSearch&&) noexcept = default;
FaceSearch& FaceSearch::operator=(FaceSearch&&) noexcept = default;
FaceSearch::~FaceSearch() = default;

const std::vector<Face>& FaceSearch::faces() const {
    return state_->faces;
}
bool FaceSearch::finished() const {
    return state_->finished;
}

FaceFinder::FaceFinder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FaceFinder::FaceFinder(FaceFinder&&) noexcept = default;
FaceFinder& FaceFinder::operator=(FaceFinder&&) noexcept = default;
FaceFinder::~FaceFinder() = default;

Result<FaceFinder> FaceFinder::create(const std::filesystem::path& face_models) {
    C2C_TRY(auto net, YuNet::create(face_models));
    return FaceFinder(std::make_unique<Impl>(std::move(net)));
}

Result<std::vector<Face>> FaceFinder::find(const Image& srgb, const StopToken& stop) {
    FaceSearch search;
    C2C_CHECK(go_on(search, srgb, Faces::All, stop));
    return search.faces();
}

Result<void> FaceFinder::go_on(FaceSearch& search, const Image& srgb, Faces which,
                               const StopToken& stop) try {
    FaceSearch::State& state = *search.state_;
    if (!state.large_found && !state.finished)
        C2C_CHECK(impl_->find_large(state, srgb, stop));
    if (!state.finished && (which == Faces::All || state.faces.empty()))
        C2C_CHECK(impl_->find_others(state, srgb, stop));
    return {};
} catch (const std::exception& e) { // cv::Exception and dlib::error are
    auto error = fail(ErrorKind::Internal, "Looking for faces failed; please report this.");
    error.value().detail = e.what();
    return error;
}

Result<std::array<Point, 5>>
FaceFinder::five_in_crop(const Image& crop, const std::optional<std::array<Point, 5>>& otherwise) try {
    constexpr int side = 320;
    if (!crop.empty()) {
        cv::Mat view;
        cv::resize(as_mat(crop), view, {side, side}, 0, 0, cv::INTER_LINEAR);
        const double kx = double(crop.width) / side, ky = double(crop.height) / side;
        const auto seen = merge(impl_->net.look(view, possible));
        if (!seen.empty())
            return map_face(seen.front(), {{kx, 0, 0, 0, ky, 0}}).five;
    }
    if (otherwise)
        return *otherwise;
    return fail(ErrorKind::NoFace,
                "No face was found in the crop; give one that shows a face from the front.");
} catch (const std::exception& e) {
    auto error = fail(ErrorKind::Internal, "Looking for the face's points failed; please report this.");
    error.value().detail = e.what();
    return error;
}

} // namespace c2c
