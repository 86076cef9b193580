#include "core/sequence/whole.h"

#include "core/base/files.h"
#include "core/image/metadata.h"
#include "core/sequence/disk.h"
#include "core/sequence/stamp.h"

namespace fs = std::filesystem;

namespace c2c {
namespace {

bool whole_is_valid(const Job& job, const FrameManifest& manifest, const std::vector<std::string>& prints) {
    const SequencePlan& plan = job.plan;
    const std::string name = plan.file.filename().string();
    const FrameRecord* first = nullptr;
    std::size_t inside = 0; // frames that the file holds
    for (std::size_t i = 0; i < plan.frames.size(); ++i) {
        const auto found = manifest.records().find(plan.frames[i].number);
        if (found == manifest.records().end() || found->second.file != name ||
            found->second.job != prints[i] || (first && found->second.hash != first->hash))
            return false;
        if (!first)
            first = &found->second;
    }
    for (const auto& [number, record] : manifest.records())
        inside += first && record.file == name && record.hash == first->hash;
    return first && inside == plan.frames.size() &&
           frame_is_valid(*first, plan.manifest.parent_path(), prints.front());
}

} // namespace

fs::path parts_folder(const SequencePlan& plan) {
    return plan.file.string() + ".parts";
}

Result<std::vector<std::string>> fingerprints(Job& job) {
    std::vector<std::string> prints;
    for (const PlannedFrame& frame : job.plan.frames) {
        if (job.stop.stop_requested())
            return cancelled();
        C2C_TRY(std::string print, job.fingerprint(frame));
        prints.push_back(std::move(print));
    }
    return prints;
}

Result<FrameManifest> open_whole(const Job& job) {
    const bool replace = job.options.resume || job.options.write.overwrite == Overwrite::Yes;
    std::error_code error;
    if (!replace && fs::exists(job.plan.file, error))
        return fail(ErrorKind::Output, "{} exists already; give another name or --overwrite.",
                    job.plan.file.string());
    C2C_TRY(auto manifest, open_manifest(job.options, job.plan.manifest));
    const fs::path parts = parts_folder(job.plan);
    if (!job.options.resume)
        fs::remove_all(parts, error);
    fs::create_directories(parts, error);
    if (error)
        return fail(ErrorKind::Output, "The folder {} cannot be made ({}); choose another place.",
                    parts.string(), error.message());
    return manifest;
}

bool already_whole(Job& job, const FrameManifest& manifest, const std::vector<std::string>& prints) {
    if (!job.options.resume || !whole_is_valid(job, manifest, prints))
        return false;
    job.report.valid = job.plan.frames.size();
    std::error_code ignored;
    fs::remove_all(parts_folder(job.plan), ignored);
    return true;
}

Result<void> record_together(FrameManifest& manifest, std::span<const PlannedFrame> frames,
                             const fs::path& file, const fs::path& folder) {
    FrameRecord whole;
    C2C_CHECK(record_file(whole, file, folder));
    std::vector<FrameRecord> records;
    for (const PlannedFrame& frame : frames) {
        records.push_back(manifest.records().at(frame.number));
        records.back().file = whole.file;
        records.back().hash = whole.hash;
        records.back().size = whole.size;
    }
    return manifest.append(records);
}

Result<void> finish_whole(Job& job, FrameManifest& manifest) {
    const SequencePlan& plan = job.plan;
    C2C_CHECK(record_together(manifest, plan.frames, plan.file, plan.manifest.parent_path()));
    std::error_code ignored;
    fs::remove_all(parts_folder(plan), ignored);
    return {};
}

Result<void> write_whole(Job& job, const std::function<Result<void>(const fs::path&)>& write) {
    if (job.options.resume)
        remove_orphans(job.plan.file);
    const auto& provenance = job.options.write.provenance;
    const std::string xmp = provenance ? provenance_packet(*provenance) : std::string();
    return write_atomically(job.plan.file, job.options.resume ? Overwrite::Yes : job.options.write.overwrite,
                            [&](const fs::path& temporary) -> Result<void> {
                                C2C_CHECK(write(temporary));
                                return xmp.empty() ? Result<void>() : stamp(temporary, job.plan.file, xmp);
                            });
}

std::vector<std::int64_t> frame_times(const SequencePlan& plan) {
    std::vector<std::int64_t> times;
    const auto& source = plan.source.times; // movies alone
    for (const PlannedFrame& frame : plan.frames)
        times.push_back(source.empty() ? static_cast<std::int64_t>(times.size())
                                       : source[frame.source] - source[plan.frames.front().source]);
    times.push_back(source.empty()
                        ? static_cast<std::int64_t>(times.size())
                        : source[plan.frames.back().source + 1] - source[plan.frames.front().source]);
    return times;
}

VideoOptions movie_options(const Job& job) {
    VideoOptions movie = job.options.movie;
    if (const auto& provenance = job.options.write.provenance) {
        movie.comment = provenance->description;
        if (provenance->generated) // Matroska has no place for XMP
            movie.comment += ". IPTC digital source type: compositeWithTrainedAlgorithmicMedia";
        if (!provenance->usage_terms.empty()) // a container has no field of its own for them
            movie.comment += ". " + provenance->usage_terms;
    }
    const SequencePlan& plan = job.plan;
    if (!plan.source.video)
        return movie;
    const VideoInfo& source = *plan.source.video;
    movie.rate = source.rate;
    movie.time_base = source.time_base;
    movie.pixel_aspect = source.pixel_aspect;
    movie.color = source.color;
    movie.start = plan.source.times[plan.frames.front().source];
    if (source.has_audio)
        movie.audio_from = plan.source.files.front();
    if (plan.frames.back().source + 1 < plan.source.numbers.size())
        movie.audio_end = plan.source.times[plan.frames.back().source + 1];
    return movie;
}

} // namespace c2c
