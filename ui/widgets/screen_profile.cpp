#include "ui/widgets/screen_profile.h"

#include <QFile>
#include <QGuiApplication>
#include <QSettings>

#include <fmt/format.h>
#include <xcb/xcb.h>
#include <xcb/xinerama.h>

#include <algorithm>
#include <cstdlib>

namespace c2c::ui {
namespace {

constexpr qint64 largest_profile = 16 << 20;
constexpr int most_monitors = 16;

struct Free {
    void operator()(void* reply) const { std::free(reply); }
};
template <class Reply> using Owned = std::unique_ptr<Reply, Free>;

/// All are asked for before the first answer is waited for.
std::vector<xcb_atom_t> intern(xcb_connection_t* x, const std::vector<std::string>& names) {
    std::vector<xcb_intern_atom_cookie_t> asked;
    for (const std::string& name : names)
        asked.push_back(xcb_intern_atom(x, 0, static_cast<std::uint16_t>(name.size()), name.data()));
    std::vector<xcb_atom_t> atoms;
    for (const xcb_intern_atom_cookie_t cookie : asked) {
        const Owned<xcb_intern_atom_reply_t> atom(xcb_intern_atom_reply(x, cookie, nullptr));
        atoms.push_back(atom ? atom->atom : xcb_atom_t{XCB_ATOM_NONE});
    }
    return atoms;
}

/// In the order of their numbers; none where the server knows of one screen only.
std::vector<QPoint> monitor_corners(xcb_connection_t* x) {
    std::vector<QPoint> corners;
    const xcb_query_extension_reply_t* there = xcb_get_extension_data(x, &xcb_xinerama_id);
    if (!there || !there->present)
        return corners;
    const Owned<xcb_xinerama_query_screens_reply_t> screens(
        xcb_xinerama_query_screens_reply(x, xcb_xinerama_query_screens(x), nullptr));
    if (!screens)
        return corners;
    const xcb_xinerama_screen_info_t* info = xcb_xinerama_query_screens_screen_info(screens.get());
    for (int i = 0; i < xcb_xinerama_query_screens_screen_info_length(screens.get()); ++i)
        corners.emplace_back(info[i].x_org, info[i].y_org);
    return corners;
}

const QString& key() {
    static const QString name = QStringLiteral("screen/profile");
    return name;
}

} // namespace

QString screen_profile_setting() {
    return QSettings().value(key()).toString();
}

void set_screen_profile(const QString& from) {
    QSettings().setValue(key(), from);
}

int monitor_at(const std::vector<QPoint>& corners, QPoint corner) {
    const auto place = std::find(corners.begin(), corners.end(), corner);
    return place == corners.end() ? 0 : static_cast<int>(place - corners.begin());
}

std::string profile_property(int monitor) {
    return monitor == 0 ? "_ICC_PROFILE" : fmt::format("_ICC_PROFILE_{}", monitor);
}

QByteArray x11_screen_profile(QPoint corner) {
    int number = 0;
    const std::unique_ptr<xcb_connection_t, decltype(&xcb_disconnect)> x(xcb_connect(nullptr, &number),
                                                                         xcb_disconnect);
    if (xcb_connection_has_error(x.get()))
        return {};
    auto screens = xcb_setup_roots_iterator(xcb_get_setup(x.get()));
    for (; number > 0 && screens.rem > 1; --number)
        xcb_screen_next(&screens);
    const int monitor = monitor_at(monitor_corners(x.get()), corner);
    const xcb_atom_t atom = intern(x.get(), {profile_property(monitor)}).front();
    if (atom == XCB_ATOM_NONE || screens.rem == 0)
        return {};
    const Owned<xcb_get_property_reply_t> property(
        xcb_get_property_reply(x.get(),
                               xcb_get_property(x.get(), 0, screens.data->root, atom,
                                                XCB_GET_PROPERTY_TYPE_ANY, 0, largest_profile / 4),
                               nullptr));
    if (!property || property->format != 8)
        return {};
    return {static_cast<const char*>(xcb_get_property_value(property.get())),
            xcb_get_property_value_length(property.get())};
}

ScreenProfileWatch::ScreenProfileWatch(QObject* parent) : QObject(parent) {
    // The off-screen platform has such an interface too, without a connection.
    const auto* x = qGuiApp->nativeInterface<QNativeInterface::QX11Application>();
    if (!x || !x->connection() || QGuiApplication::platformName() != QStringLiteral("xcb"))
        return;
    std::vector<std::string> names;
    for (int monitor = 0; monitor < most_monitors; ++monitor)
        names.push_back(profile_property(monitor));
    atoms_ = intern(x->connection(), names);
    qGuiApp->installNativeEventFilter(this); // Qt asks for the root window's changes itself
}

bool ScreenProfileWatch::nativeEventFilter(const QByteArray& type, void* message, qintptr*) {
    if (type != "xcb_generic_event_t" ||
        (static_cast<const xcb_generic_event_t*>(message)->response_type & ~0x80) != XCB_PROPERTY_NOTIFY)
        return false;
    const xcb_atom_t atom = static_cast<const xcb_property_notify_event_t*>(message)->atom;
    if (std::find(atoms_.begin(), atoms_.end(), atom) != atoms_.end())
        emit changed();
    return false; // others may want it too
}

Result<ScreenColor> screen_color(const QString& setting, QPoint corner) {
    if (setting == QStringLiteral("srgb"))
        return ScreenColor();
    if (setting.isEmpty()) {
        const bool x11 = QGuiApplication::platformName() == QStringLiteral("xcb");
        const QByteArray icc = x11 ? x11_screen_profile(corner) : QByteArray();
        return icc.isEmpty() ? ScreenColor() : ScreenColor::create(icc, "What the system gives");
    }
    QFile file(setting);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorKind::Input,
                    "The screen's profile {} cannot be read, so colours are shown as sRGB; choose another in "
                    "the settings.",
                    setting.toStdString());
    return ScreenColor::create(file.read(largest_profile), setting.toStdString());
}

} // namespace c2c::ui
