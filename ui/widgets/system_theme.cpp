#include "ui/widgets/system_theme.h"

#include "ui/widgets/theme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

namespace c2c::ui {
namespace {

const QString service = QStringLiteral("org.freedesktop.portal.Desktop");
const QString path = QStringLiteral("/org/freedesktop/portal/desktop");
const QString interface = QStringLiteral("org.freedesktop.portal.Settings");
const QString appearance = QStringLiteral("org.freedesktop.appearance");
const QString scheme = QStringLiteral("color-scheme");

} // namespace

SystemTheme::SystemTheme(QObject* parent) : QObject(parent) {
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    // Of any sender: Qt drops those of the portal when it is named here.
    bus.connect(QString(), path, interface, QStringLiteral("SettingChanged"), this,
                SLOT(setting_changed(QString, QString, QDBusVariant)));
    QDBusMessage ask = QDBusMessage::createMethodCall(service, path, interface, QStringLiteral("Read"));
    ask.setArguments({appearance, scheme});
    auto* answer = new QDBusPendingCallWatcher(bus.asyncCall(ask), this);
    connect(answer, &QDBusPendingCallWatcher::finished, this, [this, answer] {
        if (const QDBusPendingReply<QDBusVariant> reply = *answer; reply.isValid())
            setting_changed(appearance, scheme, reply.value());
        answer->deleteLater();
    });
}

void SystemTheme::setting_changed(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group != appearance || key != scheme)
        return;
    QVariant wish = value.variant();
    if (wish.canConvert<QDBusVariant>()) // Read wraps it once more
        wish = wish.value<QDBusVariant>().variant();
    const auto before = system_wish();
    set_system_wish(wish.toUInt() == 1 ? Theme::Dark : wish.toUInt() == 2 ? Theme::Light : Theme::System);
    if (system_wish() != before)
        emit changed();
}

} // namespace c2c::ui
