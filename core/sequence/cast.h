#pragma once

#include "core/aging/studio.h"
#include "core/sequence/people.h"
#include "core/sequence/plan.h"
#include "core/sequence/run.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2c {

/// One chosen face of a job.
struct Actor {
    int number = 1; ///< from the left
    std::size_t curve = 0;
    SubjectSettings settings;
    std::shared_ptr<const Subject> subject;                         ///< photo: made once
    const std::vector<std::optional<TrackedFace>>* track = nullptr; ///< plate: into Cast::people
};

/// Who is aged, found before the first frame. May be moved, not copied: actors point into people.
struct Cast {
    std::vector<Actor> actors;          ///< one per curve, or more where a curve is for all faces
    People people;                      ///< plates and movies
    std::shared_ptr<const Photo> photo; ///< photo jobs: as the network sees it
    std::shared_ptr<const Photo> own;   ///< photo jobs with a colour space: as the file has it
    std::vector<std::string> notes;     ///< faces lost and back, in sentences

    Cast() = default;
    Cast(Cast&&) = default;
    Cast& operator=(Cast&&) = default;
};

/// NoFace errors when a curve's face is not there. `space` is the source's if its files do not say it.
Result<Cast> choose_cast(const SequencePlan& plan, const std::vector<FaceCurve>& curves,
                         const RunOptions& options, const PlateSpace* space, Studio& studio,
                         const Progress& progress, const StopToken& stop);

} // namespace c2c
