#pragma once

#include "core/face/mask.h"
#include "core/image/image.h"

namespace c2c {

/// A model's crop ends in the middle of the hair and at the chin. Beyond its border the change goes on as the
/// local mean of what it is inside: hair takes that of the nearest hair, skin that of the nearest skin, so
/// that grey hair does not end at an invisible square. This holds what of it does not depend on the age.
struct Continuation {
    int template_size = 0;
    int margin = 0;   ///< template pixels on each side that the continued square has more
    Image window;     ///< template: 1 where the model's own change stands, 0 on its border
    Image hair;       ///< continued square: the share of hair
    Image weights[2]; ///< of hair and of the rest, on a coarse grid over the continued square …
    Image total[2];   ///< … and their spread, which divides
    int size() const { return template_size + 2 * margin; }
};

Continuation prepare_continuation(const BlendMask& mask, int template_size);

/// The change (RGB, template_size square) over the continued square; linear in the change.
Image continue_change(const Continuation& continuation, const Image& change);

} // namespace c2c
