#pragma once

#include "core/base/result.h"
#include "core/image/photo.h"

#include <memory>

namespace c2c {

/// Between a photo's own values (its profile, or scene-linear) and sRGB-encoded 0..1, three channels.
/// Built once a photo; both directions are pure per-pixel maps.
class ColorTransform {
  public:
    static Result<ColorTransform> create(const Photo& photo);

    /// sRGB-encoded RGB, clipped to 0..1, of a part of the photo. Grey becomes R = G = B exactly.
    Image to_srgb(Image own) const;

    /// Whether the photo's own values are what to_srgb gives.
    bool is_srgb() const;

    /// Scene-linear Rec. 709 primaries, not clipped; same number of channels. For EXR output.
    Image to_linear(const Image& own) const;

    /// own + (inverse(srgb + change) − inverse(srgb)): a change of exactly zero leaves a pixel bit for bit,
    /// values above 1 keep their excess. srgb + change is clipped to 0..1 first, so that nothing turns
    /// negative. One-channel photos, and colour files of which every pixel is grey, take the change's luma
    /// (Rec. 709 weights) and stay exactly grey. `srgb` is to_srgb(own); all three are of equal size.
    Image add_change(const Image& own, const Image& srgb, const Image& change) const;

  private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

} // namespace c2c
