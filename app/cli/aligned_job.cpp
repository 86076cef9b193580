#include "app/cli/job.h"
#include "core/image/color.h"

namespace c2c::cli {

Result<void> age_aligned(Job& job) {
    if (!job.flags().source_age)
        return fail(ErrorKind::Usage, "--aligned looks for no face, so give the age on {} with --from.",
                    job.input.string());
    C2C_TRY(const Photo photo, read_input(job));
    C2C_TRY(const ColorTransform color, ColorTransform::create(photo));
    const Image crop = color.to_srgb(photo.color);
    const SubjectSettings settings{portrait_settings(job, nullptr), false, {}};
    C2C_TRY(const auto subject, job.studio.aligned_subject(crop, settings, job.stop));
    for (std::size_t i = 0; i < job.plan.ages.size(); ++i) {
        C2C_TRY(const AgedCrop aged, job.studio.age(*subject, job.plan.ages[i], job.stage(), job.stop));
        ResultLine line = start_line(job, job.plan.ages[i]);
        line.seconds.insert(aged.seconds.begin(), aged.seconds.end());
        line.output = job.outputs[i];
        Photo out;
        out.color = aged.network;
        out.depth = photo.depth;
        out.source = photo.source;
        C2C_CHECK(write_result(job, out, job.outputs[i], line.model));
        finish(job, line);
    }
    return {};
}

} // namespace c2c::cli
