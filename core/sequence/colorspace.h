#pragma once

#include "core/base/result.h"
#include "core/image/photo.h"

#include <memory>
#include <string>
#include <vector>

namespace c2c {

/// A plate's colour space by its name in an OpenColorIO configuration ($OCIO, as OpenImageIO reads it), for
/// pixels that no profile describes: ACEScg, a camera's log.
class PlateSpace {
  public:
    /// A Usage error names the spaces that there are. The configuration must know sRGB-encoded pictures by
    /// one of their usual names.
    static Result<PlateSpace> create(const std::string& name);

    /// The frame as the network can see it: sRGB-encoded, not clipped, without profile.
    Photo to_srgb(const Photo& plate) const;

    /// The plate with the change from `before` to `after` (both as to_srgb gives them, clipped here). Where
    /// they are equal the plate's values stay bit for bit; values beyond 0..1 keep their excess.
    void apply_change(const Image& before, const Image& after, Image& plate) const;

  private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

/// The names in the configuration at hand, for messages and the window's list.
std::vector<std::string> plate_space_names();

} // namespace c2c
