#pragma once

#include "ui/session/session.h"

#include <QToolButton>

namespace c2c::ui {

/// A handle to drag the result by, into a file manager or another program. The file is written when the
/// handle is taken; the drag begins when it is there and the pointer has moved.
class DragOut : public QToolButton {
    Q_OBJECT
  public:
    explicit DragOut(Session& session, QWidget* parent = nullptr);

  signals:
    void dragged(); ///< and dropped somewhere

  protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

  private:
    void maybe_start();
    Session& session_;
    std::filesystem::path file_;
    int batch_ = -1;
    bool held_ = false, moved_ = false;
    QPoint pressed_;
};

} // namespace c2c::ui
