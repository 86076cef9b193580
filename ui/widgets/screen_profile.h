#pragma once

#include "ui/session/screen_color.h"

#include <QString>

namespace c2c::ui {

/// Where the screen's profile is from: "" the system's, "srgb" none, else a file.
QString screen_profile_setting();
void set_screen_profile(const QString& from);

/// What the X server of $DISPLAY keeps for its screen in _ICC_PROFILE (the ICC Profiles in X specification,
/// of which the first monitor's is read); empty where there is none, or no X server. Takes some round trips.
QByteArray x11_screen_profile();

/// The screen's colours by the setting. Only on X11 does the system say them. An Input error names the file.
Result<ScreenColor> screen_color(const QString& setting);

} // namespace c2c::ui
