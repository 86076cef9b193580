#include "core/weights/registry.h"
#include "tests/session/screen.h"
#include "tests/widgets/rig.h"
#include "ui/widgets/info_panels.h"
#include "ui/widgets/screen_profile.h"
#include "ui/widgets/settings_dialog.h"
#include "ui/widgets/system_theme.h"

#include <QDialogButtonBox>
#include <QMenu>

#include <fstream>

using namespace c2c;
using namespace c2c::ui;
using test::wait_for;
using test::WindowRig;

namespace {

template <class Widget> Widget* named(QWidget& parent, const char* name) {
    for (Widget* widget : parent.findChildren<Widget*>())
        if (widget->accessibleName() == QLatin1String(name))
            return widget;
    return nullptr;
}

QPushButton* ok_of(QDialog& dialog) {
    return dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
}

void write(const std::filesystem::path& file, const QByteArray& bytes) {
    std::ofstream(file, std::ios::binary).write(bytes.constData(), bytes.size());
}

} // namespace

TEST_CASE("The screen's profile of the settings changes what is seen as lcms2 says, none changes nothing",
          "[settings]") {
    WindowRig w;
    Session& session = w.rig.session;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    Canvas& canvas = w.window->canvas();
    canvas.actual_size();
    const QPointF place(session.faces()[0].face.box.x + 20, session.faces()[0].face.box.y + 20);
    const auto seen = [&] {
        return canvas.grab().toImage().pixelColor(canvas.viewport().to_view(place).toPoint());
    };
    const QColor aged = test::FakeEngine::color(session.age(), Pass::Settled, 0);
    w.window->use_screen_profile(); // none: as it was
    REQUIRE(seen() == aged);
    const QByteArray icc = test::swapped_screen();
    write(w.home / "screen.icc", icc);
    set_screen_profile(QString::fromStdString((w.home / "screen.icc").string()));
    w.window->use_screen_profile();
    REQUIRE_FALSE(test::close_to(aged, test::on_screen(icc, aged)));
    REQUIRE(wait_for([&] { return test::close_to(seen(), test::on_screen(icc, aged)); }));
    canvas.hold_original(true);
    const QColor photo = session.picture()->srgb.pixelColor(place.toPoint());
    REQUIRE(test::close_to(seen(), test::on_screen(icc, photo)));
    canvas.hold_original(false);

    write(w.home / "screen.icc", "no profile"); // told in one sentence, and shown as sRGB
    w.window->use_screen_profile();
    REQUIRE(wait_for([&] { return w.window->messages().count() == 1 && seen() == aged; }));
    REQUIRE(w.window->messages().text().contains(QStringLiteral("screen.icc")));
}

TEST_CASE("Of several monitors the profile is that of the one the window is on", "[settings]") {
    const std::vector<QPoint> monitors = {{1920, 0}, {0, 0}, {0, 1080}}; // as Xinerama counts, not by place
    REQUIRE(profile_property(monitor_at(monitors, {1920, 0})) == "_ICC_PROFILE");
    REQUIRE(profile_property(monitor_at(monitors, {0, 0})) == "_ICC_PROFILE_1");
    REQUIRE(profile_property(monitor_at(monitors, {0, 1080})) == "_ICC_PROFILE_2");
    REQUIRE(profile_property(monitor_at(monitors, {7, 7})) == "_ICC_PROFILE"); // switched off meanwhile
    REQUIRE(profile_property(monitor_at({}, {0, 0})) == "_ICC_PROFILE");       // a server without Xinerama
}

TEST_CASE("Settings are written on OK, come back, and go by keys", "[settings]") {
    WindowRig w;
    write(w.home / "screen.icc", test::swapped_screen());
    const QString profile = QString::fromStdString((w.home / "screen.icc").string());
    {
        auto* dialog = new SettingsDialog({}, w.window.get());
        dialog->show();
        REQUIRE(wait_for([&] { return ok_of(*dialog)->isEnabled(); })); // the built-in model was looked at
        for (QWidget* widget : dialog->findChildren<QWidget*>()) {
            if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisibleTo(dialog) ||
                widget->objectName().startsWith(QStringLiteral("qt_")) || qobject_cast<QLabel*>(widget))
                continue;
            auto* button = qobject_cast<QAbstractButton*>(widget);
            INFO(widget->metaObject()->className());
            REQUIRE_FALSE((button ? button->text() : widget->accessibleName()).isEmpty());
            REQUIRE((widget->focusPolicy() & Qt::TabFocus || !widget->isEnabled()));
        }
        named<ChoiceBox>(*dialog, "Colours")->set_value(QStringLiteral("file"));
        REQUIRE_FALSE(ok_of(*dialog)->isEnabled()); // which one?
        REQUIRE_FALSE(dialog->problem().isEmpty());
        named<QLineEdit>(*dialog, "Profile of the screen")->setText(profile);
        REQUIRE(dialog->problem().isEmpty());
        named<ChoiceBox>(*dialog, "Language")->set_value(QStringLiteral("de"));
        named<ChoiceBox>(*dialog, "Device")->set_value(QStringLiteral("cpu"));
        REQUIRE(dialog->model().device == "cpu");
        for (QCheckBox* box : dialog->findChildren<QCheckBox*>())
            box->setChecked(true);
        REQUIRE(screen_profile_setting().isEmpty()); // not before OK
        ok_of(*dialog)->click();
    }
    REQUIRE(screen_profile_setting() == profile);
    REQUIRE(language_setting() == QStringLiteral("de"));
    REQUIRE(QSettings().value(QStringLiteral("export/gps")).toBool());
    SettingsDialog again({}, nullptr);
    again.setAttribute(Qt::WA_DeleteOnClose, false);
    REQUIRE(again.screen_profile() == profile);
}

TEST_CASE("The window uses the settings it is given", "[settings]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    QTest::keyClick(w.window.get(), Qt::Key_Comma, Qt::ControlModifier);
    auto* dialog = w.window->findChild<SettingsDialog*>();
    REQUIRE(dialog);
    if (const char* folder = std::getenv("C2C_SCREENSHOTS")) { // for a person
        wait_for([&] { return ok_of(*dialog)->isEnabled(); });
        dialog->grab().save(QStringLiteral("%1/settings.png").arg(QLatin1String(folder)));
    }
    named<ChoiceBox>(*dialog, "Device")->set_value(QStringLiteral("cpu"));
    REQUIRE(wait_for([&] { return ok_of(*dialog)->isEnabled(); }));
    ok_of(*dialog)->click();
    REQUIRE(wait_for([&] { return w.rig.session.model_choice().device == "cpu"; }));
    REQUIRE(ModelPanel::remembered().device == "cpu"); // it could be loaded
}

TEST_CASE("A folder that is no whole model says in words what is missing", "[settings]") {
    WindowRig w;
    ModelBox box;
    REQUIRE(wait_for([&] { return box.usable(); }));
    REQUIRE(box.folder().empty());
    const auto words_for = [&](const std::filesystem::path& folder) {
        box.set_folder(folder);
        REQUIRE(box.folder() == folder);
        REQUIRE_FALSE(box.usable()); // before it has been looked at
        REQUIRE(wait_for([&] { return !box.words().isEmpty(); }));
        return box.words();
    };
    const std::filesystem::path nano = std::filesystem::path(C2C_SOURCE_DIR) / "models/nano";
    REQUIRE(words_for(nano).contains(QStringLiteral("nano")));
    REQUIRE(box.usable());
    test::TempDir folder;
    REQUIRE(words_for(folder.path()).contains(QStringLiteral("not a model folder")));
    REQUIRE_FALSE(box.usable());
    test::TempDir half; // a UNet alone
    std::filesystem::create_directory(half / "unet");
    std::ofstream(half / "unet/config.json") << "{}";
    const QString missing = words_for(half.path());
    REQUIRE(missing.contains(QStringLiteral("text_encoder")));
    REQUIRE(missing.contains(QStringLiteral("byliutao/Cradle2Cane"))); // and where it is
    if (const char* to = std::getenv("C2C_SCREENSHOTS")) {             // for a person
        auto* dialog = new ModelDialog(half.path(), w.window.get());
        dialog->show();
        wait_for([&] { return !dialog->findChild<ModelBox*>()->words().isEmpty(); });
        dialog->grab().save(QStringLiteral("%1/model.png").arg(QLatin1String(to)));
    }
    test::TempDir cut; // nano without one of its files
    std::filesystem::copy(nano, cut.path(), std::filesystem::copy_options::recursive);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cut.path()))
        if (entry.path().extension() == ".safetensors") {
            std::filesystem::remove(entry.path());
            REQUIRE(words_for(cut.path()).contains(QString::fromStdString(entry.path().filename().string())));
            break;
        }
    REQUIRE_FALSE(box.usable());
}

TEST_CASE("The model panel says where the model lies", "[settings]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    QLabel* place = nullptr;
    for (const QLabel* title : w.window->findChildren<QLabel*>())
        if (title->text() == QStringLiteral("Lies in"))
            place = static_cast<QLabel*>(title->buddy());
    REQUIRE(place);
    const QString before = place->text();
    REQUIRE_FALSE(before.isEmpty());
    w.rig.script->short_of_memory = true;
    w.rig.session.set_age(12);
    REQUIRE(wait_for([&] { return place->text() == QStringLiteral("Memory is short."); }));
}

TEST_CASE("The model panel switches between the known models, and says whose files are gone", "[settings]") {
    namespace fs = std::filesystem;
    test::TempDir data;
    const QByteArray before = qgetenv("XDG_DATA_HOME");
    qputenv("XDG_DATA_HOME", data.path().c_str());
    const fs::path nano = fs::path(C2C_SOURCE_DIR) / "models/nano", models = registry_dir();
    fs::create_directories(models / "cut");
    fs::create_directory_symlink(nano, models / "whole");
    fs::copy_file(nano / "cradle2cane.json", models / "cut/cradle2cane.json"); // and not its files
    {
        WindowRig w;
        auto& session = w.rig.session;
        REQUIRE(wait_for([&] { return session.model().has_value(); }));
        auto* known = w.window->findChild<KnownModels*>();
        REQUIRE(known);
        const auto pick = [&](const QString& name) {
            const int index = known->findText(name);
            REQUIRE(index >= 0);
            known->setCurrentIndex(index);
            emit known->activated(index);
        };
        known->showPopup();
        REQUIRE(wait_for([&] { return known->findText(QStringLiteral("whole")) > 0; }));
        known->hidePopup();
        REQUIRE(known->currentIndex() == 0);
        pick(QStringLiteral("whole"));
        REQUIRE(wait_for([&] { return session.model()->folder == models / "whole"; }));
        REQUIRE(known->currentText() == QStringLiteral("whole"));
        pick(known->itemText(0));
        REQUIRE(wait_for([&] { return session.model()->folder.empty(); }));
        REQUIRE(known->currentIndex() == 0);

        pick(QStringLiteral("cut (files are gone)"));
        REQUIRE(known->currentIndex() == 0);
        REQUIRE(session.model_choice().folder.empty());
        const auto labels = w.window->findChildren<QLabel*>();
        REQUIRE(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
            return label->text().startsWith(QStringLiteral("cut cannot be used"));
        }));

        fs::remove(models / "whole"); // while the program runs
        known->showPopup();
        REQUIRE(wait_for([&] { return known->findText(QStringLiteral("whole")) < 0; }));
        known->hidePopup();
    }
    before.isNull() ? qunsetenv("XDG_DATA_HOME") : qputenv("XDG_DATA_HOME", before);
}

TEST_CASE("Dark and light follow the desktop while the window is open", "[settings]") {
    WindowRig w;
    apply_theme(*qApp, Theme::System);
    SystemTheme system;
    QObject::connect(&system, &SystemTheme::changed, [] { apply_theme(*qApp, Theme::System); });
    const auto wish = [&](uint value) {
        system.setting_changed(QStringLiteral("org.freedesktop.appearance"), QStringLiteral("color-scheme"),
                               QDBusVariant(value));
        QCoreApplication::processEvents();
    };
    REQUIRE(w.open(test::photo("man_38.jpg")));
    const auto around = [&] { return w.window->canvas().grab().toImage().pixelColor(2, 2).lightness(); };
    wish(2);
    REQUIRE_FALSE(colors().dark);
    REQUIRE(around() > 200);
    REQUIRE(w.window->grab().toImage().pixelColor(4, w.window->height() - 4).lightness() > 200);
    wish(1);
    REQUIRE(colors().dark);
    REQUIRE(around() < 60);
    system.setting_changed(QStringLiteral("org.gnome.desktop.interface"), QStringLiteral("color-scheme"),
                           QDBusVariant(2u)); // not this one
    REQUIRE(colors().dark);
    apply_theme(*qApp, Theme::Light); // a setting of the program's own goes before
    REQUIRE_FALSE(colors().dark);
    set_system_wish(Theme::System);
}

TEST_CASE("The other languages have all the texts of the source", "[settings]") {
    const std::filesystem::path source = C2C_SOURCE_DIR;
    test::TempDir copy;
    std::filesystem::create_directories(copy / "resources");
    std::filesystem::copy(source / "resources/i18n", copy / "resources/i18n");
    std::filesystem::create_directory_symlink(source / "ui", copy / "ui");
    REQUIRE(std::system(fmt::format("'{}'", (copy / "resources/i18n/update").string()).c_str()) == 0);
    for (const auto& entry : std::filesystem::directory_iterator(source / "resources/i18n"))
        if (entry.path().extension() == ".ts") {
            const auto read = [](const std::filesystem::path& file) {
                std::ifstream stream(file);
                return std::string(std::istreambuf_iterator<char>(stream), {});
            };
            INFO(entry.path());
            const std::string texts = read(entry.path());
            REQUIRE(texts.find("unfinished") == std::string::npos);
            const bool as_the_source = texts == read(copy / "resources/i18n" / entry.path().filename());
            REQUIRE(as_the_source); // else run resources/i18n/update and translate what is new
        }
}
