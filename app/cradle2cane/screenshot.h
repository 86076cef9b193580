#pragma once

#include "ui/widgets/main_window.h"

#include <QElapsedTimer>
#include <QTimer>

#include <filesystem>

namespace c2c {

/// Waits until the age has settled, was measured and the strip shows its pictures, saves the window and ends
/// the program: with 0, or with the kind of the error that stopped it. On a slow machine the strip may stay
/// unfilled, and after some minutes without a settled age the program ends with a word: no wait is endless.
class Screenshot : public QObject {
    Q_OBJECT
  public:
    Screenshot(ui::Session& session, ui::MainWindow& window, std::filesystem::path file);

  private:
    void look();
    void save();
    ui::Session& session_;
    ui::MainWindow& window_;
    std::filesystem::path file_;
    QTimer timer_;
    QElapsedTimer since_start_, since_settled_;
};

} // namespace c2c
