// The window. Arguments are read before Qt starts, because some decide how it starts.
#include "app/cradle2cane/engine_library.h"
#include "app/cradle2cane/quit_signals.h"
#include "app/cradle2cane/screenshot.h"
#include "core/base/log.h"
#include "ui/session/watchdog.h"
#include "ui/widgets/files.h"
#include "ui/widgets/info_panels.h"
#include "ui/widgets/main_window.h"
#include "ui/widgets/screen_profile.h"
#include "ui/widgets/settings_dialog.h"
#include "ui/widgets/system_theme.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFile>
#include <QImageReader>
#include <QLibraryInfo>
#include <QSettings>
#include <QTranslator>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>
#include <variant>

#include <xcb/xcb.h>

namespace c2c {
namespace {

struct Options {
    std::vector<std::filesystem::path> files;
    std::optional<double> age, compare_age;
    std::filesystem::path screenshot, model;
    QSize size;
    double scale = 0;
    QString theme, compare, language;
    bool watchdog = false, panel = true;
};

/// The options, or the exit code with which the program ends at once.
std::variant<Options, int> read_options(int argc, char** argv) {
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments << QFile::decodeName(argv[i]);
    QCommandLineParser parser;
    const auto option = [&](const char* name, const char* value, const char* help) {
        parser.addOption(QCommandLineOption(QLatin1String(name), QLatin1String(help), QLatin1String(value)));
    };
    const auto flag = [&](const char* name, const char* help) {
        parser.addOption(QCommandLineOption(QLatin1String(name), QLatin1String(help)));
    };
    parser.setApplicationDescription(QStringLiteral("One photo, every age from 0 to 100."));
    parser.addPositionalArgument(QStringLiteral("files"),
                                 QStringLiteral("Photos, folders, or a session (.c2c)."),
                                 QStringLiteral("[PHOTO|FOLDER|SESSION]..."));
    option("age", "N", "The age to show, 0 to 100.");
    option("model", "DIR", "Folder of another model than the built-in one.");
    option("theme", "light|dark|system", "Colours of the window.");
    option("compare", "wipe|side", "Compare with the original.");
    option("compare-age", "N", "Compare with this age instead of the original.");
    option("language", "CODE", "Language of the window, for example de.");
    option("screenshot", "FILE", "Save a picture of the window once the age has settled, and end.");
    option("size", "WxH", "Size of the window.");
    option("scale", "S", "Screen pixels a window pixel, for example 2.");
    flag("no-panel", "Hide the side panel.");
    flag("watchdog", "Log what keeps the window waiting.");
    flag("help", "This text.");
    flag("version", "The version.");
    const auto usage = [&](const QString& text) {
        std::fprintf(stderr, "%s\n", qPrintable(text));
        return static_cast<int>(ErrorKind::Usage);
    };
    if (!parser.parse(arguments))
        return usage(parser.errorText());
    const auto has = [&](const char* name) { return parser.isSet(QLatin1String(name)); };
    const auto value = [&](const char* name) { return parser.value(QLatin1String(name)); };
    if (has("help")) {
        std::printf("%s", qPrintable(parser.helpText()));
        return 0;
    }
    if (has("version")) {
        std::printf("Cradle2Cane %s\n", C2C_VERSION);
        return 0;
    }
    Options options;
    for (const QString& file : parser.positionalArguments())
        options.files.push_back(std::filesystem::absolute(ui::path_of(file)));
    const auto number = [&](const char* name, std::optional<double>& into) {
        bool ok = true;
        if (has(name)) {
            const double age = value(name).toDouble(&ok);
            ok = ok && age >= 0 && age <= 100;
            into = age;
        }
        return ok;
    };
    if (!number("age", options.age) || !number("compare-age", options.compare_age))
        return usage(QStringLiteral("An age is a number from 0 to 100, for example --age 70."));
    if (has("size")) {
        const QStringList sides = value("size").split(QLatin1Char('x'));
        options.size = sides.size() == 2 ? QSize(sides[0].toInt(), sides[1].toInt()) : QSize();
        if (options.size.width() < 100 || options.size.height() < 100 || options.size.width() > 16'384 ||
            options.size.height() > 16'384)
            return usage(QStringLiteral("--size is width and height, for example 1280x820."));
    }
    if (has("scale")) {
        options.scale = value("scale").toDouble();
        if (!(options.scale >= .5 && options.scale <= 4))
            return usage(QStringLiteral("--scale is a number from 0.5 to 4."));
    }
    options.theme = value("theme");
    if (has("theme") && options.theme != QStringLiteral("system") &&
        ui::theme_from(options.theme) == ui::Theme::System)
        return usage(QStringLiteral("--theme is light, dark or system."));
    options.compare = value("compare");
    if (has("compare") && options.compare != QStringLiteral("wipe") &&
        options.compare != QStringLiteral("side"))
        return usage(QStringLiteral("--compare is wipe or side."));
    options.language = value("language");
    options.screenshot = ui::path_of(value("screenshot"));
    if (has("model"))
        options.model = std::filesystem::absolute(ui::path_of(value("model")));
    options.watchdog = has("watchdog");
    options.panel = !has("no-panel");
    if (!options.screenshot.empty() && options.files.empty())
        return usage(QStringLiteral("--screenshot needs a photo."));
    if (!options.screenshot.empty() && ui::photos_in(options.files).empty()) {
        usage(QStringLiteral("There is no photo in %1; name one.").arg(ui::text_of(options.files.front())));
        return static_cast<int>(ErrorKind::Input);
    }
    return options;
}

/// Asked here because Qt aborts where the display that DISPLAY names is not there.
bool has_display() {
    if (qEnvironmentVariableIsSet("WAYLAND_DISPLAY") || qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        return true;
    xcb_connection_t* const server = xcb_connect(nullptr, nullptr);
    const bool there = xcb_connection_has_error(server) == 0;
    xcb_disconnect(server);
    return there;
}

/// The session waits for its inference thread, which stops at its next check: at once, but for a large model
/// that is being read. Nobody is made to wait for that: all that is kept is on the disk by then.
void leave_in_time(int code) {
    std::thread([code] {
        std::this_thread::sleep_for(std::chrono::seconds(3));
        std::_Exit(code);
    }).detach();
}

int run(int argc, char** argv) {
    const auto started = std::chrono::steady_clock::now();
    auto read = read_options(argc, argv);
    if (const int* code = std::get_if<int>(&read))
        return *code;
    const Options& options = std::get<Options>(read);
    const bool picture = !options.screenshot.empty();
    if (picture) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    } else if (!has_display()) {
        std::fprintf(stderr,
                     "There is no display here, so the window cannot open. Age a photo on the command line "
                     "instead:\n  cradle2cane-cli portrait.jpg --age 70\n");
        return static_cast<int>(ErrorKind::Usage);
    }
    if (options.scale > 0)
        qputenv("QT_SCALE_FACTOR", QByteArray::number(options.scale));
    init_log(options.watchdog ? LogLevel::Debug : LogLevel::Warning);

    ui::Watched<QApplication> application(argc, argv);
    std::function<void()> quit = [] { QApplication::exit(); }; // until there is a window to close
    on_quit_signal(&application, [&quit] { quit(); });
    QApplication::setOrganizationName(QStringLiteral("cradle2cane"));
    QApplication::setApplicationName(QStringLiteral("cradle2cane"));
    QApplication::setApplicationVersion(QStringLiteral(C2C_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("cradle2cane"));
    QImageReader::setAllocationLimit(0); // thumbnails of large photos; they are read scaled down
    ui::Watchdog::instance().enable(options.watchdog);

    QTranslator own, qt;
    const QString language = options.language.isEmpty() ? ui::language_setting() : options.language;
    const QLocale locale = language.isEmpty() ? QLocale() : QLocale(language);
    QLocale::setDefault(locale);
    if (own.load(locale, QStringLiteral("cradle2cane"), QStringLiteral("_"), QStringLiteral(":/i18n")))
        QApplication::installTranslator(&own);
    if (qt.load(locale, QStringLiteral("qtbase"), QStringLiteral("_"),
                QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QApplication::installTranslator(&qt);

    const auto apply_theme = [&] {
        const QString theme =
            options.theme.isEmpty() ? QSettings().value(QStringLiteral("theme")).toString() : options.theme;
        ui::apply_theme(application, ui::theme_from(theme));
    };
    const QString wish = QStringLiteral("desktop_theme"); // as last heard, so that the window opens in it
    ui::set_system_wish(ui::theme_from(QSettings().value(wish).toString()));
    apply_theme();

    ui::Session session(load_engine);
    ui::ModelChoice model = picture ? ui::ModelChoice{} : ui::ModelPanel::remembered();
    if (!options.model.empty())
        model.folder = options.model;
    if (!(model == ui::ModelChoice{}))
        session.load_model(model);
    const auto recovery = picture ? std::filesystem::temp_directory_path() / "cradle2cane-screenshot"
                                  : ui::Recovery::default_folder();
    ui::MainWindow window(session, recovery);
    ui::ScreenProfileWatch profiles;
    if (!picture) {
        window.use_screen_profile();
        QObject::connect(&profiles, &ui::ScreenProfileWatch::changed, &window,
                         &ui::MainWindow::use_screen_profile);
    }
    if (options.size.isValid() || picture) // the off-screen platform's screen is small
        window.resize(options.size.isValid() ? options.size : QSize(1280, 820));
    if (picture || !options.panel)
        window.set_panel_shown(options.panel);
    if (!options.compare.isEmpty())
        window.set_compare(options.compare == QStringLiteral("wipe") ? ui::Compare::Wipe : ui::Compare::Side);
    QObject::connect(&session, &ui::Session::faces_changed, &window, [&, age = options.age]() mutable {
        if (age && session.has_face()) // for the first photo
            QTimer::singleShot(0, &window,
                               [&, years = *std::exchange(age, std::nullopt)] { session.set_age(years); });
        if (options.compare_age && session.has_face())
            QTimer::singleShot(0, &window, [&] { window.compare_with(options.compare_age); });
    });
    std::optional<Screenshot> screenshot;
    if (picture)
        screenshot.emplace(session, window, options.screenshot);
    quit = [&] { window.close(); };
    window.show();
    QApplication::processEvents(); // on the screen before anything is read
    const std::chrono::duration<double, std::milli> shown = std::chrono::steady_clock::now() - started;
    log_info("The window is shown after {:.0f} ms", shown.count());
    window.open(options.files);
    std::optional<ui::SystemTheme> system;
    if (!picture) {
        window.offer_recovery();
        window.tidy_cache();
        QObject::connect(&system.emplace(), &ui::SystemTheme::changed, &window, [&] {
            QSettings().setValue(wish, ui::name_of(ui::system_wish()));
            apply_theme();
        });
    }
    const int code = QApplication::exec();
    leave_in_time(code);
    if (options.watchdog)
        ui::Watchdog::instance().log_worst();
    return code;
}

} // namespace
} // namespace c2c

int main(int argc, char** argv) {
    return c2c::run(argc, argv);
}
