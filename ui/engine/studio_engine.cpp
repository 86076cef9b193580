#include "ui/engine/studio_engine.h"

#include "core/aging/studio.h"
#include "core/base/files.h"
#include "core/eval/meters.h"
#include "core/image/color.h"
#include "core/image/describe.h"
#include "core/image/pixels.h"
#include "core/image/read.h"
#include "core/image/resample.h"
#include "core/replay/still.h"
#include "core/weights/registry.h"
#include "ui/engine/pixels.h"
#include "ui/session/pyramid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <list>

namespace c2c::ui {
namespace {

namespace fs = std::filesystem;

/// What of a look the networks see; the rest is only how their result goes back into the photo.
struct PortraitKey {
    std::size_t face = 0;
    double source_age = 0;
    Gender gender = Gender::Male;
    std::uint64_t seed = 0;
    bool grey = false;
    bool operator==(const PortraitKey&) const = default;
};

PortraitKey key_of(const Look& look) {
    return {look.face, look.source_age, look.gender, look.seed, look.grey_background};
}

/// The face on a level of the photo's pyramid.
struct Small {
    int level = 0;
    QImage photo;
    PasteContext paste;
};

/// A face that was worked on, and the meters' view of its source.
struct Worked {
    PortraitKey key;
    Protect protect = {};
    std::shared_ptr<const Subject> subject;
    QImage matte = {}; ///< of this protect, made when first needed
    std::optional<Small> small = {};
    std::optional<FaceView> view = {};
    std::vector<float> identity = {};
};

struct KeptCrop {
    PortraitKey key;
    int tenths = 0;
    AgedCrop crop;
};

std::size_t bytes_of(const AgedCrop& crop) {
    return (crop.change.data.size() + crop.result.data.size()) * sizeof(float);
}

constexpr std::size_t crop_budget = std::size_t{256} << 20;
constexpr std::size_t most_portraits = 4;

const char* name_of(Depth depth) {
    switch (depth) {
    case Depth::U8:
        return "8 bit";
    case Depth::U16:
        return "16 bit";
    case Depth::F16:
        return "half float";
    case Depth::F32:
        return "float";
    }
    return "";
}

PhotoInfo info_of(const Photo& photo, const fs::path& path) {
    PhotoInfo info;
    info.path = path;
    info.width = photo.width();
    info.height = photo.height();
    info.format = QString::fromStdString(photo.format).toUpper();
    info.depth = QString::fromLatin1(name_of(photo.depth));
    info.profile = photo.linear        ? QStringLiteral("linear")
                   : photo.icc.empty() ? QStringLiteral("sRGB")
                                       : profile_name(photo.icc);
    info.alpha = !photo.alpha.empty();
    info.metadata =
        !photo.metadata.exif.empty() || !photo.metadata.iptc.empty() || !photo.metadata.xmp.empty();
    info.content_credentials = photo.has_content_credentials;
    const Taken shot = taken(photo.metadata);
    info.camera = QString::fromStdString(shot.camera);
    info.lens = QString::fromStdString(shot.lens);
    info.exposure = QString::fromStdString(shot.exposure);
    info.taken =
        QDateTime::fromString(QString::fromStdString(shot.date), QStringLiteral("yyyy:MM:dd HH:mm:ss"));
    info.place = shot.place;
    return info;
}

class StudioEngine : public Engine {
  public:
    // Nets are read from the disk while the first photo is.
    StudioEngine() : starting_(std::async(std::launch::async, [] { return Studio::create({}); })) {}

    Result<ModelSummary> load_model(const ModelChoice& choice, const Progress& progress,
                                    const StopToken& stop) override;
    Result<OpenedPhoto> open(const fs::path& path, const StopToken& stop) override;
    Result<std::vector<FaceEstimate>> find_faces(Faces which, const StopToken& stop) override;
    Result<Region> render(const Look& look, double age, Pass pass, int level, const StopToken& stop) override;
    Result<Meters> measure(const Look& look, double age, const StopToken& stop) override;
    Result<void> export_photo(const Look& look, double age, const fs::path& target,
                              const ExportOptions& options, const StopToken& stop) override;
    QString model_memory() override;

  private:
    Result<Studio*> studio();
    Result<Worked*> worked(const Look& look, const StopToken& stop);
    Result<Small> small(const PasteContext& paste, const Rect& rect, int level) const;
    Result<AgedCrop> aged(const Worked& worked, double age, Pass pass, Pass& got, const StopToken& stop);
    void forget_faces();

    std::future<Result<Studio>> starting_;
    std::optional<Studio> studio_;
    std::optional<ModelSummary> model_;
    ModelChoice choice_;
    std::optional<c2c::Meters> meters_;
    fs::path path_;
    std::optional<SceneSearch> search_; ///< for the photo's faces; the photo is its scene's
    QImage pixels_;
    std::list<Worked> worked_; ///< latest first
    std::list<KeptCrop> crops_;
    std::size_t crop_bytes_ = 0;
};

Result<Studio*> StudioEngine::studio() {
    if (!studio_) {
        auto started =
            starting_.valid() ? starting_.get() : Studio::create({}); // a second try, after a failure
        if (!started)
            return tl::unexpected(started.error());
        studio_ = *std::move(started);
    }
    return &*studio_;
}

void StudioEngine::forget_faces() {
    worked_.clear();
    crops_.clear();
    crop_bytes_ = 0;
}

Result<ModelSummary> StudioEngine::load_model(const ModelChoice& choice, const Progress& progress,
                                              const StopToken& stop) {
    report(progress, 0, "model");
    if (model_ && choice == choice_)
        return *model_;
    std::optional<Studio> other;
    if (!(choice == choice_)) {
        static const std::map<std::string, Precision> precisions = {
            {"fp32", Precision::Fp32}, {"bf16", Precision::Bf16}, {"fp16", Precision::Fp16}};
        StudioOptions options;
        if (!choice.folder.empty()) { // a name that models list shows will do
            C2C_TRY(options.model, resolve_model(choice.folder.string()));
        }
        options.engine.device = choice.device;
        options.progress = progress;
        if (const auto found = precisions.find(choice.precision); found != precisions.end())
            options.engine.precision = found->second;
        C2C_TRY(other, Studio::create(options));
    } else {
        C2C_CHECK(studio());
    }
    C2C_TRY(const ModelInfo info, (other ? *other : *studio_).model(stop));
    if (other) {
        studio_ = std::move(other);
        forget_faces();
    }
    choice_ = choice;
    ModelSummary summary;
    summary.folder = choice.folder;
    summary.name = QString::fromStdString(info.name);
    summary.version = QString::fromStdString(info.version);
    summary.licence = QString::fromStdString(info.licence);
    summary.licence_note = QString::fromStdString(info.licence_note);
    summary.hash = QString::fromStdString(info.hash);
    summary.device = QString::fromStdString(info.device);
    summary.precision = QString::fromStdString(info.precision);
    summary.memory = QString::fromStdString(info.memory);
    summary.commercial_use = info.commercial_use;
    model_ = summary;
    report(progress, 1, "model");
    return summary;
}

QString StudioEngine::model_memory() {
    if (!model_) // it may be loading still
        return {};
    const auto info = studio_->model();
    return info ? QString::fromStdString(info->memory) : QString();
}

Result<OpenedPhoto> StudioEngine::open(const fs::path& path, const StopToken& stop) {
    C2C_TRY(Photo photo, read_photo(path));
    C2C_TRY(const ColorTransform color, ColorTransform::create(photo));
    OpenedPhoto opened;
    opened.info = info_of(photo, path);
    opened.pixels = QImage(photo.width(), photo.height(), QImage::Format_RGB32);
    if (opened.pixels.isNull())
        return fail(ErrorKind::Device, "There is not enough memory to show {}.", path.string());
    uchar* const bits = opened.pixels.bits();
    const qsizetype line = opened.pixels.bytesPerLine();
    make_pages(bits, static_cast<std::size_t>(opened.pixels.sizeInBytes()));
    parallel_rows(photo.height(), [&](int first, int last) {
        constexpr int strip = 16; // in float they fit into the cache: three times as quick as fresh memory
        for (int y = first; y < last && !stop.stop_requested(); y += strip) {
            const Rect rows{0, y, photo.width(), std::min(strip, last - y)};
            put_rgb(color.to_srgb(crop(photo.color, rows)), bits, line, 0, y);
        }
    });
    if (stop.stop_requested())
        return cancelled();
    path_ = path;
    search_.emplace(std::move(photo));
    pixels_ = opened.pixels;
    forget_faces();
    return opened;
}

Result<std::vector<FaceEstimate>> StudioEngine::find_faces(Faces which, const StopToken& stop) {
    if (!search_)
        return fail(ErrorKind::Internal, "No photo is open.");
    C2C_TRY(Studio* const studio, this->studio());
    C2C_CHECK(studio->find_faces(*search_, which, stop));
    std::vector<FaceEstimate> faces;
    for (const SceneFace& face : search_->scene->faces)
        faces.push_back({face.face, face.age, face.gender});
    return faces;
}

Result<Worked*> StudioEngine::worked(const Look& look, const StopToken& stop) {
    if (!search_)
        return fail(ErrorKind::Internal, "No photo is open.");
    C2C_TRY(Studio* const studio, this->studio());
    const PortraitKey key = key_of(look);
    auto place = std::find_if(worked_.begin(), worked_.end(), [&](const Worked& w) { return w.key == key; });
    if (place == worked_.end()) {
        C2C_TRY(auto subject, studio->subject(search_->scene, look.face, subject_settings(look), stop));
        worked_.push_front({.key = key, .subject = std::move(subject)});
        if (worked_.size() > most_portraits)
            worked_.pop_back();
    } else {
        worked_.splice(worked_.begin(), worked_, place);
    }
    Worked& front = worked_.front();
    if (!(front.protect == look.protect)) {
        C2C_TRY(front.subject, protected_subject(*front.subject, look.protect));
        front.protect = look.protect;
        front.matte = {};
        front.small.reset();
    }
    return &front;
}

Result<AgedCrop> StudioEngine::aged(const Worked& worked, double age, Pass pass, Pass& got,
                                    const StopToken& stop) {
    const int tenths = static_cast<int>(std::lround(age * 10));
    const auto place = std::find_if(crops_.begin(), crops_.end(), [&](const KeptCrop& kept) {
        return kept.tenths == tenths && kept.key == worked.key;
    });
    if (place != crops_.end()) {
        crops_.splice(crops_.begin(), crops_, place);
        got = Pass::Settled;
        return place->crop;
    }
    C2C_TRY(AgedCrop crop,
            studio_->age(*worked.subject, age, pass == Pass::Draft ? Stage::Draft : Stage::Settled, stop));
    got = pass;
    if (pass == Pass::Settled) {
        crop_bytes_ += bytes_of(crop);
        crops_.push_front({worked.key, tenths, crop});
        while (crop_bytes_ > crop_budget && crops_.size() > 1) {
            crop_bytes_ -= bytes_of(crops_.back().crop);
            crops_.pop_back();
        }
    }
    return crop;
}

Result<Small> StudioEngine::small(const PasteContext& paste, const Rect& rect, int level) const {
    const QImage photo = part_at_level(pixels_, rect, level);
    Photo srgb;
    srgb.color = rgb_image(photo);
    C2C_TRY(const ColorTransform color, ColorTransform::create(srgb));
    const Rect at{rect.x >> level, rect.y >> level, photo.width(), photo.height()};
    return Small{level, photo, shrunk(paste, level, at, srgb.color, color)};
}

Result<Region> StudioEngine::render(const Look& look, double age, Pass pass, int level,
                                    const StopToken& stop) {
    C2C_TRY(Worked* const face, worked(look, stop));
    Region region;
    C2C_TRY(const AgedCrop crop, aged(*face, age, pass, region.pass, stop));
    region.seconds = crop.seconds;
    const PasteContext* paste = &face->subject->paste;
    // Where all is protected one pixel of the photo stands for no change.
    region.matte_rect = paste->rect.empty() ? Rect{0, 0, 1, 1} : paste->rect;
    region.rect = pyramid_rect(region.matte_rect, pixels_.size());
    if (face->matte.isNull())
        face->matte = grey_image(paste->rect.empty() ? Image(1, 1, 1) : paste->mask);
    region.matte = face->matte;
    if (level > 0 && !paste->rect.empty()) {
        if (!face->small || face->small->level != level) {
            C2C_TRY(face->small, small(*paste, region.rect, level));
        }
        region.level = level;
        region.pixels = face->small->photo;
        paste = &face->small->paste;
    } else {
        region.pixels = part_at_level(pixels_, region.rect, 0);
    }
    const int x = paste->rect.x - (region.rect.x >> region.level);
    const int y = paste->rect.y - (region.rect.y >> region.level);
    // Each part becomes bytes while it is in the cache: as floats the region is 15 MB, and fresh memory costs
    // more than the arithmetic.
    compose_parts(*paste, crop, look.amount, paste_mode(look),
                  [&, bits = region.pixels.bits(), line = region.pixels.bytesPerLine()](const Rect& area,
                                                                                        Image changed) {
                      put_rgb(paste->color.to_srgb(std::move(changed)), bits, line, x + area.x, y + area.y);
                  });
    return region;
}

Result<Meters> StudioEngine::measure(const Look& look, double age, const StopToken& stop) {
    C2C_TRY(Worked* const face, worked(look, stop));
    if (!meters_) {
        C2C_TRY(meters_, c2c::Meters::create(models_dir() / "face"));
    }
    if (!face->view) {
        C2C_TRY(face->view, face_view(*face->subject, *search_->scene->photo));
        C2C_TRY(face->identity, meters_->identity_vector(face->view->srgb, face->view->face));
    }
    if (stop.stop_requested())
        return cancelled();
    Pass got = Pass::Settled;
    C2C_TRY(const AgedCrop crop, aged(*face, age, Pass::Settled, got, stop));
    const Patch patch = compose(*face->subject, crop, look.amount, paste_mode(look));
    FaceView view = *face->view;
    // Where the view lies in the photo is told by how far its face was moved.
    const Box &there = search_->scene->faces[look.face].face.box, &here = view.face.box;
    const Rect area{static_cast<int>(std::lround(there.x - here.x)),
                    static_cast<int>(std::lround(there.y - here.y)), view.srgb.width, view.srgb.height};
    put_part(face->subject->paste.color.to_srgb(patch.color), patch.rect, area, view.srgb);
    Meters meters;
    C2C_TRY(meters.age, meters_->read_back_age(view.srgb, view.face));
    if (stop.stop_requested())
        return cancelled();
    C2C_TRY(const std::vector<float> identity, meters_->identity_vector(view.srgb, view.face));
    double cosine = 0;
    for (std::size_t i = 0; i < identity.size(); ++i)
        cosine += double(identity[i]) * double(face->identity[i]);
    meters.identity = cosine;
    return meters;
}

Result<void> StudioEngine::export_photo(const Look& look, double age, const fs::path& target,
                                        const ExportOptions& options, const StopToken& stop) {
    C2C_TRY(Worked* const face, worked(look, stop));
    Pass got = Pass::Settled;
    C2C_TRY(const AgedCrop crop, aged(*face, age, Pass::Settled, got, stop));
    C2C_TRY(const ModelInfo model, studio_->model());
    return export_still(*face->subject, crop, look, model, target, options, "Cradle2Cane " C2C_VERSION, stop);
}

} // namespace

std::unique_ptr<Engine> make_studio_engine() {
    return std::make_unique<StudioEngine>();
}

} // namespace c2c::ui

/// How the window finds the engine after loading this library (see app/cradle2cane/engine_library.cpp).
extern "C" c2c::ui::Engine* c2c_make_engine() {
    return c2c::ui::make_studio_engine().release();
}
