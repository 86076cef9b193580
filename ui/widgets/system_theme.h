#pragma once

#include <QDBusVariant>
#include <QObject>

namespace c2c::ui {

/// The desktop's wish for dark or light, asked of its portal (org.freedesktop.appearance): Qt 6.4 knows it
/// only where a plugin of the desktop is installed. Nothing waits for the answer, and there may be none.
class SystemTheme : public QObject {
    Q_OBJECT
  public:
    explicit SystemTheme(QObject* parent = nullptr);

  public slots:
    void setting_changed(const QString& group, const QString& key, const QDBusVariant& value);

  signals:
    void changed(); ///< apply_theme(System) means another theme now
};

} // namespace c2c::ui
