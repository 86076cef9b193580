#pragma once

// Inside run_sequence: what the stages of one run share.

#include "core/sequence/cast.h"
#include "core/sequence/colorspace.h"
#include "core/sequence/paint.h"
#include "core/sequence/pipeline.h"
#include "core/sequence/run.h"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>

namespace c2c {

/// A frame behind the encode stage.
struct Encoded {
    FrameRecord record;
    Image picture; ///< movies: sRGB, and its alpha if any, written by commit in order
    Image alpha;
};

/// The manifest as the options want it: gone on with, started over, or new.
Result<FrameManifest> open_manifest(const RunOptions& options, const std::filesystem::path& file);

/// What was made of the file that was read last: a plate has another for each frame, a photo the same for
/// all.
template <class T> struct LastRead {
    std::filesystem::path file;
    T value;
};

class Job {
  public:
    Job(const SequencePlan& what, const RunOptions& how, Studio& studio, const Progress& progress,
        StopToken until)
        : plan(what), options(how), stop(std::move(until)), studio_(studio), progress_(progress),
          reader_(what.source, how.limits, how.movie.threads) {}

    /// Makes the folders and finds who is aged.
    Result<void> prepare(const std::vector<FaceCurve>& curves);

    /// Names what the pixels of this frame are made of; a resumed frame must have been made of the same.
    Result<std::string> fingerprint(const PlannedFrame& frame);

    using Commit = std::function<Result<void>(std::size_t, Encoded)>;
    /// Decodes, ages and encodes these frames; `commit` gets them in order.
    Result<void> make(const std::vector<const PlannedFrame*>& frames, const Commit& commit);

    std::uint64_t pixels() const; ///< of a frame, or 0 when unknown
    void add_seconds(const char* stage, std::chrono::steady_clock::time_point start);

    const SequencePlan& plan;
    const RunOptions& options;
    const StopToken stop;
    RunReport report;

  private:
    std::string settings_text() const;
    Result<RegionMask> protect(const PlannedFrame& frame, const Photo& photo);
    std::filesystem::path protect_file(const PlannedFrame& frame) const;
    Result<Drawn> draw(const PlannedFrame& frame, VideoFrame decoded);
    Result<void> age_face(Drawn& drawn, const Actor& actor, std::shared_ptr<const Subject> subject,
                          const PlannedFrame& frame, double weight);
    Result<Photo> paint(Drawn& drawn, std::vector<FaceRecord>& records);
    Result<void> write_side(const Photo& photo, Image image, const std::filesystem::path& file) const;
    Result<Encoded> encode(const PlannedFrame& frame, Drawn drawn);
    WriteOptions write_options() const;

    Studio& studio_;
    const Progress& progress_;
    FrameReader reader_;
    ModelInfo model_;
    std::optional<PlateSpace> space_;
    Cast cast_;
    std::map<const Actor*, std::shared_ptr<const AgedCrop>> last_;
    LastRead<std::string> hashed_; ///< of the sources' files
    std::string settings_;
    LastRead<RegionMask> protect_;
    std::mutex measure_mutex_, seconds_mutex_;
};

/// Numbered pictures, one by one.
Result<void> run_frames(Job& job);
/// One movie, made in parts of a second that a killed run can keep.
Result<void> run_movie(Job& job);
/// One animated picture, made of frames that a killed run can keep.
Result<void> run_animation(Job& job);

} // namespace c2c
