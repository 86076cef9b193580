#include "core/sequence/job.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/face/protect.h"
#include "core/image/color.h"
#include "core/image/pixels.h"
#include "core/sequence/disk.h"
#include "core/sequence/names.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace fs = std::filesystem;

namespace c2c {
namespace {

using Clock = std::chrono::steady_clock;

Result<void> prepare_folders(const SequencePlan& plan) {
    std::set<fs::path> folders;
    if (!plan.file.empty())
        folders.insert(plan.file.parent_path());
    for (const PlannedFrame& frame : plan.frames)
        for (const fs::path* file : {&frame.file, &frame.delta, &frame.matte})
            if (!file->empty())
                folders.insert(file->parent_path());
    if (!plan.manifest.empty())
        folders.insert(plan.manifest.parent_path());
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

} // namespace

Result<FrameManifest> open_manifest(const RunOptions& options, const fs::path& file) {
    using Open = FrameManifest::Open;
    return FrameManifest::open(file, options.resume                              ? Open::Resume
                                     : options.write.overwrite == Overwrite::Yes ? Open::Anew
                                                                                 : Open::New);
}

Result<void> Job::prepare(const std::vector<FaceCurve>& curves) {
    C2C_CHECK(prepare_folders(plan));
    C2C_TRY(model_, studio_.model());
    if (!options.colorspace.empty()) {
        C2C_TRY(space_, PlateSpace::create(options.colorspace));
    }
    const auto start = Clock::now();
    C2C_TRY(cast_, choose_cast(plan, curves, options, space_ ? &*space_ : nullptr, studio_, progress_, stop));
    for (Actor& actor : cast_.actors)
        if (actor.subject && !options.protect.empty()) {
            C2C_TRY(const RegionMask mask, protect(plan.frames.front(), *cast_.photo));
            C2C_TRY(actor.subject, with_protect(*actor.subject, mask));
        }
    add_seconds("cast", start);
    report.notes = cast_.notes;
    settings_ = settings_text();
    return {};
}

/// Everything but the source's pixels and the ages that a frame depends on.
std::string Job::settings_text() const {
    nlohmann::json people = nlohmann::json::array();
    for (const Actor& actor : cast_.actors)
        people.push_back({actor.number, actor.settings.portrait.source_age,
                          actor.settings.portrait.gender == Gender::Female});
    nlohmann::json movie;
    if (plan.whole == WholeFile::Movie)
        movie = {static_cast<int>(codec_for(plan.file, options.movie.codec)), options.movie.quality,
                 options.movie.rate.num, options.movie.rate.den};
    return nlohmann::json{{"model", model_.hash},
                          {"device", model_.device},
                          {"precision", model_.precision},
                          {"seed", options.seed},
                          {"crossfade", options.crossfade},
                          {"grey", options.grey_background},
                          {"amount", options.amount},
                          {"mode", options.mode == PasteMode::Replace},
                          {"draft", options.stage == Stage::Draft},
                          {"quality", options.write.jpeg_quality},
                          {"metadata", options.write.keep_metadata},
                          {"gps", options.write.keep_gps},
                          {"depth", options.write.depth ? static_cast<int>(*options.write.depth) : -1},
                          {"matte", options.matte_channel},
                          {"movie", movie},
                          {"space", options.colorspace},
                          {"tracks", cast_.people.fingerprint},
                          {"faces", people}}
        .dump();
}

Result<std::string> Job::fingerprint(const PlannedFrame& frame) {
    std::string text = settings_;
    for (const double age : frame.ages)
        text += fmt::format(" {}", age);
    const fs::path source = plan.source.kind == FrameSource::Kind::Plate ? plan.source.files[frame.source]
                                                                         : plan.source.files.front();
    if (hashed_.file != source) {
        C2C_TRY(hashed_.value, sha256_file(source, stop));
        hashed_.file = source;
    }
    if (!options.protect.empty()) {
        C2C_TRY(const std::string mask, sha256_file(protect_file(frame), stop));
        text += " " + mask;
    }
    text += " " + hashed_.value +
            (plan.source.kind == FrameSource::Kind::Photo ? "" : fmt::format(" {}", frame.source));
    return sha256(std::as_bytes(std::span(text))).substr(0, 16);
}

/// "mask.####.png" is a mask for each frame of a plate, unless there is a file of just this name.
fs::path Job::protect_file(const PlannedFrame& frame) const {
    const std::string pattern = options.protect.string();
    std::error_code ignored;
    if (plan.source.kind == FrameSource::Kind::Photo || fs::exists(options.protect, ignored) ||
        !check_name_pattern(pattern, NameUse::Sequence))
        return options.protect;
    return expand_name(pattern, {.stem = plan.source.stem, .frame = frame.number});
}

Result<RegionMask> Job::protect(const PlannedFrame& frame, const Photo& photo) {
    const fs::path file = protect_file(frame);
    if (protect_.file != file) {
        C2C_TRY(const Photo mask, read_photo(file, options.limits));
        if (mask.width() != photo.width() || mask.height() != photo.height())
            return fail(ErrorKind::Input, "The mask {} has {}x{} pixels, but the frames have {}x{}.",
                        file.string(), mask.width(), mask.height(), photo.width(), photo.height());
        protect_ = {file, protect_picture(mask.color)};
    }
    return protect_.value;
}

/// The network's part; the only stage that uses the studio.
Result<Drawn> Job::draw(const PlannedFrame& frame, VideoFrame decoded) {
    Drawn drawn;
    if (plan.source.kind == FrameSource::Kind::Photo) {
        drawn.photo = cast_.photo;
        drawn.own = cast_.own;
        for (const Actor& actor : cast_.actors)
            C2C_CHECK(age_face(drawn, actor, actor.subject, frame, 1));
        return drawn;
    }
    auto scene = std::make_shared<Scene>();
    if (space_) {
        drawn.own = std::make_shared<const Photo>(std::move(decoded.photo));
        scene->photo = std::make_shared<const Photo>(space_->to_srgb(*drawn.own));
    } else {
        scene->photo = std::make_shared<const Photo>(std::move(decoded.photo));
    }
    std::vector<const Actor*> present;
    for (const Actor& actor : cast_.actors)
        if (const auto& tracked = (*actor.track)[frame.source]) {
            scene->faces.push_back(
                {tracked->face, actor.settings.portrait.source_age, actor.settings.portrait.gender});
            present.push_back(&actor);
        }
    drawn.photo = scene->photo;
    for (std::size_t i = 0; i < present.size(); ++i) {
        SubjectSettings settings = present[i]->settings;
        if (!options.protect.empty()) {
            C2C_TRY(settings.protect, protect(frame, *scene->photo));
        }
        C2C_TRY(const auto subject, studio_.subject(scene, i, settings, stop));
        C2C_CHECK(age_face(drawn, *present[i], subject, frame, (*present[i]->track)[frame.source]->weight));
    }
    return drawn;
}

Result<void> Job::age_face(Drawn& drawn, const Actor& actor, std::shared_ptr<const Subject> subject,
                           const PlannedFrame& frame, double weight) {
    const double age = frame.ages[actor.curve];
    auto& last = last_[&actor];
    if (!last || last->age != age || subject != actor.subject) { // a hold needs the network once
        C2C_TRY(AgedCrop crop, studio_.age(*subject, age, options.stage, stop));
        last = std::make_shared<const AgedCrop>(std::move(crop));
    }
    drawn.faces.push_back({std::move(subject), last, options.amount * weight, {actor.number, age, {}, {}}});
    return {};
}

/// The frame's pixels: on the encoders' threads.
Result<Photo> Job::paint(Drawn& drawn, std::vector<FaceRecord>& records) {
    Photo photo = painted(drawn, options.mode);
    for (Aged& face : drawn.faces) {
        if (options.measure) {
            const std::lock_guard lock(measure_mutex_);
            C2C_CHECK(options.measure(*face.subject, photo, face.record));
        }
        records.push_back(face.record);
    }
    if (drawn.own && plan.whole == WholeFile::None) { // a movie is sRGB anyway
        const Image seen = std::move(photo.color);
        photo = *drawn.own;
        space_->apply_change(drawn.photo->color, seen, photo.color);
    }
    if (options.matte_channel)
        photo.extra.push_back({"matte", matte_of(drawn)});
    return photo;
}

WriteOptions Job::write_options() const {
    WriteOptions write = options.write;
    if (options.resume) // what is there is ours, and it was found to be incomplete or of other settings
        write.overwrite = Overwrite::Yes;
    return write;
}

Result<void> Job::write_side(const Photo& photo, Image image, const fs::path& file) const {
    WriteOptions write;
    write.overwrite = write_options().overwrite;
    if (options.resume)
        remove_orphans(file);
    return write_photo(side_photo(photo, std::move(image)), file, write);
}

Result<Encoded> Job::encode(const PlannedFrame& frame, Drawn drawn) {
    const auto start = Clock::now();
    Encoded encoded;
    FrameRecord& record = encoded.record;
    C2C_TRY(Photo photo, paint(drawn, record.faces));
    record.frame = frame.number;
    record.seed = options.seed;
    record.model = fmt::format("{} {} {}", model_.name, model_.version, model_.hash.substr(0, 16));
    if (plan.whole != WholeFile::None) {
        const bool keeps_alpha = plan.whole == WholeFile::Animation ||
                                 codec_for(plan.file, options.movie.codec) == VideoCodec::ProRes4444;
        if (photo.premultiplied && keeps_alpha && !photo.alpha.data.empty())
            photo.color = divided(photo.color, photo.alpha);
        C2C_TRY(const ColorTransform color, ColorTransform::create(photo));
        encoded.picture = photo.format == "video" ? std::move(photo.color) : color.to_srgb(photo.color);
        encoded.alpha = options.matte_channel ? matte_of(drawn) : std::move(photo.alpha);
        if (plan.whole == WholeFile::Movie) {
            add_seconds("encode", start);
            return encoded;
        }
        photo = {};
        photo.color = std::move(encoded.picture);
        photo.alpha = std::move(encoded.alpha);
    }
    if (options.resume)
        remove_orphans(frame.file);
    C2C_CHECK(write_photo(photo, frame.file, write_options()));
    if (!frame.delta.empty())
        C2C_CHECK(write_side(photo, delta_of(drawn, options.mode), frame.delta));
    if (!frame.matte.empty())
        C2C_CHECK(write_side(photo, matte_of(drawn), frame.matte));
    C2C_CHECK(record_file(record, frame.file, plan.manifest.parent_path()));
    add_seconds("encode", start);
    return encoded;
}

void Job::add_seconds(const char* stage, Clock::time_point start) {
    const std::lock_guard lock(seconds_mutex_);
    report.seconds[stage] += std::chrono::duration<double>(Clock::now() - start).count();
}

std::uint64_t Job::pixels() const {
    if (cast_.photo)
        return cast_.photo->color.data.size() / 3;
    if (plan.source.video)
        return static_cast<std::uint64_t>(plan.source.video->width) *
               static_cast<std::uint64_t>(plan.source.video->height);
    const auto header = read_photo_header(plan.source.files.front());
    return header ? static_cast<std::uint64_t>(header->width()) * static_cast<std::uint64_t>(header->height())
                  : 0;
}

Result<void> Job::make(const std::vector<const PlannedFrame*>& frames, const Commit& commit) {
    return run_pipeline(
        frames.size(),
        [&](std::size_t i) -> Result<VideoFrame> {
            if (plan.source.kind == FrameSource::Kind::Photo)
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
            ++report.written;
            c2c::report(progress_, static_cast<double>(i + 1) / static_cast<double>(frames.size()),
                        fmt::format("frame {}", frames[i]->number));
            return {};
        },
        {.queued = 2,
         .encoders =
             plan.whole == WholeFile::Movie ? std::size_t{1} : static_cast<std::size_t>(options.encoders)},
        stop);
}

} // namespace c2c
