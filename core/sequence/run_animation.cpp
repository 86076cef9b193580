#include "core/sequence/animation.h"
#include "core/sequence/whole.h"

#include <cmath>

namespace fs = std::filesystem;

namespace c2c {

Result<void> run_animation(Job& job) {
    const SequencePlan& plan = job.plan;
    {
        C2C_TRY(const auto manifest, open_whole(job));
        C2C_TRY(const auto prints, fingerprints(job));
        if (already_whole(job, manifest, prints))
            return {};
    }
    C2C_CHECK(run_frames(job));
    C2C_TRY(auto manifest, FrameManifest::open(plan.manifest, FrameManifest::Open::Resume));
    const VideoOptions movie = movie_options(job);
    const double unit = movie.time_base ? movie.time_base->value() : 1 / movie.rate.value();
    Animation animation;
    animation.quality = job.options.write.jpeg_quality;
    for (const std::int64_t time : frame_times(plan))
        animation.milliseconds.push_back(std::llround(1000 * unit * static_cast<double>(time)));
    for (const PlannedFrame& frame : plan.frames)
        animation.frames.push_back(frame.file);
    C2C_CHECK(write_whole(
        job, [&](const fs::path& temporary) { return write_animation(animation, temporary, job.stop); }));
    return finish_whole(job, manifest);
}

} // namespace c2c
