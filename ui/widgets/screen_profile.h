#pragma once

#include "ui/session/screen_color.h"

#include <QAbstractNativeEventFilter>
#include <QObject>
#include <QPoint>
#include <QString>

#include <cstdint>
#include <vector>

namespace c2c::ui {

/// Where the screen's profile is from: "" the system's, "srgb" none, else a file.
QString screen_profile_setting();
void set_screen_profile(const QString& from);

/// The number of the monitor that begins at `corner`; the first where none does.
int monitor_at(const std::vector<QPoint>& corners, QPoint corner);
/// The property of the root window that holds a monitor's profile, by the ICC Profiles in X specification.
std::string profile_property(int monitor);

/// What the X server of $DISPLAY keeps for the monitor that begins at `corner` (its Xinerama number counts);
/// empty where there is none, or no X server. Takes some round trips.
QByteArray x11_screen_profile(QPoint corner);

/// The colours, by the setting, of the screen that begins at `corner`. Only on X11 does the system say them.
/// An Input error names the file.
Result<ScreenColor> screen_color(const QString& setting, QPoint corner = {});

/// Tells when the system gives a monitor another profile; on X11 only.
class ScreenProfileWatch : public QObject, public QAbstractNativeEventFilter {
    Q_OBJECT
  public:
    explicit ScreenProfileWatch(QObject* parent = nullptr);

    bool nativeEventFilter(const QByteArray& type, void* message, qintptr* result) override;

  signals:
    void changed();

  private:
    std::vector<std::uint32_t> atoms_; ///< of the properties
};

} // namespace c2c::ui
