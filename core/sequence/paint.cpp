#include "core/sequence/paint.h"

#include <algorithm>

namespace c2c {

Photo painted(const Drawn& drawn, PasteMode mode) {
    Photo photo = *drawn.photo;
    for (const Aged& face : drawn.faces)
        apply(compose(*face.subject, *face.crop, face.amount, mode), photo);
    return photo;
}

Image matte_of(const Drawn& drawn) {
    Image matte(drawn.photo->width(), drawn.photo->height(), 1);
    for (const Aged& face : drawn.faces) {
        const PasteContext& paste = face.subject->paste;
        const auto amount = static_cast<float>(std::min(1.0, face.amount));
        for (int y = 0; y < paste.rect.height; ++y)
            for (int x = 0; x < paste.rect.width; ++x) {
                float& to = matte.at(paste.rect.x + x, paste.rect.y + y);
                to = std::max(to, paste.mask.at(x, y) * amount);
            }
    }
    return matte;
}

Image delta_of(const Drawn& drawn, PasteMode mode) {
    Image delta(drawn.photo->width(), drawn.photo->height(), 3);
    for (const Aged& face : drawn.faces) {
        const Rect& rect = face.subject->paste.rect;
        const Image part = compose_delta(*face.subject, *face.crop, face.amount, mode);
        for (int y = 0; y < rect.height; ++y)
            for (int i = 0; i < rect.width * 3; ++i)
                delta.row(rect.y + y)[rect.x * 3 + i] += part.row(y)[i];
    }
    return delta;
}

Photo side_photo(const Photo& frame, Image image) {
    Photo side;
    side.linear = image.channels == 3; // signed differences: stored as they are
    side.depth = image.channels == 3 ? Depth::F16 : Depth::U16;
    side.color = std::move(image);
    side.source = frame.source;
    return side;
}

} // namespace c2c
