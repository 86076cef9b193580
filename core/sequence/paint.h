#pragma once

#include "core/aging/studio.h"
#include "core/sequence/manifest.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace c2c {

/// One face of one frame on its way from the network to the file.
struct Aged {
    std::shared_ptr<const Subject> subject;
    std::shared_ptr<const AgedCrop> crop;
    double amount = 1;
    FaceRecord record;
};

struct Drawn {
    std::shared_ptr<const Photo> photo; ///< as the network sees it
    std::shared_ptr<const Photo> own;   ///< as the file has it, where that is another space; else null
    std::vector<Aged> faces;
};

/// The frame with its faces aged; everything else as it was, bit for bit.
Photo painted(const Drawn& drawn, PasteMode mode);

/// How much of each pixel is new, 1 channel of the frame's size.
Image matte_of(const Drawn& drawn);

/// The change alone: sRGB-encoded, signed, RGB of the frame's size.
Image delta_of(const Drawn& drawn, PasteMode mode);

/// A side picture of a frame: a delta as half floats, unchanged; a matte as 16 bits.
Photo side_photo(const Photo& frame, Image image);

} // namespace c2c
