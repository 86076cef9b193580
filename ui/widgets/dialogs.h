#pragma once

#include "ui/session/session.h"

#include <QDialog>

class QMenuBar;

namespace c2c::ui {

/// All keys on one page: those that the menus name, and what is not in a menu.
class ShortcutsDialog : public QDialog {
    Q_OBJECT
  public:
    ShortcutsDialog(const QMenuBar& menus, QWidget* parent);
};

class AboutDialog : public QDialog {
    Q_OBJECT
  public:
    AboutDialog(const Session& session, QWidget* parent);
};

/// Program, system, model and photo in plain text; nothing of the photo but its size and format.
QString diagnostics(const Session& session);

/// The photo that the first start shows; empty when it is not installed.
std::filesystem::path sample_photo();

} // namespace c2c::ui
