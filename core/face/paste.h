#pragma once

#include "core/face/continuation.h"
#include "core/face/mask.h"
#include "core/image/color.h"
#include "core/image/photo.h"

#include <functional>

namespace c2c {

enum class PasteMode {
    KeepDetail, ///< the change is added to the photo's own pixels: pores and grain stay
    Replace,    ///< the model's picture takes the place of the photo's pixels
};

/// A one-channel mask over a part of the photo; 0 outside of it.
struct RegionMask {
    Rect rect;
    Image pixels;
};

/// Everything of a face that does not depend on the age, for one photo, alignment and mask. Shares nothing
/// with the photo, so it may be used on another thread.
struct PasteContext {
    Rect rect; ///< the part of the photo that the mask touches; may be empty
    Warp warp; ///< template pixel → photo pixel
    int template_size = 0;
    ColorTransform color;
    Continuation continuation;
    Image own;    ///< the region's own values
    Image srgb;   ///< … sRGB-encoded
    Image mask;   ///< 1 channel at photo resolution: the blend mask × (1 − protect)
    Image window; ///< … × the template's window, for Replace, which knows nothing beyond the template
};

/// `mask` as blend_mask makes it; `protect` says what to leave alone (1).
PasteContext prepare_paste(const Photo& photo, const ColorTransform& color, const Warp& warp,
                           int template_size, const BlendMask& mask, const RegionMask& protect = {});

/// The same on the photo made 2^level times smaller, for a quick look. `srgb` is the part `rect` of that, in
/// sRGB by its own values (`color` says so), and holds all that the mask touches.
PasteContext shrunk(const PasteContext& context, int level, const Rect& rect, const Image& srgb,
                    const ColorTransform& color);

/// A changed part of the photo, in the photo's own values.
struct Patch {
    Rect rect;
    Image color;
};

/// `crop` is the change of the template (RGB, signed, sRGB-encoded) for KeepDetail, the model's picture (RGB
/// 0..1) for Replace; any size that covers the template square. `amount` 0..2, 1 as generated. Where the
/// mask, the amount or the change is 0 the patch holds the photo's pixels bit for bit.
Patch paste(const PasteContext& context, const Image& crop, double amount = 1.0,
            PasteMode mode = PasteMode::KeepDetail);

/// The same for one who wants it otherwise than as a patch: every part that the mask touches, in the photo's
/// own values, `area` in pixels of context.rect. Parts do not overlap, fit into the cache, and come on
/// several threads at once; what lies outside of them is the photo's.
void paste_parts(const PasteContext& context, const Image& crop, double amount, PasteMode mode,
                 const std::function<void(const Rect& area, Image changed)>& take);

/// What `paste` adds, sRGB-encoded, signed, already masked: RGB of context.rect's size. For --delta.
Image paste_delta(const PasteContext& context, const Image& crop, double amount = 1.0,
                  PasteMode mode = PasteMode::KeepDetail);

void apply(const Patch& patch, Photo& photo);

/// A picture of a square, which `warp` puts into the photo as `template_size` pixels a side, seen in a part
/// of the photo; 0 outside the square. Smooth where it is enlarged, averaged where it shrinks.
Image template_in_photo(const Image& crop, const Warp& warp, int template_size, Rect rect);

} // namespace c2c
