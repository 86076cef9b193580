#include "ui/widgets/screen_profile.h"

#include <QFile>
#include <QGuiApplication>
#include <QSettings>

#include <xcb/xcb.h>

#include <cstdlib>
#include <string_view>

namespace c2c::ui {
namespace {

constexpr qint64 largest_profile = 16 << 20;

struct Free {
    void operator()(void* reply) const { std::free(reply); }
};
template <class Reply> using Owned = std::unique_ptr<Reply, Free>;

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

QByteArray x11_screen_profile() {
    int number = 0;
    const std::unique_ptr<xcb_connection_t, decltype(&xcb_disconnect)> x(xcb_connect(nullptr, &number),
                                                                         xcb_disconnect);
    if (xcb_connection_has_error(x.get()))
        return {};
    auto screens = xcb_setup_roots_iterator(xcb_get_setup(x.get()));
    for (; number > 0 && screens.rem > 1; --number)
        xcb_screen_next(&screens);
    constexpr std::string_view name = "_ICC_PROFILE";
    const Owned<xcb_intern_atom_reply_t> atom(
        xcb_intern_atom_reply(x.get(), xcb_intern_atom(x.get(), 1, name.size(), name.data()), nullptr));
    if (!atom || atom->atom == XCB_ATOM_NONE || screens.rem == 0)
        return {};
    const Owned<xcb_get_property_reply_t> property(
        xcb_get_property_reply(x.get(),
                               xcb_get_property(x.get(), 0, screens.data->root, atom->atom,
                                                XCB_GET_PROPERTY_TYPE_ANY, 0, largest_profile / 4),
                               nullptr));
    if (!property || property->format != 8)
        return {};
    return {static_cast<const char*>(xcb_get_property_value(property.get())),
            xcb_get_property_value_length(property.get())};
}

Result<ScreenColor> screen_color(const QString& setting) {
    if (setting == QStringLiteral("srgb"))
        return ScreenColor();
    if (setting.isEmpty()) {
        const bool x11 = QGuiApplication::platformName() == QStringLiteral("xcb");
        const QByteArray icc = x11 ? x11_screen_profile() : QByteArray();
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
