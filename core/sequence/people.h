#pragma once

#include "core/aging/studio.h"
#include "core/sequence/colorspace.h"
#include "core/sequence/plan.h"
#include "core/sequence/run.h"
#include "core/sequence/track.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2c {

/// A person of a plate: where the face is in every frame of the source, and what is fixed over all of them.
struct Person {
    double age = 0; ///< median of the estimates: one age for all frames, or the change would flicker
    Gender gender = Gender::Male;
    std::vector<std::optional<TrackedFace>> frames; ///< one per frame of the source
};

struct People {
    std::vector<Person> persons; ///< from the left, where each appears first
    std::size_t largest = 0;     ///< the one that fills most of the plate
    std::vector<TrackGap> gaps;  ///< by person
    std::string fingerprint;     ///< of the source and the tracks
};

/// One person's tracks become one track, by place and size where the face was away for a moment and by its
/// identity where it comes back elsewhere. `a` and `b` are MobileFaceNet's unit vectors.
bool same_person(const std::vector<float>& a, const std::vector<float>& b);
/// Surely two people: even at one place, as after a cut, they do not become one track.
bool strangers(const std::vector<float>& a, const std::vector<float>& b);

/// Finds and tracks the faces of the whole plate or movie, whatever part of it is asked for: so each shard
/// smooths alike. The result is kept in `cache` (JSON), and read from there while the source is the same.
/// `space` is the source's, if its files do not say it.
Result<People> find_people(const FrameSource& source, const std::filesystem::path& cache,
                           const RunOptions& options, Studio& studio, const PlateSpace* space,
                           const Progress& progress = {}, const StopToken& stop = {});

} // namespace c2c
