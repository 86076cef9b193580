#pragma once

#include "ui/session/frame_cache.h"
#include "ui/session/inference.h"

#include <QTimer>
#include <QUndoStack>

#include <map>
#include <set>

namespace c2c::ui {

/// What undo goes back to.
struct Edit {
    Look look;
    double age = 70;
    bool operator==(const Edit&) const = default;
};

/// How far an export has come.
struct ExportState {
    int batch = 0, done = 0, failed = 0, total = 0;
    double seconds_left = -1; ///< negative: not known yet
    bool running() const { return done + failed < total; }
};

/// The document of the window: one photo, a chosen face, its look and age, and the frames made of it. No
/// widgets. The views call the verbs, and show what the signals say; nothing here blocks.
class Session : public QObject {
    Q_OBJECT
  public:
    struct Options {
        std::size_t cache_bytes = 0; ///< 0: an eighth of the memory, 1 GiB at most
        int rest_ms = 120;           ///< a slider that stands this long is at rest
        int idle_ms = 500;           ///< after this long with nothing to wait for, small faces and the strip
        bool fill = true;
    };

    explicit Session(Inference::Factory factory);
    Session(Inference::Factory factory, const Options& options, QObject* parent = nullptr);

    // Files
    void open(const std::filesystem::path& photo_or_session);
    Result<void> save(const std::filesystem::path& file);
    SessionFile snapshot() const;
    void restore(const SessionFile& session);
    void mark_saved(const SessionFile& session); ///< it is on the disk now
    /// What would be lost: looks and ages that differ from how a photo opened and were neither saved nor
    /// exported. The photo that is open first, then those that were open before it.
    std::vector<SessionFile> unsaved() const;

    // What is asked
    void set_age(double age);
    void begin_drag(); ///< all changes until end_drag are one undo step, and settle only at rest
    void end_drag();
    void set_look(const Look& look, const QString& undo_text);
    void choose_face(std::size_t face);
    void reroll();
    void load_model(const ModelChoice& choice);
    void set_screen(const ScreenColor& screen); ///< pictures in the old one's colours are made anew
    void set_zoom(double zoom); ///< screen pixels a photo pixel: no more than that is made at first
    void cancel();
    int export_ages(const std::vector<std::pair<double, std::filesystem::path>>& ages,
                    const ExportOptions& options);
    void cancel_export();
    void set_fill(bool on);
    void prepare(double age); ///< an age that is to be there soon, to compare with

    // What is there
    const PicturePtr& picture() const { return picture_; }
    const std::vector<FaceEstimate>& faces() const { return faces_; }
    bool has_face() const { return edit_.look.face < faces_.size(); }
    const Edit& edit() const { return edit_; }
    const Look& look() const { return edit_.look; }
    double age() const { return edit_.age; }
    const FramePtr& shown() const { return shown_; }
    bool settled() const; ///< what is shown is the age asked for, with both passes, whole
    const std::optional<ModelSummary>& model() const { return model_; }
    const ModelChoice& model_choice() const { return model_choice_; }
    const ExportState& export_state() const { return export_; }
    QUndoStack& undo_stack() { return undo_; }
    Inference& inference() { return inference_; }
    std::uint64_t last_job() const { return job_; }
    bool opening() const { return opening_; }

    /// A settled frame of the current look, or null.
    FramePtr cached(double age);
    /// Thumbnails of the current look by age_key; they outlive their frames. Good until another look is.
    const std::map<int, QImage>& thumbnails() const;
    std::size_t thumbnail_looks() const { return thumbnails_.size(); }
    QImage original_thumbnail() const { return original_thumbnail_; }
    const FrameCache& cache() const { return cache_; }

  signals:
    void photo_changed();
    void photo_recolored(); ///< the same photo in the colours of another screen
    void faces_changed();
    void edit_changed();
    void frame_shown(const c2c::ui::FramePtr& frame); ///< null: the original
    void meters_changed();
    void thumbnail_added(int age_key);
    void thumbnails_reset();
    void model_changed();
    void activity_changed(c2c::ui::Task task, double age);
    void progressed(double fraction, const QString& stage);
    void export_changed();
    void failed(const c2c::ui::Failure& failure);
    /// Another photo (Open) or model (Model) was asked for while pictures are written: it follows after them.
    void deferred(c2c::ui::Task task);

  private:
    friend class EditCommand;

    void push(const Edit& edit, const QString& text, int merge_key);
    void apply(const Edit& edit);
    void request_frame();
    void show(const FramePtr& frame);
    void on_activity(Task task, double age);
    void use_idle_time();
    void plan_fill();
    FrameJob job_for(double age);
    std::uint64_t id_of(const Look& look);
    void on_photo(const PicturePtr& picture);
    void on_recolored(const PicturePtr& picture);
    void on_faces(int photo, const std::vector<FaceEstimate>& faces);
    void on_more_faces(int photo, const std::vector<FaceEstimate>& faces);
    void begin_open(const std::filesystem::path& photo);
    void on_frame(const FramePtr& frame, bool filled);
    void on_measured(const FrameJob& job, const Meters& meters);
    void on_failed(const Failure& failure);
    void on_model(const ModelSummary& model);
    void export_step(bool ok);
    void forget_frames();
    void remake_original_thumbnail();
    bool defer(Task task, std::function<void()> act);
    void run_deferred();
    Look found_look(std::size_t face) const;
    bool is_unsaved() const;
    void leave_photo();

    Options options_;
    QUndoStack undo_;
    QTimer rest_timer_, idle_timer_;

    PicturePtr picture_;
    std::vector<FaceEstimate> faces_;
    std::map<std::size_t, Look> face_looks_; ///< what was set for faces that were chosen before
    Edit edit_;
    std::optional<SessionFile> restoring_; ///< applied when its photo's faces are known
    Edit saved_;
    Edit exported_;        ///< of the export in work; saved when all of it is written
    double first_age_ = 0; ///< that the photo was shown at
    struct Visited {
        SessionFile session;
        bool unsaved = false;
    };
    std::map<std::filesystem::path, Visited> visited_; ///< what was set for photos that were left
    std::map<Task, std::function<void()>> deferred_;
    std::filesystem::path opening_path_;
    std::optional<ModelSummary> model_;
    ModelChoice model_choice_;

    std::uint64_t job_ = 0;       ///< number of the latest request
    std::uint64_t shown_job_ = 0; ///< number of the request that is on the screen
    int photo_id_ = 0;
    int level_ = 0; ///< of the pyramid, that is on the screen
    bool opening_ = false;
    bool dragging_ = false;
    int drag_key_ = 0;
    bool more_faces_ = false;   ///< of the photo are still to be found
    bool fill_stopped_ = false; ///< until something is asked for
    bool fell_back_ = false;
    std::optional<int> prepared_; ///< its age_key
    FramePtr shown_;
    FrameCache cache_;
    std::vector<Look> looks_; ///< place + look_base_ = id
    std::uint64_t look_base_ = 1;
    std::map<std::uint64_t, std::map<int, QImage>> thumbnails_;
    QImage original_thumbnail_;

    ExportState export_;
    qint64 export_started_ = 0;

    Inference inference_; ///< last: nothing of the above is gone while its thread runs
};

} // namespace c2c::ui
