#include "app/cli/options.h"
#include "app/cli/report.h"
#include "core/aging/studio.h"
#include "core/image/read.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace c2c::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Samples of every stage; medians are told, because one slow run says more of the machine than of us.
class Samples {
  public:
    void add(const std::string& stage, double seconds) {
        if (!samples_.contains(stage))
            order_.push_back(stage);
        samples_[stage].push_back(seconds);
    }
    template <class Work> auto time(const std::string& stage, Work&& work) {
        const auto start = Clock::now();
        auto result = work();
        add(stage, std::chrono::duration<double>(Clock::now() - start).count());
        return result;
    }
    void print(bool json) const {
        nlohmann::ordered_json lines;
        if (!json)
            fmt::print("{:<22}{:>10}{:>10}{:>10}   ms\n", "stage", "min", "median", "max");
        for (const std::string& stage : order_) {
            std::vector<double> s = samples_.at(stage);
            std::sort(s.begin(), s.end());
            const double median = s[s.size() / 2];
            if (json)
                lines[stage] = {
                    {"min", s.front()}, {"median", median}, {"max", s.back()}, {"runs", s.size()}};
            else
                fmt::print("{:<22}{:>10.1f}{:>10.1f}{:>10.1f}\n", stage, s.front() * 1e3, median * 1e3,
                           s.back() * 1e3);
        }
        if (json)
            std::puts(lines.dump().c_str());
    }

  private:
    std::map<std::string, std::vector<double>> samples_;
    std::vector<std::string> order_;
};

Result<void> measure(const BenchFlags& flags, Samples& samples, const StopToken& stop) {
    C2C_TRY(const auto options, studio_options(flags.engine));
    const auto start = Clock::now();
    C2C_TRY(Studio studio, Studio::create(options));
    C2C_TRY(const ModelInfo model, studio.model());
    samples.add("load model", std::chrono::duration<double>(Clock::now() - start).count());
    if (!flags.json)
        fmt::print("{} {} on {}, {}, {} thread(s), {} runs\n", model.name, model.version, model.device,
                   model.precision, studio.threads(), flags.runs);
    for (int run = 0; run < flags.runs; ++run) {
        C2C_TRY(Photo photo, samples.time("read photo", [&] { return read_photo(flags.input); }));
        C2C_TRY(const auto scene,
                samples.time("find faces", [&] { return studio.scene(std::move(photo), stop); }));
        if (scene->faces.empty())
            return fail(ErrorKind::NoFace, "No face was found in {}.", flags.input.string());
        SubjectSettings settings;
        settings.portrait.source_age = scene->faces[0].age;
        settings.portrait.gender = scene->faces[0].gender;
        settings.portrait.seed = static_cast<std::uint64_t>(run);
        C2C_TRY(const auto subject,
                samples.time("portrait", [&] { return studio.subject(scene, 0, settings, stop); }));
        // The first picture also makes the own age's; every further age is what a scrubbing hand waits for.
        C2C_TRY(const AgedCrop first_draft, samples.time("first draft", [&] {
            return studio.age(*subject, flags.age, Stage::Draft, stop);
        }));
        C2C_TRY(const AgedCrop first, samples.time("first settled", [&] {
            return studio.age(*subject, flags.age, Stage::Settled, stop);
        }));
        const double next = flags.age > 50 ? flags.age - 1.5 : flags.age + 1.5;
        C2C_TRY(const AgedCrop draft, samples.time("further draft", [&] {
            return studio.age(*subject, next, Stage::Draft, stop);
        }));
        C2C_TRY(const AgedCrop settled, samples.time("draft to settled", [&] {
            return studio.age(*subject, next, Stage::Settled, stop);
        }));
        for (const auto& [stage, seconds] : settled.seconds)
            samples.add("  " + stage, seconds);
        (void)samples.time("paste back", [&] { return compose(*subject, settled); });
    }
    return {};
}

} // namespace

int run_bench(const BenchFlags& flags, StopToken stop) {
    Samples samples;
    if (const auto done = measure(flags, samples, stop); !done)
        return complain(done.error());
    samples.print(flags.json);
    return 0;
}

} // namespace c2c::cli
