#pragma once

#include "core/face/mask.h"
#include "core/face/matte.h"
#include "tests/face/pictures.h"

namespace c2c::test {

/// A photo with its largest face aligned for nano's template, its maps and its mask.
struct Aligned {
    Photo photo;
    ColorTransform color;
    Image srgb;
    Face face;
    Template shape{.size = 224,
                   .quad_scale = 0.8,
                   .border = Template::Border::Color,
                   .border_color = {130, 130, 130},
                   .prefilter = 0.35};
    Warp warp;
    FaceMaps maps;
    BlendMask mask;

    explicit Aligned(Photo p) : photo(std::move(p)), color(value(ColorTransform::create(photo))) {
        static auto finder = value(FaceFinder::create(face_models()));
        static auto landmarker = value(Landmarker::load()); // half a second, so one for all
        static auto mattes = value(Mattes::create(face_models()));
        srgb = color.to_srgb(photo.color);
        const auto faces = value(finder.find(srgb));
        REQUIRE_FALSE(faces.empty());
        face = faces.front();
        value(landmarker.fit(srgb, face));
        warp = align_ffhq(face.landmarks, shape);
        maps = value(mattes.maps(srgb, warp, shape.size));
        mask = blend_mask(maps, face.landmarks, warp, shape.size, photo.width(), photo.height());
    }
};

/// man_38.jpg, aligned once for all tests that only read it.
inline const Aligned& man_38() {
    static const Aligned man(value(read_photo(photo("man_38.jpg"))));
    return man;
}

} // namespace c2c::test
