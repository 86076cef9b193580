#pragma once

#include "core/base/result.h"
#include "core/face/align.h"
#include "core/image/image.h"

#include <filesystem>
#include <memory>

namespace c2c {

/// What is where around a face, in an upright square that is `context` times the template: 512 px a side,
/// 1 channel 0..1 each, soft at the edges.
struct FaceMaps {
    static constexpr double context = 1.5; ///< the nets know hair and shoulders better with some room around
    Warp warp;                             ///< map pixel → photo pixel
    Image person;                          ///< the person before the background
    Image skin, hair, clothes;
    bool empty() const { return person.empty(); }
};

/// The square `context` times as wide as the template about the same centre, `size` pixels a side → photo
/// pixel.
Warp context_warp(const Warp& warp, int template_size, int size);

/// The two nets of models/face that tell person, skin, hair and clothes apart: MediaPipe's selfie
/// segmentation and Kazuhito00's PAN. One instance for each thread that calls.
class Mattes {
  public:
    /// `face_models`: the folder of face.json. Model errors name the file.
    static Result<Mattes> create(const std::filesystem::path& face_models);
    Mattes(Mattes&&) noexcept;
    Mattes& operator=(Mattes&&) noexcept;
    ~Mattes();

    /// The maps of the face that `warp` (template pixel → photo pixel) aligns, refined on the photo's own
    /// edges.
    Result<FaceMaps> maps(const Image& srgb, const Warp& warp, int template_size) const;

    /// The nets' own output, before any refinement: RGB 0..1, 256x256 → the person, 512x512 → skin, clothes,
    /// hair.
    Result<Image> person_net(const Image& rgb256) const;
    Result<Image> skin_clothes_hair_net(const Image& rgb512) const;

  private:
    struct Impl;
    explicit Mattes(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// One map of `maps` as the template sees it, `size` pixels a side.
Image map_in_template(const FaceMaps& maps, const Image& map, int size);

/// The crop over plain grey (0..255) wherever the person is not: --background grey.
Image over_grey(const Image& crop, const Image& person, float grey = 130.0f);

} // namespace c2c
