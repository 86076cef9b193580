#pragma once

#include "tests/session/waiting.h"
#include "ui/widgets/age_strip.h"
#include "ui/widgets/main_window.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QSettings>
#include <QStandardPaths>
#include <QTest>

namespace c2c::test {

/// A window on a fake engine; settings and recovery in a folder of their own.
struct WindowRig {
    TempDir home;
    Rig rig;
    std::unique_ptr<ui::MainWindow> window;

    explicit WindowRig(QSize size = {1280, 820}, int faces = 1)
        : rig({.rest_ms = 20, .idle_ms = 5, .fill = true}, script_with(faces)) {
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString(home.path().string()));
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                           QString::fromStdString(home.path().string()));
        QCoreApplication::setOrganizationName(QStringLiteral("c2c_test"));
        QCoreApplication::setApplicationName(QString::fromStdString(home.path().filename().string()));
        ui::apply_theme(*qApp, ui::Theme::Dark);
        window = std::make_unique<ui::MainWindow>(rig.session, home / "recovery");
        window->resize(size);
        window->show();
        QCoreApplication::processEvents();
    }
    bool open(const std::filesystem::path& file) {
        window->open({file});
        return wait_for([&] {
            return rig.session.picture() && rig.session.picture()->info.path == file && rig.session.settled();
        });
    }

  private:
    static std::shared_ptr<Script> script_with(int faces) {
        auto script = std::make_shared<Script>();
        script->faces = faces;
        return script;
    }
};

} // namespace c2c::test
