#include "core/replay/planes.h"

#include <algorithm>

namespace c2c {
namespace {

template <typename Join>
Photo on_black(const Photo& photo, std::span<const Plane> planes, int channels, Depth depth, Join join) {
    Photo result;
    result.color = Image(photo.width(), photo.height(), channels);
    result.depth = depth;
    result.source = photo.source;
    for (const Plane& plane : planes)
        for (int y = 0; y < plane.rect.height; ++y) {
            const float* from = plane.pixels.row(y);
            float* to = result.color.row(plane.rect.y + y) + plane.rect.x * channels;
            std::transform(from, from + plane.rect.width * channels, to, to, join);
        }
    return result;
}

} // namespace

Photo change_picture(const Photo& photo, std::span<const Plane> changes) {
    Photo result =
        on_black(photo, changes, 3, Depth::F32, [](float change, float sum) { return sum + change; });
    result.linear = true;
    return result;
}

Photo matte_picture(const Photo& photo, std::span<const Plane> masks) {
    return on_black(photo, masks, 1, Depth::U16, [](float mask, float most) { return std::max(most, mask); });
}

} // namespace c2c
