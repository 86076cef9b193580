#pragma once

#include "core/aging/studio.h"
#include "core/base/progress.h"
#include "core/image/read.h"
#include "core/image/write.h"
#include "core/sequence/manifest.h"
#include "core/sequence/plan.h"
#include "core/sequence/video.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace c2c {

struct RunOptions {
    std::optional<double> source_age = {}; ///< default: estimated; on plates the median over the frames
    std::optional<Gender> gender = {};
    std::uint64_t seed = 0;
    double crossfade = 4;
    bool grey_background = false;
    double amount = 1; ///< 0..2
    PasteMode mode = PasteMode::KeepDetail;
    Stage stage = Stage::Settled;
    WriteOptions write = {};            ///< overwrite as given; provenance is filled in
    bool matte_channel = false;         ///< EXR and TIFF frames: the blending mask as channel "matte"
    bool resume = false;                ///< go on with an earlier run: valid frames are left alone
    int encoders = 1;                   ///< threads that write frames
    std::filesystem::path protect = {}; ///< a mask of the frames' size, white is left alone; on plates also a
                                        ///< pattern with the frames' numbers
    ReadLimits limits = {};
    std::filesystem::path face_models = {}; ///< empty: models_dir()/"face"
    std::string colorspace = {};            ///< the source's, by its OpenColorIO name; empty: by its profile
    VideoOptions movie = {};                ///< quality and codec; the rest is taken from the source
    /// Fills in what can be measured of an aged frame (read-back age, identity). One call at a time.
    std::function<Result<void>(const Subject&, const Photo& aged, FaceRecord&)> measure = {};
    /// After each finished frame, in order.
    std::function<void(const FrameRecord&)> finished = {};
};

struct RunReport {
    std::size_t written = 0;
    std::size_t valid = 0;                 ///< left alone by resume
    std::vector<std::string> notes;        ///< in sentences: faces lost and back, sound left out
    std::map<std::string, double> seconds; ///< by stage, summed over threads; "wall" and "cpu" are the whole
};

/// Makes the plan's frames. Each is written atomically, then recorded in the manifest; memory does not grow
/// with their number. A movie is made in parts of 24 frames and an animation of single frames, which lie in
/// NAME.parts until the one file is there. The first error ends the run and leaves what is finished; `resume`
/// goes on from there, and the result has the same bytes as that of an undisturbed run.
Result<RunReport> run_sequence(const SequencePlan& plan, const std::vector<FaceCurve>& curves,
                               const RunOptions& options, Studio& studio, const Progress& progress = {},
                               const StopToken& stop = {});

} // namespace c2c
