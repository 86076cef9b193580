#include "core/sequence/plan.h"

#include "core/sequence/names.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace fs = std::filesystem;

namespace c2c {
namespace {

struct Span {
    double first = 0, last = 0;
};

Span span_of(const std::vector<FaceCurve>& curves) {
    Span span{curves.front().curve.keys.front().frame, curves.front().curve.keys.back().frame};
    for (const FaceCurve& one : curves) {
        span.first = std::min(span.first, one.curve.keys.front().frame);
        span.last = std::max(span.last, one.curve.keys.back().frame);
    }
    return span;
}

/// "out/aged.####.png" → "out/aged.manifest.jsonl"; the part's name keeps runs on a farm apart.
fs::path manifest_name(const std::string& pattern, const FrameSource& source, const PlanOptions& options) {
    // The frame number is left out by giving none: its token stays as typed and is cut off with the suffix.
    const fs::path typed = expand_name(pattern, {.stem = source.stem, .ext = source.ext});
    std::string name = typed.filename().string();
    const std::size_t token = name.find_first_of("#@%$");
    name = name.substr(0, std::min(token, name.rfind('.')));
    if (const std::size_t brace = name.find('{'); brace != std::string::npos)
        name.resize(brace);
    name.erase(name.find_last_not_of("._- ") + 1);
    if (name.empty())
        name = source.stem;
    if (options.frames && !options.frames->empty()) {
        const auto [first, last] = std::minmax_element(options.frames->begin(), options.frames->end());
        name += fmt::format(".{}-{}", *first, *last);
    }
    if (options.shard)
        name += fmt::format(".{}of{}", options.shard->index, options.shard->count);
    fs::path folder = typed.parent_path();
    // {age} in a folder's name makes a folder an age; the manifest lies above them.
    while (folder.string().find('{') != std::string::npos)
        folder = folder.parent_path();
    return folder / (name + ".manifest.jsonl");
}

} // namespace

Result<SequencePlan> plan_sequence(FrameSource source, const PlanOptions& options) {
    SequencePlan plan;
    plan.whole = whole_file(options.output);
    const bool whole = plan.whole != WholeFile::None;
    if (whole && (options.shard || !options.delta.empty() || !options.matte.empty()))
        return fail(
            ErrorKind::Usage,
            "{} is one file, which parts of a farm cannot share and which has no side sequences; write "
            "frames, as in out.####.png.",
            options.output);
    const Span span = span_of(options.curves);
    double shift = 0; // a frame's number minus its place on the curve
    if (source.kind == FrameSource::Kind::Photo) {
        const double count = std::floor(span.last - span.first + 1e-6) + 1;
        if (count > 1'000'000)
            return fail(ErrorKind::Usage, "The curve spans {:.0f} frames; a million is the most.", count);
        const auto keys_first = static_cast<std::int64_t>(std::floor(span.first));
        const std::int64_t first = options.start ? *options.start : keys_first > 1 ? keys_first : 1001;
        for (std::int64_t i = 0; i < static_cast<std::int64_t>(count); ++i)
            source.numbers.push_back(first + i);
        shift = static_cast<double>(first) - span.first;
    } else if (span.last < static_cast<double>(source.numbers.front())) {
        shift = static_cast<double>(source.numbers.front()) - 1;
        plan.notes.push_back(
            fmt::format("The curve counts from frame 1, which is {} here.", source.numbers.front()));
    }
    if (source.numbers.front() < 0)
        return fail(ErrorKind::Usage, "Frame numbers start at 0; raise --start.");

    std::vector<std::int64_t> wanted = options.frames.value_or(source.numbers);
    for (const std::int64_t number : wanted)
        if (!std::binary_search(source.numbers.begin(), source.numbers.end(), number))
            return fail(ErrorKind::Usage, "There is no frame {}; the source has {} to {}{}.", number,
                        source.numbers.front(), source.numbers.back(),
                        source.numbers.back() - source.numbers.front() + 1 ==
                                static_cast<std::int64_t>(source.numbers.size())
                            ? ""
                            : " with holes");
    if (whole || source.kind == FrameSource::Kind::Movie)
        std::sort(wanted.begin(), wanted.end()); // a movie is read, and written, forwards
    plan.total = source.numbers.size();
    const std::int64_t largest = source.numbers.back();

    std::vector<NameFields> fields;
    std::vector<PlannedFrame> all;
    for (const std::int64_t number : wanted) {
        PlannedFrame frame;
        frame.number = number;
        const auto at = std::lower_bound(source.numbers.begin(), source.numbers.end(), number);
        if (source.kind != FrameSource::Kind::Photo)
            frame.source = static_cast<std::size_t>(at - source.numbers.begin());
        for (const FaceCurve& one : options.curves)
            frame.ages.push_back(one.curve.value(static_cast<double>(number) - shift));
        fields.push_back({.stem = source.stem,
                          .ext = source.kind == FrameSource::Kind::Movie ? "png" : source.ext,
                          .age = frame.ages.front(),
                          .face = options.curves.size() == 1 ? std::max(1, options.curves.front().face)
                                                             : std::optional<int>(),
                          .frame = number,
                          .frame_width = frame_width(largest)});
        all.push_back(std::move(frame));
    }
    if (whole) {
        C2C_CHECK(check_name_pattern(options.output, NameUse::Movie));
        const NameFields still{.stem = source.stem, .ext = source.ext};
        C2C_TRY(const auto names,
                plan_names(options.output, NameUse::Movie, std::span(&still, 1), source.files));
        plan.file = names.front();
        plan.manifest = plan.file.string() + ".manifest.jsonl";
        if (plan.whole == WholeFile::Animation)
            for (PlannedFrame& frame : all)
                frame.file = fs::path(plan.file.string() + ".parts") / fmt::format("{:06}.png", frame.number);
    } else {
        std::set<fs::path> taken;
        const auto name_all = [&](const std::string& pattern,
                                  fs::path PlannedFrame::*member) -> Result<void> {
            if (pattern.empty())
                return {};
            C2C_TRY(const auto names, plan_names(pattern, NameUse::Sequence, fields, source.files));
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (!taken.insert(names[i].lexically_normal()).second)
                    return fail(ErrorKind::Usage,
                                "{} would be written twice; name the side sequence differently.",
                                names[i].string());
                all[i].*member = names[i];
            }
            return {};
        };
        C2C_CHECK(name_all(options.output, &PlannedFrame::file));
        C2C_CHECK(name_all(options.delta, &PlannedFrame::delta));
        C2C_CHECK(name_all(options.matte, &PlannedFrame::matte));
        plan.manifest = manifest_name(options.output, source, options);
    }
    if (options.shard) {
        const auto mine = shard_frames(wanted, *options.shard);
        const std::set<std::int64_t> kept(mine.begin(), mine.end());
        std::erase_if(all, [&](const PlannedFrame& frame) { return !kept.contains(frame.number); });
    }
    plan.frames = std::move(all);
    plan.source = std::move(source);
    return plan;
}

} // namespace c2c
