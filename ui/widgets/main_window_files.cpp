// What goes into the window and out of it: files, drops, clipboard, recovery, settings.
#include "ui/widgets/main_window.h"

#include "core/base/files.h"
#include "core/base/log.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/export_dialog.h"
#include "ui/widgets/files.h"
#include "ui/widgets/info_panels.h"
#include "ui/widgets/photo_rail.h"
#include "ui/widgets/section.h"
#include "ui/widgets/sequence_dialog.h"

#include <QClipboard>
#include <QCloseEvent>
#include <QDateTime>
#include <QDir>
#include <QDropEvent>
#include <QFileDialog>
#include <QGuiApplication>
#include <QMenu>
#include <QMimeData>
#include <QScreen>
#include <QScrollArea>
#include <QSettings>
#include <QStandardPaths>

#include <chrono>

namespace c2c::ui {
namespace fs = std::filesystem;

namespace {

constexpr int most_recent = 10;
constexpr auto cached_for = std::chrono::hours(24 * 7);

} // namespace

void MainWindow::open(const std::vector<fs::path>& dropped) {
    if (dropped.empty())
        return;
    sample_.clear();
    in_background(
        this, [dropped] { return photos_in(dropped); },
        [this, dropped](const std::vector<fs::path>& photos) {
            if (photos.empty())
                return messages_->add(
                    {MessageBar::Kind::Note,
                     tr("There is no photo in %1.").arg(text_of(dropped.front().filename()))});
            rail_->set_photos(photos);
            session_.open(photos.front());
        });
}

void MainWindow::choose_photo() {
    const QString from = session_.picture()
                             ? text_of(session_.picture()->info.path.parent_path())
                             : QStandardPaths::writableLocation(QStandardPaths::PicturesLocation);
    const QStringList files = QFileDialog::getOpenFileNames(
        this, tr("Open"), from,
        tr("Photos and sessions (%1)")
                .arg(QStringLiteral("*.%1 *.c2c").arg(photo_suffixes().join(QStringLiteral(" *.")))) +
            QStringLiteral(";;") + tr("All files (*)"));
    std::vector<fs::path> paths;
    for (const QString& file : files)
        paths.push_back(path_of(file));
    open(paths);
}

void MainWindow::choose_folder() {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Open folder"));
    if (!folder.isEmpty())
        open({path_of(folder)});
}

void MainWindow::save_session() {
    if (!session_.picture())
        return;
    const fs::path& photo = session_.picture()->info.path;
    const fs::path proposal = folder_beside(photo) / photo.filename().replace_extension(".c2c");
    const QString file = QFileDialog::getSaveFileName(this, tr("Save session"), text_of(proposal),
                                                      tr("Cradle2Cane sessions (*.c2c)"));
    if (file.isEmpty())
        return;
    fs::path target = path_of(file);
    if (target.extension() != ".c2c")
        target += ".c2c";
    in_background(
        this, [snapshot = session_.snapshot(), target] { return keep_session(snapshot, target); },
        [this, target, snapshot = session_.snapshot()](const Result<void>& written) {
            if (written) {
                remember(target);
                session_.mark_saved(snapshot);
            } else
                show_failure({.error = written.error()});
        });
}

void MainWindow::show_export() {
    if (!export_) {
        export_ = new ExportDialog(session_, this);
        connect(export_, &ExportDialog::finished_export, this,
                [this](int done, int failed, const QString& folder) {
                    if (failed == 0)
                        messages_->add(
                            {MessageBar::Kind::Note,
                             tr("Pictures written to %1: %2.").arg(folder, QString::number(done))});
                });
    }
    export_->show();
    export_->raise();
    export_->activateWindow();
}

void MainWindow::show_sequence() {
    if (!sequence_) {
        sequence_ = new SequenceDialog(session_, this);
        connect(sequence_, &SequenceDialog::age_scrubbed, this, &MainWindow::set_age);
        connect(sequence_, &SequenceDialog::finished_sequence, this, [this](const QString& what) {
            messages_->add({MessageBar::Kind::Note, tr("The sequence is there: %1.").arg(what)});
        });
    }
    sequence_->show();
    sequence_->raise();
    sequence_->activateWindow();
}

void MainWindow::paste() {
    if (const QMimeData* mime = QGuiApplication::clipboard()->mimeData())
        take(*mime, tr("There is no picture on the clipboard."));
}

/// What was pasted or dropped: files, or else a picture.
void MainWindow::take(const QMimeData& mime, const QString& if_nothing) {
    if (const auto files = files_of(mime); !files.empty())
        return open(files);
    const QImage image = qvariant_cast<QImage>(mime.imageData());
    if (image.isNull())
        return messages_->add({MessageBar::Kind::Note, if_nothing});
    keep_and_open(image);
}

/// It becomes a file, so that everything else, recovery too, works on it as on any other photo.
void MainWindow::keep_and_open(const QImage& image) {
    const QString folder = text_of(cache_folder() / "pasted");
    const QString file =
        QStringLiteral("%1/pasted_%2.png")
            .arg(folder, QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd_hhmmss_zzz")));
    in_background(
        this, [image, folder, file] { return QDir().mkpath(folder) && image.save(file, "PNG", 80); },
        [this, file](bool saved) {
            if (saved)
                session_.open(path_of(file));
            else
                messages_->add(
                    {MessageBar::Kind::Error, tr("The pasted picture could not be kept in %1.").arg(file)});
        });
}

/// What leaves the window is settled, by the clipboard too.
void MainWindow::copy() {
    if (!session_.picture())
        return;
    copy_asked_ = session_.has_face() && !session_.settled();
    if (copy_asked_)
        return;
    in_background(
        this,
        [picture = session_.picture(), frame = session_.shown()] { return composed(*picture, frame.get()); },
        [this, aged = session_.shown() != nullptr](const QImage& image) {
            QGuiApplication::clipboard()->setImage(image);
            if (aged)
                tell_licence(tr("A copied picture carries no metadata: say so where you paste it."));
        });
}

void MainWindow::tell_licence(const QString& more) {
    const QString research = ModelPanel::research_note(session_);
    const QString text = research + QLatin1Char(' ') + more;
    if (!research.isEmpty() && told_licences_.insert(text).second)
        messages_->add({MessageBar::Kind::Note, text});
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->source() == nullptr && (event->mimeData()->hasUrls() || event->mimeData()->hasImage()))
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    event->acceptProposedAction();
    take(*event->mimeData(), tr("Only pictures and files of this computer can be dropped here."));
}

void MainWindow::remember(const fs::path& file) {
    QSettings settings;
    QStringList files = settings.value(QStringLiteral("recent")).toStringList();
    files.removeAll(text_of(file));
    files.prepend(text_of(file));
    settings.setValue(QStringLiteral("recent"), files.mid(0, most_recent));
}

void MainWindow::fill_recent(QMenu* menu) {
    menu->clear();
    const QStringList files = QSettings().value(QStringLiteral("recent")).toStringList();
    for (const QString& file : files)
        menu->addAction(QFileInfo(file).fileName(), this, [this, file] { open({path_of(file)}); })
            ->setToolTip(file);
    menu->setToolTipsVisible(true);
    menu->addSeparator();
    menu->addAction(tr("Forget these"), this, [] { QSettings().remove(QStringLiteral("recent")); })
        ->setEnabled(!files.isEmpty());
}

void MainWindow::copy_diagnostics(const QString& about) {
    QGuiApplication::clipboard()->setText(about + QLatin1Char('\n') + diagnostics(session_));
}

void MainWindow::autosave() {
    if (session_.has_face())
        recovery_.save(session_.snapshot());
}

void MainWindow::offer_recovery() {
    for (const Recovery::Found& found : recovery_.found()) {
        const QString name = text_of(found.session.photo.filename());
        messages_->add({MessageBar::Kind::Note,
                        found.kept ? tr("What you set for %1 was kept when you closed Cradle2Cane.").arg(name)
                                   : tr("Cradle2Cane ended unexpectedly while you worked on %1.").arg(name),
                        {},
                        tr("Continue"),
                        [this, found] {
                            session_.restore(found.session);
                            Recovery::discard(found);
                        },
                        [found] { Recovery::discard(found); }});
    }
    QSettings settings;
    const bool first = !settings.value(QStringLiteral("started_before"), false).toBool();
    settings.setValue(QStringLiteral("started_before"), true);
    if (first && !session_.opening() && !session_.picture())
        show_sample();
}

void MainWindow::show_sample() {
    const fs::path sample = sample_photo();
    if (sample.empty())
        return;
    sample_ = sample;
    session_.open(sample);
}

void MainWindow::tidy_cache() {
    std::vector<fs::path> recent;
    for (const QString& file : QSettings().value(QStringLiteral("recent")).toStringList())
        recent.push_back(path_of(file));
    in_background(
        this,
        [cache = cache_folder(), restored = recovery_.photos(), recent] {
            std::set<fs::path> keep = restored;
            for (const fs::path& file : recent) {
                keep.insert(file);
                if (file.extension() == ".c2c")
                    if (const auto session = read_session(file))
                        keep.insert(session->photo);
            }
            clean_cache(cache, keep, fs::file_time_type::clock::now() - cached_for);
            return true;
        },
        [](bool) {});
}

void MainWindow::show_deferred(Task task) {
    const QString text = task == Task::Model ? tr("The model changes when the pictures are written.")
                                             : tr("The photo opens when the pictures are written.");
    messages_->add(
        {MessageBar::Kind::Note, text, {}, tr("Stop writing"), [this] { session_.cancel_export(); }});
    const auto once = std::make_shared<QMetaObject::Connection>();
    *once = connect(&session_, &Session::export_changed, this, [this, text, once] {
        if (session_.export_state().running())
            return;
        messages_->remove(text);
        disconnect(*once);
    });
}

void MainWindow::restore_window() {
    const QSettings settings;
    // The frame around the window, and a panel of the desktop that Qt was not told of, take room too.
    resize(QSize(1280, 820).boundedTo(screen()->availableSize() - QSize(0, 60)));
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    set_panel_shown(settings.value(QStringLiteral("window/panel"), true).toBool());
    for (auto* section : side_->findChildren<Section*>())
        section->set_open(
            settings.value(QStringLiteral("window/") + section->objectName(), section->open()).toBool());
}

void MainWindow::keep_window() const {
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/panel"), !side_->isHidden());
    for (const auto* section : side_->findChildren<Section*>())
        settings.setValue(QStringLiteral("window/") + section->objectName(), section->open());
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (session_.export_state().running() && !std::exchange(warned_of_export_, true)) {
        const ExportState& state = session_.export_state();
        messages_->add(
            {MessageBar::Kind::Note, tr("Pictures are still being written (%1 of %2). Close again to stop.")
                                         .arg(state.done + state.failed)
                                         .arg(state.total)});
        return event->ignore();
    }
    keep_window();
    for (const SessionFile& session : session_.unsaved())
        if (const auto kept = recovery_.keep(session); !kept)
            log_warning("{}", kept.error().text);
    event->accept();
}

} // namespace c2c::ui
