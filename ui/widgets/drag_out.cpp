#include "ui/widgets/drag_out.h"

#include "core/sequence/names.h"
#include "ui/widgets/export_dialog.h"
#include "ui/widgets/files.h"

#include <QApplication>
#include <QDir>
#include <QDrag>
#include <QMimeData>
#include <QMouseEvent>
#include <QUrl>

namespace c2c::ui {

DragOut::DragOut(Session& session, QWidget* parent) : QToolButton(parent), session_(session) {
    setText(tr("Drag out"));
    setToolTip(tr("Drag from here into a file manager or another program"));
    setFocusPolicy(Qt::NoFocus); // for the keyboard there are Copy and Export
    setCursor(Qt::OpenHandCursor);
    connect(&session_, &Session::export_changed, this, &DragOut::maybe_start);
}

void DragOut::mousePressEvent(QMouseEvent* event) {
    held_ = event->button() == Qt::LeftButton && session_.has_face();
    if (!held_ || session_.export_state().running())
        return;
    moved_ = false;
    pressed_ = event->pos();
    const std::filesystem::path source = session_.picture()->info.path;
    QString suffix = text_of(source.extension()).toLower();
    if (!QStringList{QStringLiteral(".png"), QStringLiteral(".tif"), QStringLiteral(".tiff"),
                     QStringLiteral(".exr"), QStringLiteral(".webp")}
             .contains(suffix))
        suffix = QStringLiteral(".jpg");
    const QString folder = text_of(cache_folder() / "dragged");
    QDir().mkpath(folder);
    file_ = path_of(folder) / expand_name("{stem}_age{age:03}" + suffix.toStdString(),
                                          {.stem = source.stem().string(), .age = session_.age()});
    ExportOptions options = ExportDialog::kept_options();
    options.overwrite = true;
    batch_ = session_.export_ages({{session_.age(), file_}}, options);
    setCursor(Qt::BusyCursor);
}

void DragOut::mouseMoveEvent(QMouseEvent* event) {
    if (held_ && (event->pos() - pressed_).manhattanLength() >= QApplication::startDragDistance()) {
        moved_ = true;
        maybe_start();
    }
}

void DragOut::mouseReleaseEvent(QMouseEvent*) {
    held_ = false;
    setCursor(Qt::OpenHandCursor);
}

void DragOut::maybe_start() {
    const ExportState& state = session_.export_state();
    if (!held_ || !moved_ || state.batch != batch_ || state.done != 1)
        return;
    held_ = false;
    setCursor(Qt::OpenHandCursor);
    auto* mime = new QMimeData;
    mime->setUrls({QUrl::fromLocalFile(text_of(file_))});
    auto* drag = new QDrag(this); // Qt deletes it after the drop
    drag->setMimeData(mime);
    if (const FramePtr& frame = session_.shown())
        drag->setPixmap(QPixmap::fromImage(frame->thumbnail.scaledToWidth(96, Qt::SmoothTransformation)));
    if (drag->exec(Qt::CopyAction) != Qt::IgnoreAction)
        emit dragged();
}

} // namespace c2c::ui
