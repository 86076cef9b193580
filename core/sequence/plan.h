#pragma once

#include "core/sequence/curve.h"
#include "core/sequence/frames.h"
#include "core/sequence/names.h"
#include "core/sequence/source.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace c2c {

/// A face and its ages. Faces count from the left where they appear first, from 1; 0 is the largest.
struct FaceCurve {
    static constexpr int every_other = -1; ///< all faces that have no curve of their own

    int face = 0;
    AgeCurve curve;
};

struct PlanOptions {
    std::vector<FaceCurve> curves = {}; ///< at least one
    std::string output = {};            ///< pattern of the frames, or a movie's name
    std::string delta = {};             ///< pattern of a side sequence with the change alone, or empty
    std::string matte = {};             ///< the same with the blending mask
    std::optional<std::vector<std::int64_t>> frames = {}; ///< those to make; default all
    std::optional<Shard> shard = {};
    std::optional<std::int64_t> start = {}; ///< number of the first frame; default as plan_sequence says
};

struct PlannedFrame {
    std::int64_t number = 0;
    std::size_t source = 0;     ///< index into the source's frames
    std::vector<double> ages;   ///< one per PlanOptions::curves
    std::filesystem::path file; ///< a movie's frames have none, an animation's lie in its parts' folder
    std::filesystem::path delta, matte;
};

struct SequencePlan {
    FrameSource source;
    WholeFile whole = WholeFile::None;
    std::filesystem::path file;       ///< the whole file, or empty
    std::vector<PlannedFrame> frames; ///< this run's (--frames and --shard applied)
    std::size_t total = 0;            ///< frames of the whole job
    std::filesystem::path manifest;   ///< a part (shard, frames) has its own
    std::vector<std::string> notes;   ///< what was decided for the user, in sentences
};

/// Numbers and names of every frame; nothing is written.
///
/// A plate's frames have their own numbers; a movie's, and a photo's, count from `start` (1001). A photo has
/// as many frames as its curves span, and its first key is the first frame; without `start` a curve that
/// begins after frame 1 keeps its own numbers. On plates and movies curve keys are frame numbers, except that
/// a curve that ends before the first frame counts from 1 = the first frame.
Result<SequencePlan> plan_sequence(FrameSource source, const PlanOptions& options);

} // namespace c2c
