#include "app/cli/batch.h"
#include "app/cli/options.h"
#include "app/cli/progress_bar.h"
#include "core/aging/ages.h"
#include "core/aging/studio.h"
#include "core/image/read.h"

#include <cstdio>
#include <set>

namespace fs = std::filesystem;

namespace c2c::cli {
namespace {

/// Flags that can be wrong are found before any photo is read or model loaded.
Result<BatchPlan> make_plan(const AgeFlags& flags) {
    if (flags.inputs.empty())
        return fail(ErrorKind::Usage, "No photo given; name one, or see --help.");
    if (flags.ages.empty())
        return fail(ErrorKind::Usage, "No age given; say how old the face should be, for example --age 70.");
    BatchPlan plan;
    plan.flags = flags;
    C2C_TRY(plan.ages, parse_ages(flags.ages));
    C2C_TRY(plan.inputs, expand_inputs(flags.inputs));
    C2C_TRY(plan.faces, parse_faces(flags.faces));
    if (!flags.noise.empty()) {
        C2C_TRY(plan.noise, read_noise(flags.noise));
    }
    return plan;
}

int summarize(const BatchPlan& plan, const BatchOutcome& outcome, const Result<ModelInfo>& model) {
    if (model && !model->commercial_use && outcome.written > 0)
        std::fprintf(
            stderr,
            "Note: the model %s is licensed for research only; its pictures are not for commercial use.\n",
            model->name.c_str());
    if (outcome.errors.empty())
        return 0;
    if (outcome.cancelled)
        return static_cast<int>(ErrorKind::Cancelled);
    if (plan.inputs.size() == 1 && outcome.written == 0)
        return static_cast<int>(outcome.errors.front().kind);
    std::fprintf(stderr, "%zu written, %zu failed.\n", outcome.written, outcome.errors.size());
    // One cause for all of them (a missing model, a full disk) is more telling than "part of a batch failed".
    std::set<ErrorKind> kinds;
    for (const Error& error : outcome.errors)
        kinds.insert(error.kind);
    return static_cast<int>(outcome.written == 0 && kinds.size() == 1 ? *kinds.begin() : ErrorKind::Partial);
}

} // namespace

int run_age(const AgeFlags& flags, StopToken stop) {
    auto plan = make_plan(flags);
    if (!plan)
        return complain(plan.error());
    const auto options = studio_options(flags.engine);
    if (!options)
        return complain(options.error());
    auto studio = Studio::create(*options);
    if (!studio)
        return complain(studio.error());

    auto meters = Meters::create(options->face_models);
    if (!meters)
        return complain(meters.error());
    plan->meters = &*meters;

    ProgressBar bar(!flags.json);
    BatchOutcome outcome;
    for (std::size_t i = 0; i < plan->inputs.size(); ++i) {
        bar.file(i, plan->inputs.size(), plan->inputs[i].filename().string());
        const auto done = age_photo(*studio, *plan, plan->inputs[i], bar, stop);
        outcome.written += done.written;
        for (const Error& error : done.errors) {
            bar.clear();
            complain(error);
            outcome.errors.push_back(error);
            outcome.cancelled |= error.kind == ErrorKind::Cancelled;
        }
        // Without a model or a place to write to, the next photo cannot fare better.
        const bool hopeless = !done.errors.empty() && done.errors.back().kind == ErrorKind::Model;
        if (outcome.cancelled || hopeless)
            break;
    }
    bar.clear();
    return summarize(*plan, outcome, outcome.written > 0 ? studio->model() : Result<ModelInfo>(cancelled()));
}

} // namespace c2c::cli
