#include "core/aging/studio.h"

#include "core/base/files.h"
#include "core/face/align.h"
#include "core/face/detect.h"
#include "core/face/estimate.h"
#include "core/face/landmarks.h"
#include "core/face/mask.h"
#include "core/face/matte.h"
#include "core/face/paste.h"
#include "core/image/color.h"
#include "core/image/resample.h"
#include "core/nn/device.h"

#include <malloc.h>
#include <opencv2/core/utility.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <numeric>

namespace c2c {

namespace {

namespace fs = std::filesystem;

/// torch and OpenCV have a pool of threads each; both are told once, before either starts it.
int set_threads_once(int count) {
    static const int threads = [count] {
        const int set = nn::set_threads(count);
        cv::setNumThreads(set);
        return set;
    }();
    return threads;
}

/// The square around a face that its crop and its maps are made from. A whole photo need not be converted to
/// sRGB for one face: 24 megapixels are 300 MB.
Rect reach(const Warp& warp, int template_size, const Photo& photo, double context) {
    const double size = template_size, out = (context - 1) / 2 * size;
    double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
    for (const Point corner : {Point{-out, -out}, Point{size + out, -out}, Point{-out, size + out},
                               Point{size + out, size + out}}) {
        const Point p = warp.apply(corner);
        left = std::min(left, p.x), right = std::max(right, p.x);
        top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    }
    const double margin = 8 + 3 * warp.scale(); // the filters look a little further
    const int x = std::clamp(static_cast<int>(std::floor(left - margin)), 0, photo.width());
    const int y = std::clamp(static_cast<int>(std::floor(top - margin)), 0, photo.height());
    return {x, y, std::clamp(static_cast<int>(std::ceil(right + margin)), x, photo.width()) - x,
            std::clamp(static_cast<int>(std::ceil(bottom + margin)), y, photo.height()) - y};
}

/// Where FFHQ's alignment puts eyes, nose and mouth corners: for a crop in which no face is found.
std::array<Point, 5> usual_five(const Template& shape) {
    constexpr std::array<Point, 5> ffhq = {{{.375, .47}, {.625, .47}, {.5, .61}, {.4, .75}, {.6, .75}}};
    std::array<Point, 5> five;
    for (std::size_t i = 0; i < five.size(); ++i)
        five[i] = {(.5 + (ffhq[i].x - .5) / shape.quad_scale) * shape.size,
                   (.5 + (ffhq[i].y - .5) / shape.quad_scale) * shape.size};
    return five;
}

/// A part of the photo in sRGB.
Image srgb_part(const Photo& photo, const ColorTransform& color, const Rect& rect) {
    return color.to_srgb(crop(photo.color, rect));
}

Face moved(Face face, double dx, double dy) {
    face.box.x += dx;
    face.box.y += dy;
    for (Point& p : face.five)
        p = {p.x + dx, p.y + dy};
    for (Point& p : face.landmarks)
        p = {p.x + dx, p.y + dy};
    return face;
}

} // namespace

struct Studio::Impl {
    StudioOptions options;
    int threads = 1;
    FaceFinder finder;
    AgeGenderEstimator estimator;
    std::shared_future<Result<Landmarker>> landmarker; // 95 MB of dlib
    std::optional<Mattes> mattes;                      // made with the first subject
    std::stop_source stop_loading;
    std::future<Result<Ager>> loading;
    std::optional<Result<Ager>> ager;

    Result<Ager*> model(const StopToken& stop) {
        if (!ager) {
            if (!loading.valid())
                return fail(ErrorKind::Internal, "No model was asked for.");
            while (loading.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready)
                if (stop.stop_requested())
                    return cancelled();
            ager = loading.get();
        }
        if (!*ager)
            return tl::unexpected(ager->error());
        return &**ager;
    }

    ~Impl() { stop_loading.request_stop(); }
};

Studio::Studio(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Studio::Studio(Studio&&) noexcept = default;
Studio& Studio::operator=(Studio&&) noexcept = default;
Studio::~Studio() = default;

int Studio::threads() const {
    return impl_->threads;
}

Result<Studio> Studio::create(const StudioOptions& given) {
    StudioOptions options = given;
    if (options.model.empty())
        options.model = models_dir() / "nano";
    if (options.face_models.empty())
        options.face_models = models_dir() / "face";
    const int threads = set_threads_once(options.threads);

    // Model, landmarks and face nets come from the disk side by side; each is awaited where it is needed.
    std::stop_source stop_loading;
    std::future<Result<Ager>> loading;
    if (options.load_model)
        loading = std::async(std::launch::async, [options, stop = stop_loading.get_token()] {
            return Ager::load(options.model, options.engine, options.progress, stop);
        });
    std::shared_future<Result<Landmarker>> landmarker =
        std::async(std::launch::async, [] { return Landmarker::load(); }).share();
    C2C_TRY(FaceFinder finder, FaceFinder::create(options.face_models));
    C2C_TRY(AgeGenderEstimator estimator, AgeGenderEstimator::create(options.face_models));
    return Studio(std::unique_ptr<Impl>(new Impl{std::move(options),
                                                 threads,
                                                 std::move(finder),
                                                 std::move(estimator),
                                                 std::move(landmarker),
                                                 {},
                                                 std::move(stop_loading),
                                                 std::move(loading),
                                                 {}}));
}

Result<ModelInfo> Studio::model(const StopToken& stop) {
    C2C_TRY(const Ager* ager, impl_->model(stop));
    return ager->info();
}

SceneSearch::SceneSearch(Photo photo)
    : scene(std::make_shared<const Scene>(Scene{std::make_shared<const Photo>(std::move(photo)), {}})) {}

Result<std::shared_ptr<const Scene>> Studio::scene(Photo photo, const StopToken& stop) {
    SceneSearch search(std::move(photo));
    C2C_CHECK(find_faces(search, Faces::All, stop));
    return search.scene;
}

Result<void> Studio::find_faces(SceneSearch& search, Faces which, const StopToken& stop) {
    const std::vector<Face>& found = search.faces.faces();
    if (search.faces.finished() && search.scene->faces.size() == found.size())
        return {};
    const Photo& photo = *search.scene->photo;
    if (search.srgb.empty()) {
        C2C_TRY(const ColorTransform color, ColorTransform::create(photo));
        if (!color.is_srgb()) // 24 megapixels need not be copied
            search.srgb = color.to_srgb(photo.color);
    }
    const Image& srgb = search.srgb.empty() ? photo.color : search.srgb;
    C2C_CHECK(impl_->finder.go_on(search.faces, srgb, which, stop));
    while (search.scene->faces.size() + search.estimated.size() < found.size()) {
        if (stop.stop_requested())
            return cancelled();
        Face face = found[search.scene->faces.size() + search.estimated.size()];
        const Result<Landmarker>& loaded = impl_->landmarker.get();
        if (!loaded)
            return tl::unexpected(loaded.error());
        C2C_CHECK(loaded->fit(srgb, face));
        C2C_TRY(const AgeGender estimate, impl_->estimator.estimate(srgb, face.landmarks));
        search.estimated.push_back({face, estimate.age, estimate.gender()});
    }
    if (!search.estimated.empty()) {
        Scene scene = *search.scene;
        scene.faces.insert(scene.faces.end(), search.estimated.begin(), search.estimated.end());
        search.scene = std::make_shared<const Scene>(std::move(scene));
        search.estimated.clear();
    }
    if (search.faces.finished())
        search.srgb = {};
    return {};
}

Result<std::shared_ptr<const Subject>> Studio::subject(std::shared_ptr<const Scene> scene, std::size_t which,
                                                       const SubjectSettings& settings,
                                                       const StopToken& stop) {
    if (which >= scene->faces.size())
        return fail(ErrorKind::NoFace, "The photo has {} face(s); there is no face {}.", scene->faces.size(),
                    which + 1);
    if (!impl_->mattes) {
        C2C_TRY(impl_->mattes, Mattes::create(impl_->options.face_models));
    }
    C2C_TRY(Ager* const ager, impl_->model(stop));
    const Template& shape = ager->info().shape;
    const Photo& photo = *scene->photo;
    C2C_TRY(const ColorTransform color, ColorTransform::create(photo));

    const Rect rect =
        reach(align_ffhq(scene->faces[which].face.landmarks, shape), shape.size, photo, FaceMaps::context);
    const Image srgb = srgb_part(photo, color, rect);
    const Face face = moved(scene->faces[which].face, -rect.x, -rect.y);
    const Warp warp = align_ffhq(face.landmarks, shape);

    Image aligned = crop_face(srgb, warp, shape);
    C2C_TRY(FaceMaps maps, impl_->mattes->maps(srgb, warp, shape.size));
    if (settings.grey_background)
        aligned = over_grey(aligned, map_in_template(maps, maps.person, shape.size));

    std::array<Point, 5> five;
    std::transform(face.five.begin(), face.five.end(), five.begin(),
                   [back = warp.inverse()](Point p) { return back.apply(p); });
    C2C_TRY(five, impl_->finder.five_in_crop(aligned, five));

    auto subject = std::make_shared<Subject>();
    C2C_TRY(subject->portrait, ager->portrait(aligned, arcface_chip(aligned, five), settings.portrait, stop));
    subject->face = which;
    subject->rect = rect;
    subject->maps = std::move(maps);
    subject->maps.warp = c2c::compose(Warp{{1, 0, double(rect.x), 0, 1, double(rect.y)}}, subject->maps.warp);
    subject->scene = std::move(scene);
    // The nets that looked at the photo left some 100 MB of freed blocks behind, and ageing needs blocks of
    // other sizes.
    ::malloc_trim(0);
    return with_protect(*subject, settings.protect);
}

Result<std::shared_ptr<const Subject>>
Studio::aligned_subject(const Image& crop, const SubjectSettings& settings, const StopToken& stop) {
    C2C_TRY(Ager* const ager, impl_->model(stop));
    C2C_TRY(const auto five, impl_->finder.five_in_crop(crop, usual_five(ager->info().shape)));
    auto subject = std::make_shared<Subject>();
    C2C_TRY(subject->portrait, ager->portrait(crop, arcface_chip(crop, five), settings.portrait, stop));
    return subject;
}

Result<AgedCrop> Studio::age(const Subject& subject, double age, Stage stage, const StopToken& stop) {
    C2C_TRY(Ager* const ager, impl_->model(stop));
    return stage == Stage::Draft ? ager->draft(subject.portrait, age, stop)
                                 : ager->settle(subject.portrait, age, stop);
}

Result<std::shared_ptr<const Subject>> with_protect(const Subject& subject, const RegionMask& protect) {
    const Photo& photo = *subject.scene->photo;
    const Face& face = subject.scene->faces[subject.face].face;
    const Template shape = subject.portrait.shape();
    const Warp warp = align_ffhq(face.landmarks, shape);
    C2C_TRY(const ColorTransform color, ColorTransform::create(photo));
    auto made = std::make_shared<Subject>(subject);
    made->paste = prepare_paste(
        photo, color, warp, shape.size,
        blend_mask(subject.maps, face.landmarks, warp, shape.size, photo.width(), photo.height()), protect);
    return made;
}

std::vector<std::size_t> left_to_right(const std::vector<SceneFace>& faces) {
    std::vector<std::size_t> order(faces.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return faces[a].face.box.x + faces[a].face.box.width / 2 <
               faces[b].face.box.x + faces[b].face.box.width / 2;
    });
    return order;
}

Patch compose(const Subject& subject, const AgedCrop& aged, double amount, PasteMode mode) {
    return paste(subject.paste, mode == PasteMode::Replace ? aged.result : aged.change, amount, mode);
}

void compose_parts(const PasteContext& paste, const AgedCrop& aged, double amount, PasteMode mode,
                   const std::function<void(const Rect& area, Image changed)>& take) {
    paste_parts(paste, mode == PasteMode::Replace ? aged.result : aged.change, amount, mode, take);
}

Image compose_delta(const Subject& subject, const AgedCrop& aged, double amount, PasteMode mode) {
    return paste_delta(subject.paste, mode == PasteMode::Replace ? aged.result : aged.change, amount, mode);
}

Result<FaceView> face_view(const Subject& subject, const Photo& photo) {
    C2C_TRY(const ColorTransform color, ColorTransform::create(photo));
    const Rect rect = reach(subject.paste.warp, subject.portrait.shape().size, photo, 1);
    return FaceView{srgb_part(photo, color, rect),
                    moved(subject.scene->faces[subject.face].face, -rect.x, -rect.y)};
}

} // namespace c2c
