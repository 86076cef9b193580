#include "core/sequence/track.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace c2c {
namespace {

/// Exponential smoothing by a cutoff in cycles a frame.
double alpha(double cutoff) {
    const double tau = 1 / (2 * std::numbers::pi * cutoff);
    return 1 / (1 + tau);
}

Point center(const Face& face) {
    return {face.box.x + face.box.width / 2, face.box.y + face.box.height / 2};
}

double side(const Face& face) {
    return std::sqrt(std::max(1.0, face.box.width * face.box.height));
}

/// How far two faces are from being the same one, in face sizes; infinite when they cannot be.
double mismatch(const Face& a, const Face& b, double reach) {
    const double size = std::max(side(a), side(b));
    const double ratio = size / std::min(side(a), side(b));
    const double distance = std::hypot(center(a).x - center(b).x, center(a).y - center(b).y) / size;
    if (distance > reach || ratio > 1.5 + 0.5 * reach)
        return std::numeric_limits<double>::infinity();
    return distance + std::log(ratio);
}

struct Chain {
    std::vector<std::optional<TrackedFace>> frames;
    std::size_t last = 0; ///< frame where it was seen last
    double first_size = 0;
};

/// Each frame's faces go to the nearest chains, best pair first. The longer a face was away, the farther it
/// may come back; and when one chain and one face are all there are, they belong together wherever they are,
/// unless their identities can tell.
std::vector<Chain> link(std::span<const std::vector<Face>> found, const TrackOptions& options) {
    std::vector<Chain> chains;
    for (std::size_t frame = 0; frame < found.size(); ++frame) {
        const std::vector<Face>& faces = found[frame];
        struct Pair {
            double cost;
            std::size_t chain, face;
        };
        std::vector<Pair> pairs;
        for (std::size_t c = 0; c < chains.size(); ++c) {
            const TrackedFace& before = *chains[c].frames[chains[c].last];
            const auto away = static_cast<double>(frame - chains[c].last);
            const double reach = std::min(3.0, 0.5 + 0.15 * (away - 1));
            for (std::size_t f = 0; f < faces.size(); ++f) {
                double cost = mismatch(before.face, faces[f], reach);
                const bool only_one = chains.size() == 1 && faces.size() == 1;
                if (only_one && !options.may_be_same)
                    cost = std::min(cost, 1e6);
                const bool stranger =
                    options.may_be_same && !options.may_be_same({chains[c].last, before.number}, {frame, f});
                if (std::isfinite(cost) && !stranger)
                    pairs.push_back({cost + 0.02 * away, c, f});
            }
        }
        std::stable_sort(pairs.begin(), pairs.end(),
                         [](const Pair& a, const Pair& b) { return a.cost < b.cost; });
        std::vector<bool> chain_taken(chains.size(), false), face_taken(faces.size(), false);
        for (const Pair& pair : pairs) {
            if (chain_taken[pair.chain] || face_taken[pair.face])
                continue;
            chain_taken[pair.chain] = face_taken[pair.face] = true;
            chains[pair.chain].frames[frame] = TrackedFace{faces[pair.face], 1, true, pair.face};
            chains[pair.chain].last = frame;
        }
        for (std::size_t f = 0; f < faces.size(); ++f) {
            if (face_taken[f])
                continue;
            Chain chain{std::vector<std::optional<TrackedFace>>(found.size()), frame, side(faces[f])};
            chain.frames[frame] = TrackedFace{faces[f], 1, true, f};
            chains.push_back(std::move(chain));
        }
    }
    std::stable_sort(chains.begin(), chains.end(),
                     [](const Chain& a, const Chain& b) { return a.first_size > b.first_size; });
    return chains;
}

Face between(const Face& a, const Face& b, double t) {
    const auto mix = [t](double x, double y) { return x + (y - x) * t; };
    Face face;
    face.box = {mix(a.box.x, b.box.x), mix(a.box.y, b.box.y), mix(a.box.width, b.box.width),
                mix(a.box.height, b.box.height)};
    face.score = std::min(a.score, b.score);
    for (std::size_t i = 0; i < face.five.size(); ++i)
        face.five[i] = {mix(a.five[i].x, b.five[i].x), mix(a.five[i].y, b.five[i].y)};
    for (std::size_t i = 0; i < face.landmarks.size(); ++i)
        face.landmarks[i] = {mix(a.landmarks[i].x, b.landmarks[i].x),
                             mix(a.landmarks[i].y, b.landmarks[i].y)};
    return face;
}

/// Every coordinate of a face, so that one loop smooths them all.
std::vector<double*> coordinates(Face& face) {
    std::vector<double*> all = {&face.box.x, &face.box.y, &face.box.width, &face.box.height};
    for (Point& point : face.five)
        all.insert(all.end(), {&point.x, &point.y});
    for (Point& point : face.landmarks)
        all.insert(all.end(), {&point.x, &point.y});
    return all;
}

/// The eyes and the mouth: what the alignment hangs on, with less noise than any one landmark.
std::array<Point, 3> anchors(const Face& face) {
    const auto mean = [&](std::size_t first, std::size_t end) {
        Point sum;
        for (std::size_t i = first; i < end; ++i)
            sum = {sum.x + face.landmarks[i].x, sum.y + face.landmarks[i].y};
        const auto n = static_cast<double>(end - first);
        return Point{sum.x / n, sum.y / n};
    };
    return {mean(36, 42), mean(42, 48), mean(48, 60)};
}

/// The cutoff of each frame of a run from how fast the eyes and the mouth move.
std::vector<double> cutoffs_of(std::span<const std::optional<TrackedFace>> run, const OneEuro& filter) {
    std::vector<std::array<Point, 3>> points;
    double eyes = 0;
    for (const auto& frame : run) {
        points.push_back(anchors(frame->face));
        const auto& [right, left, mouth] = points.back();
        eyes +=
            std::max(1.0, std::hypot(left.x - right.x, left.y - right.y)) / static_cast<double>(run.size());
    }
    std::vector<double> cutoffs(run.size(), filter.min_cutoff);
    const std::vector<double> slow(run.size(), filter.speed_cutoff);
    for (std::size_t a = 0; a < 3; ++a) {
        std::vector<double> x(run.size()), y(run.size());
        for (std::size_t i = 0; i < run.size(); ++i) {
            const std::size_t before = i > 0 ? i - 1 : i, after = std::min(i + 1, run.size() - 1);
            const double span = std::max<double>(1, static_cast<double>(after - before)) * eyes;
            x[i] = (points[after][a].x - points[before][a].x) / span;
            y[i] = (points[after][a].y - points[before][a].y) / span;
        }
        x = smooth_signal(x, slow);
        y = smooth_signal(y, slow);
        for (std::size_t i = 0; i < run.size(); ++i)
            cutoffs[i] = std::max(cutoffs[i], filter.min_cutoff + filter.beta * std::hypot(x[i], y[i]));
    }
    return cutoffs;
}

/// Smooths one unbroken run of frames in place.
void smooth_run(std::span<std::optional<TrackedFace>> run, const OneEuro& filter) {
    const std::vector<double> cutoffs = cutoffs_of(run, filter);
    std::vector<std::vector<double*>> frames;
    for (auto& frame : run)
        frames.push_back(coordinates(frame->face));
    std::vector<double> signal(run.size());
    for (std::size_t c = 0; c < frames.front().size(); ++c) {
        for (std::size_t i = 0; i < run.size(); ++i)
            signal[i] = *frames[i][c];
        const auto smooth = smooth_signal(signal, cutoffs);
        for (std::size_t i = 0; i < run.size(); ++i)
            *frames[i][c] = smooth[i];
    }
}

} // namespace

std::vector<double> smooth_signal(std::span<const double> values, std::span<const double> cutoffs) {
    const std::size_t count = values.size();
    if (count < 2)
        return {values.begin(), values.end()};
    // Beyond its ends the signal goes on mirrored through its end point, as a line would.
    const std::size_t pad = std::min<std::size_t>(count - 1, 32);
    std::vector<double> signal, weights;
    for (std::size_t i = pad; i > 0; --i) {
        signal.push_back(2 * values.front() - values[i]);
        weights.push_back(alpha(cutoffs[i]));
    }
    for (std::size_t i = 0; i < count; ++i) {
        signal.push_back(values[i]);
        weights.push_back(alpha(cutoffs[i]));
    }
    for (std::size_t i = 1; i <= pad; ++i) {
        signal.push_back(2 * values.back() - values[count - 1 - i]);
        weights.push_back(alpha(cutoffs[count - 1 - i]));
    }
    for (std::size_t i = 1; i < signal.size(); ++i)
        signal[i] = signal[i - 1] + weights[i] * (signal[i] - signal[i - 1]);
    for (std::size_t i = signal.size() - 1; i-- > 0;)
        signal[i] = signal[i + 1] + weights[i] * (signal[i] - signal[i + 1]);
    const auto first = signal.begin() + static_cast<std::ptrdiff_t>(pad);
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}

Tracking track_faces(std::span<const std::vector<Face>> found, const TrackOptions& options) {
    Tracking tracking;
    for (Chain& chain : link(found, options)) {
        FaceTrack track{std::move(chain.frames)};
        std::optional<std::size_t> before; // the last frame with the face
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (!track.frames[i] || !track.frames[i]->found)
                continue;
            const std::size_t missing = before ? i - *before - 1 : 0;
            if (missing > 0 && missing <= static_cast<std::size_t>(options.bridge)) {
                for (std::size_t k = *before + 1; k < i; ++k) {
                    const double t = static_cast<double>(k - *before) / static_cast<double>(i - *before);
                    track.frames[k] =
                        TrackedFace{between(track.frames[*before]->face, track.frames[i]->face, t), 1, false};
                }
            } else if (missing > 0) {
                tracking.gaps.push_back({tracking.tracks.size(), *before + 1, i - 1});
            }
            before = i;
        }
        if (before && *before + 1 < found.size())
            tracking.gaps.push_back({tracking.tracks.size(), *before + 1, found.size() - 1});

        for (std::size_t first = 0; first < found.size();) {
            if (!track.frames[first]) {
                ++first;
                continue;
            }
            std::size_t end = first;
            while (end < found.size() && track.frames[end])
                ++end;
            smooth_run(std::span(track.frames).subspan(first, end - first), options.filter);
            // A change that appears at once is a flash: it fades, except where the job itself starts or ends.
            for (std::size_t i = first; i < end; ++i) {
                double weight = 1;
                if (first > 0)
                    weight = std::min(weight, static_cast<double>(i - first + 1) / (options.fade + 1));
                if (end < found.size())
                    weight = std::min(weight, static_cast<double>(end - i) / (options.fade + 1));
                track.frames[i]->weight = weight;
            }
            first = end;
        }
        tracking.tracks.push_back(std::move(track));
    }
    return tracking;
}

} // namespace c2c
