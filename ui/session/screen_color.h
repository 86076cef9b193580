#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QImage>

#include <memory>
#include <string>

namespace c2c::ui {

/// The way of a pixel from sRGB to the screen, by the screen's ICC profile. Copies share their tables; any
/// thread may use one.
class ScreenColor {
  public:
    ScreenColor() = default; ///< of an sRGB screen: pixels stay as they are

    /// An Input error where `icc` is not the profile of a screen; `name` is what the error calls it.
    static Result<ScreenColor> create(const QByteArray& icc, const std::string& name);

    bool changes_nothing() const { return !transform_; }

    /// `srgb` is Format_RGB32 or ARGB32, as is the result. Where nothing changes it is the same picture, not
    /// a copy.
    QImage shown(const QImage& srgb) const;

  private:
    std::shared_ptr<void> transform_; ///< lcms2's
};

} // namespace c2c::ui
