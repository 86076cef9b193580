#include "core/replay/protect.h"

#include "core/replay/brush.h"

namespace c2c {

RegionMask protect_mask(const Protect& protect, const Face& face, const FaceMaps& maps, int width,
                        int height) {
    RegionMask mask;
    const auto add = [&](RegionMask other) {
        mask = mask.rect.empty() ? std::move(other) : combine(mask, other);
    };
    if (protect.eyes)
        add(protect_eyes(face, width, height));
    if (protect.lips)
        add(protect_mouth(face, width, height));
    if (protect.hair)
        add(protect_hair(maps, width, height));
    if (protect.clothes)
        add(protect_clothes(maps, width, height));
    if (const Rect painted = stroke_bounds(protect.strokes, width, height); !painted.empty()) {
        add({painted, Image(painted.width, painted.height, 1)}); // room for the strokes
        for (const Stroke& stroke : protect.strokes)
            paint(stroke, mask.pixels, mask.rect.x, mask.rect.y);
    }
    return mask;
}

} // namespace c2c
