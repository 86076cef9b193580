#pragma once

#include "ui/session/recovery.h"
#include "ui/session/session.h"
#include "ui/widgets/canvas.h"
#include "ui/widgets/message_bar.h"

#include <QMainWindow>
#include <QTimer>

#include <functional>
#include <set>

class QActionGroup;
class QDoubleSpinBox;
class QLabel;
class QMimeData;
class QPushButton;
class QScrollArea;
class QToolButton;

namespace c2c::ui {

class AdjustPanel;
class AgeStrip;
class DragOut;
class ExportDialog;
class PhotoRail;
class SequenceDialog;
class StatusPanel;

/// The window: photo, time line, side panel. It shows what the session says and calls the session's verbs.
class MainWindow : public QMainWindow {
    Q_OBJECT
  public:
    explicit MainWindow(Session& session, std::filesystem::path recovery = Recovery::default_folder());
    ~MainWindow() override;

    void open(const std::vector<std::filesystem::path>& dropped);
    void offer_recovery(); ///< and, the first time, the sample
    void tidy_cache();     ///< of what was pasted and dragged out and is of no use any more
    void set_compare(Compare compare);
    void set_panel_shown(bool on);
    void use_screen_profile();                    ///< of the settings, from now on
    void compare_with(std::optional<double> age); ///< A; nothing: the original
    bool compare_ready() const { return !compared_ || frame_a_; }

    Canvas& canvas() { return *canvas_; }
    MessageBar& messages() { return *messages_; }
    AgeStrip& strip() { return *strip_; }

  protected:
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;

  private:
    // main_window.cpp
    QWidget* build_top();
    QWidget* build_side();
    QWidget* build_bottom();
    void connect_session();
    void refresh_edit();
    void refresh_photo();
    void refresh_a();
    void refresh_strip();
    void refresh_protect();
    void show_failure(const Failure& failure);
    void begin_drag();
    void set_age(double age);

    // main_window_actions.cpp
    enum class Needs { Nothing, Photo, Face, Faces, Work };
    void build_menus();
    QAction* add(QMenu* menu, const QString& text, const QKeySequence& keys, Needs needs,
                 std::function<void()> run);
    void refresh_actions();
    void compare_from_here();
    void next_face();
    bool move_photo(const QKeyEvent& event);
    void toggle_play();
    void stop_playing();
    void play_step();
    void type_age();
    void show_shortcuts();
    void show_about();
    void choose_model();
    void show_settings();

    // main_window_files.cpp
    void choose_photo();
    void choose_folder();
    void save_session();
    void paste();
    void take(const QMimeData& mime, const QString& if_nothing);
    void keep_and_open(const QImage& image);
    void copy();
    void show_export();
    void show_sequence();
    void remember(const std::filesystem::path& file);
    void show_sample();
    void tell_licence(const QString& more);
    void fill_recent(QMenu* menu);
    void copy_diagnostics(const QString& about);
    void autosave();
    void restore_window(); ///< as it was left
    void keep_window() const;
    void show_deferred(Task task);

    Session& session_;
    Recovery recovery_;
    QTimer autosave_timer_, play_timer_;
    bool play_up_ = true, warned_of_export_ = false;
    bool copy_asked_ = false;        ///< it follows when the picture has settled
    quint32 original_key_ = 0;       ///< scan code of the key that is held for the original
    Task task_ = Task::None;         ///< that runs
    std::optional<double> compared_; ///< A
    FramePtr frame_a_;
    std::vector<Stroke> protect_strokes_; ///< that the canvas shows
    int protect_photo_ = 0, protect_number_ = 0;
    int screens_ = 0;                 ///< that were asked for their profile
    std::filesystem::path sample_;    ///< that we showed; a user's file may be the very same one
    std::set<QString> told_licences_; ///< each is said once

    Canvas* canvas_ = nullptr;
    AgeStrip* strip_ = nullptr;
    StatusPanel* status_ = nullptr;
    AdjustPanel* adjust_ = nullptr;
    MessageBar* messages_ = nullptr;
    PhotoRail* rail_ = nullptr;
    QScrollArea* side_ = nullptr;
    QDoubleSpinBox* age_box_ = nullptr;
    QLabel *own_label_ = nullptr, *title_ = nullptr;
    QToolButton *fit_button_ = nullptr, *zoom_label_ = nullptr, *panel_button_ = nullptr;
    DragOut* drag_out_ = nullptr;
    QPushButton* export_button_ = nullptr;
    QActionGroup* compare_actions_ = nullptr;
    QAction *panel_action_ = nullptr, *play_action_ = nullptr, *fill_action_ = nullptr,
            *matte_action_ = nullptr;
    std::vector<std::pair<QAction*, Needs>> needs_;
    QMenu* recent_ = nullptr;
    ExportDialog* export_ = nullptr;
    SequenceDialog* sequence_ = nullptr;
};

} // namespace c2c::ui
