#include "core/sequence/run.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/image/color.h"
#include "core/sequence/cast.h"
#include "core/sequence/colorspace.h"
#include "core/sequence/disk.h"
#include "core/sequence/paint.h"
#include "core/sequence/pipeline.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <set>

namespace fs = std::filesystem;

namespace c2c {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Encoded {
    FrameRecord record;
    Image picture; ///< movies: sRGB, written by commit in order
    std::int64_t time = 0;
};

class Run {
  public:
    Run(const SequencePlan& plan, const std::vector<FaceCurve>& curves, const RunOptions& options,
        Studio& studio, const Progress& progress, const StopToken& stop)
        : plan_(plan), curves_(curves), options_(options), studio_(studio), progress_(progress), stop_(stop),
          reader_(plan.source) {}

    Result<RunReport> run() {
        const auto start = Clock::now();
        C2C_CHECK(prepare_folders());
        C2C_TRY(model_, studio_.model());
        if (!options_.colorspace.empty()) {
            C2C_TRY(space_, PlateSpace::create(options_.colorspace));
        }
        const auto casting = Clock::now();
        C2C_TRY(cast_, choose_cast(plan_, curves_, options_, space_ ? &*space_ : nullptr, studio_, progress_,
                                   stop_));
        report_.seconds["cast"] = since(casting);
        report_.notes = cast_.notes;
        settings_ = settings_text();
        if (plan_.movie)
            C2C_CHECK(run_movie());
        else
            C2C_CHECK(run_frames());
        report_.seconds["wall"] = since(start);
        return std::move(report_);
    }

  private:
    // --- before the first frame
    // -----------------------------------------------------------------------------

    Result<void> prepare_folders() {
        std::set<fs::path> folders;
        for (const PlannedFrame& frame : plan_.frames)
            for (const fs::path* file : {&frame.file, &frame.delta, &frame.matte})
                if (!file->empty())
                    folders.insert(file->parent_path());
        if (!plan_.manifest.empty())
            folders.insert(plan_.manifest.parent_path());
        for (const fs::path& folder : folders) {
            std::error_code error;
            if (!folder.empty())
                fs::create_directories(folder, error);
            if (error)
                return fail(ErrorKind::Output, "The folder {} cannot be made ({}); choose another.",
                            folder.string(), error.message());
        }
        return {};
    }

    /// Everything but the source's pixels and the ages that a frame depends on.
    std::string settings_text() const {
        nlohmann::json people = nlohmann::json::array();
        for (const Actor& actor : cast_.actors)
            people.push_back({actor.number, actor.settings.portrait.source_age,
                              actor.settings.portrait.gender == Gender::Female});
        return nlohmann::json{{"model", model_.hash},
                              {"device", model_.device},
                              {"precision", model_.precision},
                              {"seed", options_.seed},
                              {"crossfade", options_.crossfade},
                              {"grey", options_.grey_background},
                              {"amount", options_.amount},
                              {"mode", options_.mode == PasteMode::Replace},
                              {"draft", options_.stage == Stage::Draft},
                              {"quality", options_.write.jpeg_quality},
                              {"metadata", options_.write.keep_metadata},
                              {"gps", options_.write.keep_gps},
                              {"depth", options_.write.depth ? static_cast<int>(*options_.write.depth) : -1},
                              {"matte", options_.matte_channel},
                              {"space", options_.colorspace},
                              {"tracks", cast_.people.fingerprint},
                              {"faces", people}}
            .dump();
    }

    /// Names what the pixels of this frame are made of; a resumed frame must have been made of the same.
    Result<std::string> job_of(const PlannedFrame& frame) {
        std::string text = settings_;
        for (const double age : frame.ages)
            text += fmt::format(" {}", age);
        const fs::path source = plan_.source.kind == FrameSource::Kind::Plate
                                    ? plan_.source.files[frame.source]
                                    : plan_.source.files.front();
        std::string& hash =
            source_hashes_[plan_.source.kind == FrameSource::Kind::Plate ? fs::path() : source];
        if (hash.empty() || plan_.source.kind == FrameSource::Kind::Plate) {
            C2C_TRY(hash, sha256_file(source, stop_));
        }
        text += " " + hash +
                (plan_.source.kind == FrameSource::Kind::Photo ? "" : fmt::format(" {}", frame.source));
        return sha256(std::as_bytes(std::span(text))).substr(0, 16);
    }

    // --- the stages
    // -----------------------------------------------------------------------------------------

    /// The network's part; the only stage that uses the studio.
    Result<Drawn> draw(const PlannedFrame& frame, VideoFrame decoded) {
        Drawn drawn;
        drawn.time = decoded.time;
        if (plan_.source.kind == FrameSource::Kind::Photo) {
            drawn.photo = cast_.photo;
            drawn.own = cast_.own;
            for (const Actor& actor : cast_.actors)
                C2C_CHECK(age_face(drawn, actor, actor.subject, frame, 1));
            return drawn;
        }
        auto scene = std::make_shared<Scene>();
        if (space_) {
            drawn.own = std::make_shared<const Photo>(std::move(decoded.photo));
            scene->photo = space_->to_srgb(*drawn.own);
        } else {
            scene->photo = std::move(decoded.photo);
        }
        std::vector<const Actor*> present;
        for (const Actor& actor : cast_.actors)
            if (const auto& tracked = (*actor.track)[frame.source]) {
                scene->faces.push_back(
                    {tracked->face, actor.settings.portrait.source_age, actor.settings.portrait.gender});
                present.push_back(&actor);
            }
        drawn.photo = std::shared_ptr<const Photo>(scene, &scene->photo);
        for (std::size_t i = 0; i < present.size(); ++i) {
            C2C_TRY(const auto subject, studio_.subject(scene, i, present[i]->settings, stop_));
            C2C_CHECK(
                age_face(drawn, *present[i], subject, frame, (*present[i]->track)[frame.source]->weight));
        }
        return drawn;
    }

    Result<void> age_face(Drawn& drawn, const Actor& actor, std::shared_ptr<const Subject> subject,
                          const PlannedFrame& frame, double weight) {
        const double age = frame.ages[actor.curve];
        auto& last = last_[&actor];
        if (!last || last->age != age || subject != actor.subject) { // a hold needs the network once
            C2C_TRY(AgedCrop crop, studio_.age(*subject, age, options_.stage, stop_));
            last = std::make_shared<const AgedCrop>(std::move(crop));
        }
        drawn.faces.push_back(
            {std::move(subject), last, options_.amount * weight, {actor.number, age, {}, {}}});
        return {};
    }

    /// The frame's pixels: on the encoders' threads.
    Result<Photo> paint(Drawn& drawn, std::vector<FaceRecord>& records) {
        Photo photo = painted(drawn, options_.mode);
        for (Aged& face : drawn.faces) {
            if (options_.measure) {
                const std::lock_guard lock(measure_mutex_);
                C2C_CHECK(options_.measure(*face.subject, photo, face.record));
            }
            records.push_back(face.record);
        }
        if (drawn.own && !plan_.movie) { // a movie is sRGB anyway
            const Image seen = std::move(photo.color);
            photo = *drawn.own;
            space_->apply_change(drawn.photo->color, seen, photo.color);
        }
        if (options_.matte_channel)
            photo.extra.push_back({"matte", matte_of(drawn)});
        return photo;
    }

    WriteOptions write_options() const {
        WriteOptions write = options_.write;
        if (options_.resume) // what is there is ours, and it was found to be incomplete or of other settings
            write.overwrite = Overwrite::Yes;
        return write;
    }

    Result<void> write_side(const Photo& photo, Image image, const fs::path& file) const {
        WriteOptions write;
        write.overwrite = write_options().overwrite;
        if (options_.resume)
            remove_orphans(file);
        return write_photo(side_photo(photo, std::move(image)), file, write);
    }

    Result<Encoded> encode(const PlannedFrame& frame, Drawn drawn) {
        const auto start = Clock::now();
        Encoded encoded;
        FrameRecord& record = encoded.record;
        C2C_TRY(const Photo photo, paint(drawn, record.faces));
        encoded.time = drawn.time;
        record.frame = frame.number;
        record.seed = options_.seed;
        record.model = fmt::format("{} {} {}", model_.name, model_.version, model_.hash.substr(0, 16));
        if (plan_.movie) {
            C2C_TRY(const ColorTransform color, ColorTransform::create(photo));
            encoded.picture = photo.format == "video" ? photo.color : color.to_srgb(photo.color);
            return encoded;
        }
        if (options_.resume)
            remove_orphans(frame.file);
        C2C_CHECK(write_photo(photo, frame.file, write_options()));
        if (!frame.delta.empty())
            C2C_CHECK(write_side(photo, delta_of(drawn, options_.mode), frame.delta));
        if (!frame.matte.empty())
            C2C_CHECK(write_side(photo, matte_of(drawn), frame.matte));
        record.file = fs::relative(frame.file,
                                   plan_.manifest.parent_path().empty() ? "." : plan_.manifest.parent_path());
        C2C_TRY(record.hash, sha256_file(frame.file));
        std::error_code ignored;
        record.size = fs::file_size(frame.file, ignored);
        add_seconds("encode", start);
        return encoded;
    }

    void add_seconds(const char* stage, Clock::time_point start) {
        const std::lock_guard lock(seconds_mutex_);
        report_.seconds[stage] += since(start);
    }

    template <class Commit>
    Result<void> pipeline(const std::vector<const PlannedFrame*>& frames, Commit commit) {
        return run_pipeline(
            frames.size(),
            [&](std::size_t i) -> Result<VideoFrame> {
                if (plan_.source.kind == FrameSource::Kind::Photo)
                    return VideoFrame{{}, static_cast<std::int64_t>(i), 1};
                const auto start = Clock::now();
                auto frame = reader_.read(frames[i]->source);
                add_seconds("decode", start);
                return frame;
            },
            [&](std::size_t i, VideoFrame decoded) -> Result<Drawn> {
                const auto start = Clock::now();
                auto drawn = draw(*frames[i], std::move(decoded));
                add_seconds("inference", start);
                return drawn;
            },
            [&](std::size_t i, Drawn drawn) { return encode(*frames[i], std::move(drawn)); },
            [&](std::size_t i, Encoded encoded) -> Result<void> {
                C2C_CHECK(commit(i, std::move(encoded)));
                ++report_.written;
                report(progress_, static_cast<double>(i + 1) / static_cast<double>(frames.size()),
                       fmt::format("frame {}", frames[i]->number));
                return {};
            },
            {.queued = 2,
             .encoders = plan_.movie ? std::size_t{1} : static_cast<std::size_t>(options_.encoders)},
            stop_);
    }

    // --- the two kinds of output
    // ----------------------------------------------------------------------------

    Result<void> run_frames() {
        using Open = FrameManifest::Open;
        C2C_TRY(auto manifest, FrameManifest::open(plan_.manifest,
                                                   options_.resume                              ? Open::Resume
                                                   : options_.write.overwrite == Overwrite::Yes ? Open::Anew
                                                                                                : Open::New));
        const fs::path folder = plan_.manifest.parent_path();
        std::map<std::string, FrameRecord> known; // by file
        if (options_.resume) {
            C2C_TRY(known, records_beside(folder));
        }
        std::vector<const PlannedFrame*> todo;
        std::vector<std::string> jobs;
        for (const PlannedFrame& frame : plan_.frames) {
            if (stop_.stop_requested())
                return cancelled();
            C2C_TRY(std::string job, job_of(frame));
            const auto record = known.find(frame.file.filename().string());
            if (record != known.end() && folder / record->second.file == frame.file &&
                frame_is_valid(record->second, folder, job) && side_files_exist(frame)) {
                ++report_.valid;
                continue;
            }
            todo.push_back(&frame);
            jobs.push_back(std::move(job));
        }
        if (todo.empty())
            return {};
        // Surely not less: one byte in ten of 8-bit values. The first frame tells it better.
        C2C_CHECK(check_disk_space(folder, todo.size() * pixels() * 3 / 10));
        return pipeline(todo, [&](std::size_t i, Encoded encoded) -> Result<void> {
            encoded.record.job = jobs[i];
            C2C_CHECK(manifest.append(encoded.record));
            if (options_.finished)
                options_.finished(encoded.record);
            if (i == 0 && todo.size() > 1)
                C2C_CHECK(check_disk_space(folder, (todo.size() - 1) * encoded.record.size));
            return {};
        });
    }

    /// What this run and the other parts of the job have recorded; the last word on a frame is the one whose
    /// hash its file has.
    static Result<std::map<std::string, FrameRecord>> records_beside(const fs::path& folder) {
        std::map<std::string, FrameRecord> known;
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, error)) {
            if (!entry.path().filename().string().ends_with(".manifest.jsonl"))
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

    static bool side_files_exist(const PlannedFrame& frame) {
        std::error_code ignored;
        return (frame.delta.empty() || fs::exists(frame.delta, ignored)) &&
               (frame.matte.empty() || fs::exists(frame.matte, ignored));
    }

    std::uint64_t pixels() const {
        if (cast_.photo)
            return cast_.photo->color.data.size() / 3;
        if (plan_.source.video)
            return static_cast<std::uint64_t>(plan_.source.video->width) *
                   static_cast<std::uint64_t>(plan_.source.video->height);
        const auto header = read_photo_header(plan_.source.files.front());
        return header ? static_cast<std::uint64_t>(header->width()) *
                            static_cast<std::uint64_t>(header->height())
                      : 0;
    }

    Result<void> run_movie() {
        std::vector<const PlannedFrame*> todo;
        for (const PlannedFrame& frame : plan_.frames)
            todo.push_back(&frame);
        const fs::path& file = plan_.frames.front().file;
        return write_atomically(
            file, options_.write.overwrite, [&](const fs::path& temporary) -> Result<void> {
                std::optional<VideoWriter> writer;
                const auto made = pipeline(todo, [&](std::size_t i, Encoded encoded) -> Result<void> {
                    if (!writer) {
                        C2C_TRY(writer,
                                VideoWriter::create(temporary, encoded.picture.width, encoded.picture.height,
                                                    movie_options(encoded.time)));
                    }
                    C2C_CHECK(writer->write(
                        encoded.picture, plan_.source.video ? encoded.time : static_cast<std::int64_t>(i)));
                    if (options_.finished)
                        options_.finished(encoded.record);
                    return {};
                });
                if (!made)
                    return made;
                if (!writer->remark().empty())
                    report_.notes.push_back(writer->remark());
                return writer->finish();
            });
    }

    VideoOptions movie_options(std::int64_t first_time) const {
        VideoOptions movie = options_.movie;
        if (options_.write.provenance)
            movie.comment = options_.write.provenance->description;
        if (!plan_.source.video)
            return movie;
        const VideoInfo& source = *plan_.source.video;
        movie.rate = source.rate;
        movie.time_base = source.time_base;
        movie.pixel_aspect = source.pixel_aspect;
        movie.color = source.color;
        movie.start = first_time;
        if (source.has_audio)
            movie.audio_from = plan_.source.files.front();
        if (plan_.frames.back().number < plan_.source.numbers.back() && source.time_base.num > 0) {
            const double seconds =
                static_cast<double>(plan_.frames.back().number - plan_.frames.front().number + 1) /
                source.rate.value();
            movie.audio_end = first_time + std::llround(seconds / source.time_base.value());
        }
        return movie;
    }

    const SequencePlan& plan_;
    const std::vector<FaceCurve>& curves_;
    const RunOptions& options_;
    Studio& studio_;
    const Progress& progress_;
    StopToken stop_;
    FrameReader reader_;
    ModelInfo model_;
    std::optional<PlateSpace> space_;
    Cast cast_;
    std::map<const Actor*, std::shared_ptr<const AgedCrop>> last_;
    std::map<fs::path, std::string> source_hashes_;
    std::string settings_;
    std::mutex measure_mutex_, seconds_mutex_;
    RunReport report_;
};

} // namespace

Result<RunReport> run_sequence(const SequencePlan& plan, const std::vector<FaceCurve>& curves,
                               const RunOptions& options, Studio& studio, const Progress& progress,
                               const StopToken& stop) {
    if (plan.frames.empty())
        return RunReport{};
    if (plan.movie && options.resume)
        return fail(ErrorKind::Usage,
                    "{} is one movie and cannot be resumed; write frames, as in out.####.png.",
                    plan.frames.front().file.string());
    return Run(plan, curves, options, studio, progress, stop).run();
}

} // namespace c2c
