#include "core/sequence/disk.h"
#include "core/sequence/raw_frame.h"
#include "core/sequence/video_join.h"
#include "core/sequence/whole.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace c2c {
namespace {

/// Frames of a part: as many lie on the disk at once, and a key frame a second lets a player jump.
constexpr std::size_t part_length = 24;

fs::path part_file(const SequencePlan& plan, std::size_t part) {
    return parts_folder(plan) / fmt::format("{:06}.nut", part);
}

fs::path raw_file(const SequencePlan& plan, std::size_t frame) {
    return parts_folder(plan) / fmt::format("{:06}.raw", frame);
}

/// What a part holds: from here to the end.
std::size_t first_of(std::size_t part) {
    return part * part_length;
}
std::size_t end_of(const SequencePlan& plan, std::size_t part) {
    return std::min(first_of(part) + part_length, plan.frames.size());
}

/// A movie in work: each frame is kept on the disk as soon as it is there, and when all of a part are, the
/// part takes their place. An encoder holds frames back, so that a file it has not finished keeps nothing.
class PartWriter {
  public:
    PartWriter(Job& job, FrameManifest& manifest, const std::vector<std::string>& prints)
        : job_(job), plan_(job.plan), manifest_(manifest), prints_(prints), times_(frame_times(job.plan)),
          options_(movie_options(job)), folder_(plan_.manifest.parent_path()) {
        options_.codec = codec_for(plan_.file, options_.codec);
        options_.audio_from.clear(); // with the picture when the parts are joined
        options_.start = 0;
    }

    /// Whether a part is there, whole and of these settings; its file is read once.
    bool has_part(std::size_t part) const {
        const FrameRecord* one = nullptr;
        for (std::size_t i = first_of(part); i < end_of(plan_, part); ++i) {
            const FrameRecord* record = record_of(i, part_file(plan_, part));
            if (!record || record->job != prints_[i] || (one && record->hash != one->hash))
                return false;
            one = record;
        }
        return frame_is_valid(*one, folder_, one->job);
    }

    bool has_frame(std::size_t frame) const {
        const FrameRecord* record = record_of(frame, raw_file(plan_, frame));
        return record && frame_is_valid(*record, folder_, prints_[frame]);
    }

    /// The frames of the parts that are not there must be given in order, new or kept.
    Result<void> write(std::size_t frame, Encoded encoded) {
        const fs::path file = raw_file(plan_, frame);
        const RawFrame raw{std::move(encoded.picture), std::move(encoded.alpha)};
        if (job_.options.resume)
            remove_orphans(file);
        C2C_CHECK(write_raw_frame(raw, file));
        encoded.record.job = prints_[frame];
        C2C_CHECK(record_file(encoded.record, file, folder_));
        C2C_CHECK(manifest_.append(encoded.record));
        if (job_.options.finished)
            job_.options.finished(encoded.record);
        return encode(frame, raw);
    }

    Result<void> write_kept(std::size_t frame) {
        C2C_TRY(const RawFrame raw, read_raw_frame(raw_file(plan_, frame)));
        return encode(frame, raw);
    }

  private:
    const FrameRecord* record_of(std::size_t frame, const fs::path& file) const {
        const auto found = manifest_.records().find(plan_.frames[frame].number);
        const bool there = found != manifest_.records().end() && folder_ / found->second.file == file;
        return there ? &found->second : nullptr;
    }

    Result<void> encode(std::size_t frame, const RawFrame& raw) {
        const std::size_t part = frame / part_length;
        if (!writer_) {
            C2C_TRY(writer_, VideoWriter::create(part_file(plan_, part), raw.picture.width,
                                                 raw.picture.height, options_));
        }
        C2C_CHECK(writer_->write(raw.picture, times_[frame], raw.alpha));
        if (frame + 1 != end_of(plan_, part))
            return {};
        C2C_CHECK(writer_->finish());
        writer_.reset();
        return finish(part);
    }

    Result<void> finish(std::size_t part) {
        const auto frames =
            std::span(plan_.frames).subspan(first_of(part), end_of(plan_, part) - first_of(part));
        C2C_CHECK(record_together(manifest_, frames, part_file(plan_, part), folder_));
        std::error_code ignored;
        for (std::size_t i = first_of(part); i < end_of(plan_, part); ++i)
            fs::remove(raw_file(plan_, i), ignored);
        // What is to come, and all of it once more when the parts are joined.
        const std::size_t parts = (plan_.frames.size() + part_length - 1) / part_length;
        return check_disk_space(folder_,
                                fs::file_size(part_file(plan_, part), ignored) * (2 * parts - part - 1));
    }

    Job& job_;
    const SequencePlan& plan_;
    FrameManifest& manifest_;
    const std::vector<std::string>& prints_;
    std::vector<std::int64_t> times_;
    VideoOptions options_;
    fs::path folder_; ///< of the manifest
    std::optional<VideoWriter> writer_;
};

} // namespace

Result<void> run_movie(Job& job) {
    const SequencePlan& plan = job.plan;
    C2C_TRY(auto manifest, open_whole(job));
    C2C_TRY(const auto prints, fingerprints(job));
    if (already_whole(job, manifest, prints))
        return {};
    PartWriter writer(job, manifest, prints);
    std::vector<fs::path> parts;
    std::vector<std::size_t> open;         // frames of the parts that are not there
    std::vector<std::size_t> missing;      // those of them that are not kept either
    std::vector<const PlannedFrame*> todo; // the same
    for (std::size_t part = 0; first_of(part) < plan.frames.size(); ++part) {
        parts.push_back(part_file(plan, part));
        const bool there = writer.has_part(part);
        for (std::size_t i = first_of(part); i < end_of(plan, part); ++i) {
            if (!there)
                open.push_back(i);
            if (there || writer.has_frame(i)) {
                ++job.report.valid;
                continue;
            }
            missing.push_back(i);
            todo.push_back(&plan.frames[i]);
        }
    }
    // Surely not less: a part's frames as they are, then one bit in twenty of 8-bit values. The first part
    // tells it better.
    C2C_CHECK(
        check_disk_space(plan.manifest.parent_path(), std::min(todo.size(), part_length) * job.pixels() * 6 +
                                                          todo.size() * job.pixels() * 3 / 160));
    auto next = open.begin();
    const auto write_kept_before = [&](std::size_t frame) -> Result<void> {
        for (; next != open.end() && *next < frame; ++next)
            C2C_CHECK(writer.write_kept(*next));
        return {};
    };
    const auto write_made = [&](std::size_t i, Encoded encoded) -> Result<void> {
        C2C_CHECK(write_kept_before(missing[i]));
        ++next;
        return writer.write(missing[i], std::move(encoded));
    };
    C2C_CHECK(job.make(todo, write_made));
    C2C_CHECK(write_kept_before(plan.frames.size()));
    C2C_CHECK(write_whole(job, [&](const fs::path& temporary) -> Result<void> {
        C2C_TRY(const std::string remark, join_movie(parts, temporary, movie_options(job)));
        if (!remark.empty())
            job.report.notes.push_back(remark);
        return {};
    }));
    return finish_whole(job, manifest);
}

} // namespace c2c
