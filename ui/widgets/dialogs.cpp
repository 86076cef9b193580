#include "ui/widgets/dialogs.h"

#include "core/base/files.h"
#include "ui/session/watchdog.h"
#include "ui/widgets/files.h"

#include <QApplication>
#include <QDialogButtonBox>
#include <QFile>
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QScreen>
#include <QSysInfo>
#include <QTextBrowser>
#include <QThread>
#include <QVBoxLayout>

namespace c2c::ui {
namespace {

QDialogButtonBox* close_button(QDialog* dialog) {
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    return buttons;
}

} // namespace

ShortcutsDialog::ShortcutsDialog(const QMenuBar& menus, QWidget* parent) : QDialog(parent) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Keys"));
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(20);
    grid->setVerticalSpacing(5);
    grid->setColumnMinimumWidth(2, 16);
    int rows[2] = {}; // two columns of keys and words
    const auto row = [&](int column, const QString& key, const QString& what) {
        auto* name = new QLabel(key);
        name->setProperty("heading", true);
        grid->addWidget(name, rows[column], 3 * column);
        grid->addWidget(new QLabel(what), rows[column]++, 3 * column + 1);
    };
    for (const QAction* title : menus.actions())
        for (const QAction* action : title->menu()->actions()) {
            const QString words = action->text().remove(QLatin1Char('&'));
            const QString shortcut = action->shortcut().toString(QKeySequence::NativeText);
            const QString key = shortcut.isEmpty() ? words.section(QLatin1Char('\t'), 1) : shortcut;
            if (!key.isEmpty())
                row(rows[0] > 18, key, words.section(QLatin1Char('\t'), 0, 0).remove(QStringLiteral(" …")));
        }
    row(1, tr("Shift ← →"), tr("Ten years"));
    row(1, tr("Alt ← →"), tr("A tenth of a year"));
    row(1, tr("\\ (hold)"), tr("The original"));
    row(1, tr(", ."), tr("Move the wipe's line"));
    row(1, tr("Ctrl ← → ↑ ↓"), tr("Move the photo"));
    row(1, tr("Ctrl drag"), tr("Move the photo while painting"));
    row(1, tr("Wheel, double click"), tr("Zoom at the pointer"));
    row(1, tr("Shift click"), tr("On the strip: compare with that age"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 22, 24, 18);
    column->setSpacing(18);
    column->addLayout(grid);
    column->addWidget(close_button(this));
}

AboutDialog::AboutDialog(const Session& session, QWidget* parent) : QDialog(parent) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("About Cradle2Cane"));
    auto* text = new QTextBrowser;
    text->setOpenExternalLinks(true);
    text->setFrameShape(QFrame::NoFrame);
    text->setAccessibleName(windowTitle());
    QString body =
        tr("# Cradle2Cane %1\n\nOne photo, every age from 0 to 100, on your own computer. Nothing is sent "
           "anywhere.\n\nApache License 2.0. Built on Qt, LibTorch, OpenCV, dlib, OpenImageIO, Exiv2 and "
           "LittleCMS, under their own licences.\n\n")
            .arg(QApplication::applicationVersion());
    if (const auto& model = session.model()) {
        body += tr("## Model in use: %1 %2\n\nLicence: %3. %4\n\n")
                    .arg(model->name, model->version, model->licence, model->licence_note);
        const auto folder = model->folder.empty() ? models_dir() / "nano" : model->folder;
        if (QFile card(text_of(folder / "README.md")); card.open(QIODevice::ReadOnly))
            body += QString::fromUtf8(card.read(100'000));
    }
    text->setMarkdown(body);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(22, 20, 22, 18);
    column->addWidget(text);
    column->addWidget(close_button(this));
    resize(640, 560);
}

QString diagnostics(const Session& session) {
    QStringList lines;
    lines << QStringLiteral("Cradle2Cane %1, Qt %2")
                 .arg(QApplication::applicationVersion(), QLatin1String(qVersion()));
    lines << QStringLiteral("%1, %2, %3 threads")
                 .arg(QSysInfo::prettyProductName(), QSysInfo::currentCpuArchitecture())
                 .arg(QThread::idealThreadCount());
    if (const QScreen* screen = QGuiApplication::primaryScreen())
        lines << QStringLiteral("Screen %1 x %2, ratio %3, %4")
                     .arg(screen->size().width())
                     .arg(screen->size().height())
                     .arg(screen->devicePixelRatio())
                     .arg(QGuiApplication::platformName());
    if (const auto& model = session.model())
        lines << QStringLiteral("Model %1 %2 (%3) on %4, %5")
                     .arg(model->name, model->version, model->hash, model->device, model->precision);
    else
        lines << QStringLiteral("No model is loaded");
    if (const auto& picture = session.picture())
        lines << QStringLiteral("Photo %1 x %2, %3, %4; %5 faces")
                     .arg(picture->info.width)
                     .arg(picture->info.height)
                     .arg(picture->info.format, picture->info.depth)
                     .arg(session.faces().size());
    lines << QStringLiteral("Frames cached: %1, %2 MB")
                 .arg(session.cache().size())
                 .arg(session.cache().bytes() >> 20);
    const Watchdog::Stall& worst = Watchdog::instance().worst();
    if (Watchdog::instance().enabled())
        lines << QStringLiteral("Worst stall %1 ms in %2")
                     .arg(worst.milliseconds, 0, 'f', 1)
                     .arg(QString::fromStdString(worst.what));
    return lines.join(QLatin1Char('\n'));
}

std::filesystem::path sample_photo() {
    std::error_code ignored;
    const auto shared = models_dir().parent_path();
    for (const auto& file : {shared / "sample.jpg", shared / "tests" / "data" / "photos" / "man_38.jpg"})
        if (std::filesystem::exists(file, ignored))
            return file;
    return {};
}

} // namespace c2c::ui
