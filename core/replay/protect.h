#pragma once

#include "core/face/protect.h"
#include "core/replay/session_file.h"

namespace c2c {

/// All that a session leaves alone, as one mask; empty when nothing is protected. Strokes come last, so that
/// the eraser also takes away what eyes, lips, hair and clothes protect.
RegionMask protect_mask(const Protect& protect, const Face& face, const FaceMaps& maps, int width,
                        int height);

} // namespace c2c
