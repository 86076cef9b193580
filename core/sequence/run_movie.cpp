#include "core/base/sha256.h"
#include "core/sequence/disk.h"
#include "core/sequence/video_join.h"
#include "core/sequence/whole.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace c2c {
namespace {

/// Frames of a part: a kill loses one part at most, and a key frame a second lets a player jump.
constexpr std::size_t part_length = 24;

fs::path part_file(const SequencePlan& plan, std::size_t part) {
    return parts_folder(plan) / fmt::format("{:06}.nut", part);
}

/// Whether a part is there, whole and of these settings; its file is read once.
bool part_is_valid(const Job& job, const FrameManifest& manifest, const std::vector<std::string>& prints,
                   std::size_t part) {
    const SequencePlan& plan = job.plan;
    const fs::path folder = plan.manifest.parent_path();
    const std::size_t first = part * part_length;
    const std::size_t end = std::min(first + part_length, plan.frames.size());
    const FrameRecord* one = nullptr;
    for (std::size_t i = first; i < end; ++i) {
        const auto found = manifest.records().find(plan.frames[i].number);
        if (found == manifest.records().end() || folder / found->second.file != part_file(plan, part) ||
            found->second.job != prints[i] || (one && found->second.hash != one->hash))
            return false;
        one = &found->second;
    }
    return frame_is_valid(*one, folder, prints[end - 1]);
}

/// Writes the parts that frames given in order belong to.
class PartWriter {
  public:
    PartWriter(Job& job, FrameManifest& manifest, const std::vector<std::string>& prints)
        : job_(job), manifest_(manifest), prints_(prints), times_(frame_times(job.plan)),
          options_(movie_options(job)) {
        options_.codec = codec_for(job.plan.file, options_.codec);
        options_.audio_from.clear(); // with the picture when the parts are joined
        options_.start = 0;
    }

    Result<void> write(std::size_t frame, Encoded encoded) {
        const std::size_t part = frame / part_length;
        if (!writer_) {
            C2C_TRY(writer_, VideoWriter::create(part_file(job_.plan, part), encoded.picture.width,
                                                 encoded.picture.height, options_));
        }
        C2C_CHECK(writer_->write(encoded.picture, times_[frame], encoded.alpha));
        encoded.record.file = fs::relative(part_file(job_.plan, part), folder());
        encoded.record.job = prints_[frame];
        records_.push_back(std::move(encoded.record));
        if ((frame + 1) % part_length != 0 && frame + 1 != job_.plan.frames.size())
            return {};
        C2C_CHECK(writer_->finish());
        writer_.reset();
        return record(part);
    }

  private:
    fs::path folder() const {
        const fs::path folder = job_.plan.manifest.parent_path();
        return folder.empty() ? fs::path(".") : folder;
    }

    Result<void> record(std::size_t part) {
        const fs::path file = part_file(job_.plan, part);
        C2C_TRY(const std::string hash, sha256_file(file));
        std::error_code ignored;
        const std::uint64_t size = fs::file_size(file, ignored);
        for (FrameRecord& record : records_) {
            record.hash = hash;
            record.size = size;
        }
        C2C_CHECK(manifest_.append(records_));
        if (job_.options.finished)
            for (const FrameRecord& record : records_)
                job_.options.finished(record);
        // What is to come, and all of it once more when the parts are joined.
        const std::size_t parts = (job_.plan.frames.size() + part_length - 1) / part_length;
        C2C_CHECK(check_disk_space(folder(), size * (parts - part - 1 + parts)));
        records_.clear();
        return {};
    }

    Job& job_;
    FrameManifest& manifest_;
    const std::vector<std::string>& prints_;
    std::vector<std::int64_t> times_;
    VideoOptions options_;
    std::optional<VideoWriter> writer_;
    std::vector<FrameRecord> records_; ///< of the part in work
};

} // namespace

Result<void> run_movie(Job& job) {
    const SequencePlan& plan = job.plan;
    C2C_TRY(auto manifest, open_whole(job));
    C2C_TRY(const auto prints, fingerprints(job));
    if (already_whole(job, manifest, prints))
        return {};
    std::vector<fs::path> parts;
    std::vector<const PlannedFrame*> todo;
    std::vector<std::size_t> places; // of todo in the movie
    for (std::size_t part = 0; part * part_length < plan.frames.size(); ++part) {
        parts.push_back(part_file(plan, part));
        const std::size_t end = std::min((part + 1) * part_length, plan.frames.size());
        if (part_is_valid(job, manifest, prints, part)) {
            job.report.valid += end - part * part_length;
            continue;
        }
        for (std::size_t i = part * part_length; i < end; ++i) {
            todo.push_back(&plan.frames[i]);
            places.push_back(i);
        }
    }
    // Surely not less: one bit in twenty of 8-bit values. The first part tells it better.
    C2C_CHECK(check_disk_space(plan.manifest.parent_path(), todo.size() * job.pixels() * 3 / 160));
    PartWriter writer(job, manifest, prints);
    C2C_CHECK(job.make(
        todo, [&](std::size_t i, Encoded encoded) { return writer.write(places[i], std::move(encoded)); }));
    C2C_CHECK(write_whole(job, [&](const fs::path& temporary) -> Result<void> {
        C2C_TRY(const std::string remark, join_movie(parts, temporary, movie_options(job)));
        if (!remark.empty())
            job.report.notes.push_back(remark);
        return {};
    }));
    return finish_whole(job, manifest);
}

} // namespace c2c
