#pragma once

#include "core/face/face.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace c2c {

/// The idea of the One-Euro filter (Casiez, Roussel, Vogel: "1€ Filter", CHI 2012): a low-pass whose cutoff
/// rises with speed, so that a still face does not jitter and a moving one is followed. Units: cycles a
/// frame, and for beta cycles a frame for a speed of one eye distance a frame.
struct OneEuro {
    double min_cutoff = 0.04;
    double beta = 1.5;
    double speed_cutoff = 0.06;
};

/// Smooths with a cutoff for each value (cycles a frame). Run forwards and backwards over the whole signal,
/// so that, unlike the live filter, it has no lag; a straight line stays the same line up to its ends.
std::vector<double> smooth_signal(std::span<const double> values, std::span<const double> cutoffs);

/// Which face of which frame, as they are given to track_faces.
struct FaceAt {
    std::size_t frame = 0, face = 0;
};

struct TrackOptions {
    OneEuro filter;
    /// Whether a face may be that of an earlier frame. Without it place and size alone decide, and an only
    /// face is the same wherever it comes back.
    std::function<bool(FaceAt earlier, FaceAt later)> may_be_same = {};
    int bridge = 6; ///< so many frames without the face are filled in between its neighbours
    int fade = 4;   ///< frames over which the change comes and goes where a face is lost or returns
};

struct TrackedFace {
    Face face;
    double weight = 1;      ///< 0..1, to multiply the amount with
    bool found = true;      ///< false: filled in
    std::size_t number = 0; ///< of the frame's faces, where it was found
};

/// One person's face; frames without it are empty.
struct FaceTrack {
    std::vector<std::optional<TrackedFace>> frames; ///< one per frame of the job
};

/// For the user: "the face is lost at frame 1042 and back at 1050".
struct TrackGap {
    std::size_t track = 0;
    std::size_t first = 0, last = 0; ///< frames' indexes without the face
};

struct Tracking {
    std::vector<FaceTrack> tracks; ///< by the size of the face where it appears first, largest first
    std::vector<TrackGap> gaps;    ///< longer than the bridge
};

/// Links each frame's faces into tracks by place and size, fills short gaps and smooths the landmarks.
Tracking track_faces(std::span<const std::vector<Face>> found, const TrackOptions& options = {});

} // namespace c2c
