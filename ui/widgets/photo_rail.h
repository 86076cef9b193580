#pragma once

#include "ui/session/screen_color.h"

#include <QListWidget>

#include <filesystem>
#include <vector>

namespace c2c::ui {

/// The photos that were dropped together; hidden while there is only one.
class PhotoRail : public QListWidget {
    Q_OBJECT
  public:
    explicit PhotoRail(QWidget* parent = nullptr);
    void set_photos(const std::vector<std::filesystem::path>& photos);
    void set_screen(const ScreenColor& screen);
    void mark(const std::filesystem::path& photo); ///< the one that is open

  signals:
    void chosen(const std::filesystem::path& photo);

  private:
    void load_thumbnail(int row);
    std::vector<std::filesystem::path> photos_;
    int generation_ = 0; ///< of the list, so that late thumbnails of another one are not taken
    ScreenColor screen_;
};

} // namespace c2c::ui
