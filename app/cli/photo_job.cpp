#include "app/cli/job.h"
#include "core/face/embedder.h"
#include "core/face/protect.h"
#include "core/image/read.h"
#include "core/image/resample.h"
#include "core/image/sheet.h"
#include "core/image/write.h"
#include "core/replay/planes.h"
#include "core/sequence/names.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace c2c::cli {
namespace {

struct Chosen {
    std::size_t index = 0; ///< in scene.faces
    int number = 1;        ///< from the left
    std::shared_ptr<const Subject> subject;
    PortraitSettings portrait;
    std::vector<float> identity; ///< of the face as it is
};

Result<std::vector<Chosen>> choose_faces(const Scene& scene, const FaceChoice& choice,
                                         const fs::path& input) {
    if (scene.faces.empty())
        return fail(ErrorKind::NoFace,
                    "No face was found in {}; try a photo where one is larger or turned to the camera.",
                    input.string());
    const auto order = left_to_right(scene.faces);
    std::vector<Chosen> chosen;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const bool wanted =
            choice.kind == FaceChoice::Kind::All ||
            (choice.kind == FaceChoice::Kind::Largest && order[i] == 0) ||
            (choice.kind == FaceChoice::Kind::Number && choice.number == static_cast<int>(i) + 1);
        if (wanted)
            chosen.push_back({order[i], static_cast<int>(i) + 1, nullptr, {}, {}});
    }
    if (chosen.empty())
        return fail(ErrorKind::NoFace,
                    "{} has {} face(s), so there is no face {}; see cradle2cane-cli info {}.", input.string(),
                    scene.faces.size(), choice.number, input.string());
    return chosen;
}

Result<RegionMask> read_protect(const AgeFlags& flags, const Photo& photo) {
    if (flags.protect.empty())
        return RegionMask{};
    C2C_TRY(const Photo mask, read_photo(flags.protect, {.max_pixels = flags.max_pixels}));
    if (mask.width() != photo.width() || mask.height() != photo.height())
        return fail(ErrorKind::Input, "The mask {} is {}x{} and the photo {}x{}; they must be of one size.",
                    flags.protect.string(), mask.width(), mask.height(), photo.width(), photo.height());
    return protect_picture(mask.color);
}

/// The photo with the faces of one age, for as long as this lives: a copy for each age would cost 288 MB of
/// memory and its time at 24 megapixels.
class Edit {
  public:
    Edit(const Photo& source, Photo& working) : source_(source), working_(working) {}
    Edit(const Edit&) = delete;
    Edit& operator=(const Edit&) = delete;
    ~Edit() {
        for (const Rect& rect : rects_) {
            const auto count = static_cast<std::size_t>(rect.width * source_.color.channels);
            for (int y = rect.y; y < rect.y + rect.height; ++y)
                std::copy_n(source_.color.data.data() + source_.color.index(rect.x, y), count,
                            working_.color.data.data() + working_.color.index(rect.x, y));
        }
    }
    void add(const Patch& patch) {
        apply(patch, working_);
        rects_.push_back(patch.rect);
    }
    const Photo& photo() const { return working_; }

  private:
    const Photo& source_;
    Photo& working_;
    std::vector<Rect> rects_;
};

/// The meters of a face in an aged photo.
Result<FaceMeters> measure(Meters& meters, const Chosen& face, const Photo& aged) {
    C2C_TRY(const FaceView view, face_view(*face.subject, aged));
    FaceMeters figures;
    C2C_TRY(figures.age, meters.read_back_age(view.srgb, view.face));
    C2C_TRY(const auto vector, meters.identity_vector(view.srgb, view.face));
    figures.identity = cosine(face.identity, vector);
    return figures;
}

/// The change and the matte, for compositing.
Result<void> write_planes(const Job& job, const Photo& photo, double age, const std::vector<Plane>& changes,
                          const std::vector<Chosen>& faces) {
    const AgeFlags& flags = job.flags();
    const NameFields fields{.stem = job.input.stem().string(), .ext = "exr", .age = age};
    WriteOptions options;
    options.overwrite = flags.overwrite ? Overwrite::Yes : Overwrite::No;
    if (!flags.delta.empty())
        C2C_CHECK(write_photo(change_picture(photo, changes), expand_name(flags.delta, fields), options));
    if (!flags.matte.empty()) {
        std::vector<Plane> masks;
        for (const Chosen& face : faces)
            masks.push_back({face.subject->paste.rect, face.subject->paste.mask});
        C2C_CHECK(write_photo(matte_picture(photo, masks), expand_name(flags.matte, fields), options));
    }
    return {};
}

Result<void> write_sheet(Job& job, const std::vector<SheetCell>& cells, const Photo& source) {
    if (cells.empty())
        return {};
    ResultLine line = start_line(job, job.plan.ages.front());
    Photo sheet;
    sheet.color = contact_sheet(cells, {.cell_side = 384});
    sheet.source = source.source;
    C2C_CHECK(write_result(job, sheet, job.outputs.front(), line.model));
    line.output = job.outputs.front();
    finish(job, line);
    return {};
}

/// Ages every chosen face to one age and writes the photo, or adds it to the sheet's cells; leaves `working`
/// as it was.
Result<void> run_age(Job& job, const Scene& scene, const std::vector<Chosen>& faces, Photo& working,
                     std::size_t which, std::vector<SheetCell>& cells) {
    const AgeFlags& flags = job.flags();
    const double age = job.plan.ages[which];
    const PasteMode mode = flags.mode == "replace" ? PasteMode::Replace : PasteMode::KeepDetail;
    ResultLine line = start_line(job, age);
    std::vector<Patch> patches; // of all faces, before one of them is in the photo
    std::vector<Plane> changes;
    for (const Chosen& face : faces) {
        C2C_TRY(const AgedCrop aged, job.studio.age(*face.subject, age, job.stage(), job.stop));
        for (const auto& [stage, seconds] : aged.seconds)
            line.seconds[stage] += seconds;
        const auto start = Clock::now();
        patches.push_back(compose(*face.subject, aged, flags.amount / 100, mode));
        line.seconds["paste"] += since(start);
        if (!flags.delta.empty())
            changes.push_back(
                {patches.back().rect, compose_delta(*face.subject, aged, flags.amount / 100, mode)});
    }
    auto start = Clock::now();
    Edit edit(*scene.photo, working);
    for (const Patch& patch : patches)
        edit.add(patch);
    line.seconds["paste"] += since(start);

    start = Clock::now();
    if (flags.sheet) {
        if (const auto view = face_view(*faces.front().subject, edit.photo()))
            cells.push_back({fit_within(view->srgb, 384), shortest(age)});
    } else {
        C2C_CHECK(write_result(job, edit.photo(), job.outputs[which], line.model));
        C2C_CHECK(write_planes(job, *scene.photo, age, changes, faces));
    }
    line.seconds["write"] = since(start);

    start = Clock::now();
    for (const Chosen& face : faces) {
        C2C_TRY(const FaceMeters meters, measure(*job.plan.meters, face, edit.photo()));
        line.faces.push_back({face.number, scene.faces[face.index].face.box, face.portrait.source_age,
                              flags.source_age.has_value(), face.portrait.gender, flags.gender.has_value(),
                              meters});
    }
    line.seconds["meters"] = since(start);
    if (!flags.sheet) {
        line.output = job.outputs[which];
        finish(job, line);
    }
    return {};
}

} // namespace

Result<void> age_faces(Job& job) {
    C2C_TRY(Photo photo, read_input(job));
    auto start = Clock::now();
    job.bar.update(0.1, "finding faces");
    C2C_TRY(const auto scene, job.studio.scene(std::move(photo), job.stop));
    job.seconds["faces"] = since(start);
    C2C_TRY(auto faces, choose_faces(*scene, job.plan.faces, job.input));
    C2C_TRY(const RegionMask protect, read_protect(job.flags(), *scene->photo));

    job.bar.update(0.2, "preparing");
    start = Clock::now();
    for (Chosen& face : faces) {
        face.portrait = portrait_settings(job, &scene->faces[face.index]);
        const SubjectSettings settings{face.portrait, job.flags().background == "grey", protect};
        C2C_TRY(face.subject, job.studio.subject(scene, face.index, settings, job.stop));
        C2C_TRY(const FaceView view, face_view(*face.subject, *scene->photo));
        C2C_TRY(face.identity, job.plan.meters->identity_vector(view.srgb, view.face));
    }
    job.seconds["portrait"] = since(start);

    Photo working = *scene->photo;
    std::vector<SheetCell> cells;
    for (std::size_t i = 0; i < job.plan.ages.size(); ++i) {
        if (job.stop.stop_requested())
            return cancelled();
        const double age = job.plan.ages[i];
        job.bar.update(0.3 + 0.7 * double(i) / double(job.plan.ages.size()),
                       fmt::format("age {}", shortest(age)));
        const auto done = run_age(job, *scene, faces, working, i, cells);
        if (done)
            continue;
        if (done.error().kind == ErrorKind::Cancelled || done.error().kind == ErrorKind::Model)
            return tl::unexpected(done.error());
        job.outcome.errors.push_back(done.error());
    }
    return job.flags().sheet ? write_sheet(job, cells, *scene->photo) : Result<void>{};
}

} // namespace c2c::cli
