#include "core/sequence/run.h"

#include "core/sequence/job.h"

#include <ctime>

namespace c2c {

Result<RunReport> run_sequence(const SequencePlan& plan, const std::vector<FaceCurve>& curves,
                               const RunOptions& options, Studio& studio, const Progress& progress,
                               const StopToken& stop) {
    if (plan.frames.empty())
        return RunReport{};
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    Job job(plan, options, studio, progress, stop);
    C2C_CHECK(job.prepare(curves));
    C2C_CHECK(plan.whole == WholeFile::Movie       ? run_movie(job)
              : plan.whole == WholeFile::Animation ? run_animation(job)
                                                   : run_frames(job));
    job.add_seconds("wall", start);
    job.report.seconds["cpu"] = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    return std::move(job.report);
}

} // namespace c2c
