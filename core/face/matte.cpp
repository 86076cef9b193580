#include "core/face/matte.h"

#include "core/face/guided.h"
#include "core/face/nets.h"
#include "core/face/resample.h"
#include "core/image/opencv.h"

#include <opencv2/dnn.hpp>
#include <opencv2/imgproc.hpp>

namespace c2c {

namespace {

constexpr int map_size = 512;

/// Planes in, planes out; the picture is RGB 0..1 of the net's size.
Result<Image> forward(cv::dnn::Net& net, const Image& rgb, const cv::Scalar& mean,
                      const cv::Scalar& deviation) {
    try {
        cv::Mat blob({1, 3, rgb.height, rgb.width}, CV_32F);
        std::vector<cv::Mat> planes;
        cv::split(as_mat(rgb), planes);
        for (int c = 0; c < 3; ++c) {
            cv::Mat plane(rgb.height, rgb.width, CV_32F, blob.ptr<float>(0, c));
            plane = (planes[static_cast<std::size_t>(c)] - mean[c]) / deviation[c];
        }
        net.setInput(blob);
        const cv::Mat out = net.forward();
        std::vector<cv::Mat> maps;
        for (int c = 0; c < out.size[1]; ++c)
            maps.emplace_back(out.size[2], out.size[3], CV_32F, const_cast<float*>(out.ptr<float>(0, c)));
        Image image(out.size[3], out.size[2], out.size[1]);
        cv::merge(maps, as_mat(image));
        return image;
    } catch (const std::exception& e) {
        return tl::unexpected(Error{ErrorKind::Internal, "Finding hair and skin failed.", e.what()});
    }
}

Image plane(const Image& image, int channel) {
    Image out(image.width, image.height, 1);
    cv::extractChannel(as_mat(image), as_mat(out), channel);
    return out;
}

Image resized(const Image& image, int size) {
    Image out(size, size, image.channels);
    cv::resize(as_mat(image), as_mat(out), {size, size}, 0, 0,
               size < image.width ? cv::INTER_AREA : cv::INTER_LINEAR);
    return out;
}

} // namespace

Warp context_warp(const Warp& warp, int template_size, int size) {
    const double step = FaceMaps::context * template_size / size;
    const double origin = (template_size - 1) / 2.0 - step * (size - 1) / 2.0;
    return compose(warp, {{step, 0, origin, 0, step, origin}});
}

struct Mattes::Impl {
    cv::dnn::Net selfie, pan;
};

Mattes::Mattes(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Mattes::Mattes(Mattes&&) noexcept = default;
Mattes& Mattes::operator=(Mattes&&) noexcept = default;
Mattes::~Mattes() = default;

Result<Mattes> Mattes::create(const std::filesystem::path& face_models) {
    auto impl = std::make_unique<Impl>();
    C2C_TRY(impl->selfie, load_net(face_models, "selfie.onnx"));
    C2C_TRY(impl->pan, load_net(face_models, "pan_skin_clothes_hair.onnx"));
    return Mattes(std::move(impl));
}

Result<Image> Mattes::person_net(const Image& rgb256) const {
    return forward(impl_->selfie, rgb256, {0, 0, 0}, {1, 1, 1});
}

Result<Image> Mattes::skin_clothes_hair_net(const Image& rgb512) const {
    // ImageNet's mean and deviation.
    return forward(impl_->pan, rgb512, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225});
}

Result<FaceMaps> Mattes::maps(const Image& srgb, const Warp& warp, int template_size) const {
    FaceMaps maps;
    maps.warp = context_warp(warp, template_size, map_size);
    const Image around = sample(srgb, maps.warp, map_size, map_size,
                                {.sigma = reduction_sigma(maps.warp.scale()), .fill = {}});
    C2C_TRY(const Image person, person_net(resized(around, 256)));
    C2C_TRY(const Image classes, skin_clothes_hair_net(around));

    // The radius spans the coarse nets' uncertainty; epsilon keeps skin texture out and lets hair edges in.
    try {
        maps.person = guided_filter(around, resized(person, map_size), 10, 2e-3f);
        maps.skin = guided_filter(around, plane(classes, 0), 4, 1e-3f);
        maps.clothes = guided_filter(around, plane(classes, 1), 6, 1e-3f);
        maps.hair = guided_filter(around, plane(classes, 2), 6, 1e-3f);
    } catch (const cv::Exception& e) {
        return tl::unexpected(Error{ErrorKind::Internal, "Refining the hair's edge failed.", e.what()});
    }
    return maps;
}

Image map_in_template(const FaceMaps&, const Image& map, int size) {
    const double inner = map.width / FaceMaps::context; // the template's side in map pixels
    const double step = inner / size, origin = (map.width - 1) / 2.0 - step * (size - 1) / 2.0;
    const cv::Matx23d to_map(step, 0, origin, 0, step, origin);
    Image out(size, size, map.channels);
    cv::Mat source = as_mat(map);
    if (step > 1.5)
        cv::GaussianBlur(as_mat(map), source = cv::Mat(), {}, 0.35 * step);
    cv::warpAffine(source, as_mat(out), to_map, {size, size}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                   cv::BORDER_REPLICATE);
    return out;
}

Image over_grey(const Image& crop, const Image& person, float grey) {
    Image out = crop;
    for (std::size_t i = 0; i < person.data.size(); ++i)
        for (std::size_t c = 0; c < 3; ++c) {
            float& v = out.data[i * 3 + c];
            v = grey / 255.0f + (v - grey / 255.0f) * person.data[i];
        }
    return out;
}

} // namespace c2c
