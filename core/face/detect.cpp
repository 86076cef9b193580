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

namespace c2c {
namespace {

constexpr double sure = 0.80;  // YuNet alone is believed
constexpr double clear = 0.93; // what upright faces get
constexpr double straight = 6 * std::numbers::pi / 180;
constexpr double possible = 0.50;  // below sure, dlib's HOG must agree
constexpr double large_share = 13; // a large face is this part of the longest side: 49 px of 640

enum class Sizes { Large, All };

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

    /// Looks at overlapping tiles. What touches a tile's inner edge is left to the neighbour, which sees it
    /// whole.
    void look_tiled(const Level& level, const StopToken& stop, std::vector<Face>& found) {
        constexpr int tile = 1024, shared = 160;
        const auto starts = [](int length) {
            const int count = length <= tile ? 1 : (length - shared + tile - shared - 1) / (tile - shared);
            std::vector<int> at;
            for (int i = 0; i < count; ++i)
                at.push_back(count == 1 ? 0 : int(std::int64_t(length - tile) * i / (count - 1)));
            return at;
        };
        const int columns = level.pixels.cols, rows = level.pixels.rows;
        for (const int y : starts(rows))
            for (const int x : starts(columns)) {
                if (stop.stop_requested())
                    return;
                const cv::Rect part(x, y, std::min(tile, columns - x), std::min(tile, rows - y));
                const auto cut = [&](const Box& b) {
                    return (x > 0 && b.x < 4) || (y > 0 && b.y < 4) ||
                           (part.br().x < columns && b.x + b.width > part.width - 4) ||
                           (part.br().y < rows && b.y + b.height > part.height - 4);
                };
                const Warp to_photo = compose(level.to_photo, {{1, 0, double(x), 0, 1, double(y)}});
                for (const auto& face : merge(net.look(level.pixels(part), possible)))
                    if (!cut(face.box))
                        found.push_back(map_face(face, to_photo));
            }
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

    /// Those that are faces, and none of the `known` ones.
    std::vector<Face> judged(const Image& srgb, std::vector<Face> found, const std::vector<Face>& known) {
        const auto is_known = [&](const Face& face) {
            return std::any_of(known.begin(), known.end(),
                               [&](const Face& k) { return same_face(k.box, face.box); });
        };
        std::vector<Face> faces;
        for (const auto& candidate : merge(std::move(found))) {
            if (is_known(candidate))
                continue;
            const Face face = upright(srgb, candidate);
            if (face.score >= sure || confirmed(srgb, face))
                faces.push_back(face);
        }
        std::erase_if(faces, is_known); // turned upright, it may be
        return merge(std::move(faces));
    }

    /// The faces besides the `known` ones, the largest first.
    Result<std::vector<Face>> search(const Image& srgb, Sizes sizes, const std::vector<Face>& known,
                                     const StopToken& stop) try {
        constexpr int smallest_face =
            12; // what YuNet sees; a sliver stretched to its input shows it phantoms
        if (std::min(srgb.width, srgb.height) < smallest_face)
            return std::vector<Face>{};
        const int longest = std::max(srgb.width, srgb.height);
        const bool only_large = sizes == Sizes::Large && longest > one_look;
        std::vector<Face> found;
        // YuNet sees faces from about 12 px to half its picture: 640 px show all that is larger than 1/50 of
        // the longest side. Below that, tiles of the halved photo (a 40 px face has 20 px there), 3,200 px at
        // most to bound the time.
        Level level{as_mat(srgb), {}};
        if (longest > one_look) {
            level = reduce(level, std::min(longest / 2, 3200));
            if (!only_large)
                look_tiled(level, stop, found);
        }
        const Level medium = reduce(level, 640), small = reduce(medium, 256);
        look_turned(medium, 0, 0, found);
        // Faces that fill the picture or are cut by its border, and pictures that lie on a side.
        for (const double degrees : {0.0, 90.0, 180.0, 270.0})
            look_turned(small, degrees, 0.125, found);
        if (stop.stop_requested())
            return cancelled();
        if (only_large) // a smaller one's points are told better by the tiles
            std::erase_if(found, [&](const Face& face) {
                return std::max(face.box.width, face.box.height) * large_share < longest;
            });

        auto faces = judged(srgb, found, known);
        if (faces.empty() && known.empty() && !only_large) { // look harder
            for (const double degrees : {30.0, -30.0, 60.0, -60.0, 90.0, -90.0, 180.0}) {
                look_turned(medium, degrees, 0, found);
                if (stop.stop_requested())
                    return cancelled();
            }
            faces = judged(srgb, std::move(found), known);
        }
        std::sort(faces.begin(), faces.end(), [](const Face& a, const Face& b) {
            return a.box.width * a.box.height > b.box.width * b.box.height;
        });
        return faces;
    } catch (const std::exception& e) { // cv::Exception and dlib::error are
        auto error = fail(ErrorKind::Internal, "Looking for faces failed; please report this.");
        error.value().detail = e.what();
        return error;
    }
};

FaceFinder::FaceFinder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FaceFinder::FaceFinder(FaceFinder&&) noexcept = default;
FaceFinder& FaceFinder::operator=(FaceFinder&&) noexcept = default;
FaceFinder::~FaceFinder() = default;

Result<FaceFinder> FaceFinder::create(const std::filesystem::path& face_models) {
    C2C_TRY(auto net, YuNet::create(face_models));
    return FaceFinder(std::make_unique<Impl>(std::move(net)));
}

Result<std::vector<Face>> FaceFinder::find(const Image& srgb, const StopToken& stop) {
    C2C_TRY(std::vector<Face> faces, find_large(srgb, stop));
    C2C_TRY(const std::vector<Face> small, find_small(srgb, faces, stop));
    faces.insert(faces.end(), small.begin(), small.end());
    return faces;
}

Result<std::vector<Face>> FaceFinder::find_large(const Image& srgb, const StopToken& stop) {
    return impl_->search(srgb, Sizes::Large, {}, stop);
}

Result<std::vector<Face>> FaceFinder::find_small(const Image& srgb, const std::vector<Face>& large,
                                                 const StopToken& stop) {
    if (std::max(srgb.width, srgb.height) <= one_look)
        return std::vector<Face>{};
    return impl_->search(srgb, Sizes::All, large, stop);
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
