#include "core/sequence/disk.h"
#include "core/sequence/job.h"
#include "core/sequence/names.h"

namespace fs = std::filesystem;

namespace c2c {
namespace {

/// What this run and the other parts of the job have recorded; the last word on a frame is the one whose
/// hash its file has.
Result<std::map<std::string, FrameRecord>> records_beside(const fs::path& folder) {
    std::map<std::string, FrameRecord> known;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, error)) {
        const std::string manifest = entry.path().filename().string();
        if (!manifest.ends_with(".manifest.jsonl"))
            continue;
        const fs::path job = manifest.substr(0, manifest.size() - std::string(".manifest.jsonl").size());
        if (is_movie_name(job) || is_animation_name(job)) // one file, no frames
            continue;
        C2C_TRY(const auto records, read_frame_manifest(entry.path()));
        for (const auto& [number, record] : records) {
            const std::string name = fs::path(record.file).filename().string();
            const auto other = known.find(name);
            if (other == known.end() || !frame_is_valid(other->second, folder, other->second.job))
                known.insert_or_assign(name, record);
        }
    }
    return known;
}

bool side_files_exist(const PlannedFrame& frame) {
    std::error_code ignored;
    return (frame.delta.empty() || fs::exists(frame.delta, ignored)) &&
           (frame.matte.empty() || fs::exists(frame.matte, ignored));
}

} // namespace

Result<void> run_frames(Job& job) {
    const SequencePlan& plan = job.plan;
    const RunOptions& options = job.options;
    C2C_TRY(auto manifest, open_manifest(options, plan.manifest));
    const fs::path folder = plan.manifest.parent_path();
    std::map<std::string, FrameRecord> known; // by file
    if (options.resume && plan.whole != WholeFile::None) {
        for (const auto& [number, record] : manifest.records())
            known.insert_or_assign(fs::path(record.file).filename().string(), record);
    } else if (options.resume) {
        C2C_TRY(known, records_beside(folder));
    }
    std::vector<const PlannedFrame*> todo;
    std::vector<std::string> jobs;
    for (const PlannedFrame& frame : plan.frames) {
        if (job.stop.stop_requested())
            return cancelled();
        C2C_TRY(std::string made, job.fingerprint(frame));
        const auto record = known.find(frame.file.filename().string());
        if (record != known.end() && folder / record->second.file == frame.file &&
            frame_is_valid(record->second, folder, made) && side_files_exist(frame)) {
            ++job.report.valid;
            continue;
        }
        todo.push_back(&frame);
        jobs.push_back(std::move(made));
    }
    if (todo.empty())
        return {};
    // Surely not less: one byte in ten of 8-bit values. The first frame tells it better.
    C2C_CHECK(check_disk_space(folder, todo.size() * job.pixels() * 3 / 10));
    return job.make(todo, [&](std::size_t i, Encoded encoded) -> Result<void> {
        encoded.record.job = jobs[i];
        C2C_CHECK(manifest.append(encoded.record));
        if (options.finished)
            options.finished(encoded.record);
        if (i == 0 && todo.size() > 1)
            C2C_CHECK(check_disk_space(folder, (todo.size() - 1) * encoded.record.size));
        return {};
    });
}

} // namespace c2c
