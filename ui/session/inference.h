#pragma once

#include "ui/session/frame.h"

#include <QObject>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace c2c::ui {

struct ExportJob {
    int batch = 0; ///< the jobs of one export dialog
    Look look;
    double age = 0;
    std::filesystem::path target;
    ExportOptions options;
};

enum class Task { None, Start, Open, Screen, Faces, Model, Draft, Settle, Measure, Export, MoreFaces, Fill };

/// Something that could not be done; `task` says which wait it ends.
struct Failure {
    Task task = Task::None;
    Error error = {};
    int photo = 0;
    std::uint64_t job = 0;
    int batch = 0;
};

/// The one thread that calls the engine. All requests return at once; answers come as signals in the thread
/// that made this object, in the order in which they were made. Of waiting photos and ages only the latest is
/// done:
///  * a newer age replaces a waiting one; a draft that runs is finished and delivered, the rest of that age
///  is not;
///  * settling, measuring, looking for more faces and filling stop at the engine's next check when a newer
///  age arrives;
///  * a newer photo, cancel() and the destructor stop whatever runs.
class Inference : public QObject {
    Q_OBJECT
  public:
    /// Runs on the thread, so that loading the libraries of the networks does not hold up the window.
    using Factory = std::function<Result<std::unique_ptr<Engine>>()>;

    explicit Inference(Factory factory, QObject* parent = nullptr);
    ~Inference() override;

    enum class From { Draft, Settle, Measure };
    enum class Rest { Now, Later };

    void load_model(ModelChoice choice);
    /// `first`: the faces to be found before anything is made of the photo.
    void open(std::filesystem::path photo, int id, Faces first = Faces::Large);
    /// Those that take long to find, when nothing else is to do. A newer age drops this; asked for again, the
    /// search goes on where it was.
    void find_more_faces(int photo);
    /// What is made from now on is for this screen; the open photo is made anew.
    void set_screen(ScreenColor screen);
    /// An age to be seen, starting with the step named. With Rest::Later it is not settled before
    /// settle_now().
    void want(FrameJob job, From from, Rest rest);
    void settle_now();
    /// What is on the screen needs no more work; what runs for it stops as if a newer age had come.
    void want_nothing();
    /// An age for the strip when nothing else is to do; the latest replaces the one before.
    void fill(FrameJob job);
    void enqueue(std::vector<ExportJob> jobs);
    void cancel_exports();
    /// Drops all waiting work but a model and stops what runs; only the search for the faces of an open photo
    /// goes on.
    void cancel();
    bool exporting() const;
    bool loading_model() const;

  signals:
    void model_loaded(const c2c::ui::ModelSummary& model);
    void model_memory_changed(const QString& memory); ///< see ModelSummary
    void photo_opened(const c2c::ui::PicturePtr& picture);
    void photo_recolored(const c2c::ui::PicturePtr& picture);
    void faces_found(int photo, const std::vector<c2c::ui::FaceEstimate>& faces);
    /// All of them: those of faces_found come first.
    void more_faces_found(int photo, const std::vector<c2c::ui::FaceEstimate>& faces);
    void frame_ready(const c2c::ui::FramePtr& frame, bool filled);
    void measured(const c2c::ui::FrameJob& job, const c2c::ui::Meters& meters);
    void exported(const c2c::ui::ExportJob& job);
    void failed(const c2c::ui::Failure& failure);
    /// The running task; None when the thread has nothing to do.
    void activity_changed(c2c::ui::Task task, double age);
    void progressed(double fraction, const QString& stage);

  protected:
    bool event(QEvent* event) override;

  private:
    struct Wanted {
        FrameJob job;
        From step = From::Draft;
        bool may_settle = true;
    };
    struct OpenRequest {
        std::filesystem::path photo;
        int id = 0;
        Faces first = Faces::Large;
    };
    /// One thing to do, taken out of the waiting ones.
    struct Step {
        Task task = Task::None;
        FrameJob job = {};
        OpenRequest open = {};
        ModelChoice model = {};
        ExportJob exporting = {};
    };

    void run();
    bool take(Step& step); ///< waits for the next step; false at the end
    void perform(const Step& step, const StopToken& stop);
    void render(const Step& step, const StopToken& stop);
    void open_photo(const OpenRequest& request, const StopToken& stop);
    void find_faces(const Step& step, const StopToken& stop);
    void advance(const FrameJob& job, From next); ///< the wanted age, if it is still that one, goes on
    void drop(const FrameJob& job);               ///< the wanted age, if it is still that one, is done
    void tell_memory();
    ScreenColor screen() const;
    void post(std::function<void()> answer);
    void report_failure(const Step& step, Error error);
    void stop_running(std::initializer_list<Task> tasks);

    Factory factory_;
    std::unique_ptr<Engine> engine_; ///< of the thread alone
    PicturePtr picture_;             ///< likewise
    bool faces_found_ = false;       ///< likewise: of picture_
    QString model_memory_;           ///< likewise: as last told

    mutable std::mutex mutex_; ///< guards what follows
    std::condition_variable changed_;
    bool quit_ = false;
    std::optional<OpenRequest> open_;
    std::optional<OpenRequest> faces_; ///< the photo whose faces are to be found
    std::optional<int> more_faces_;    ///< id of the photo whose other faces are
    ScreenColor screen_;
    bool other_screen_ = false; ///< than picture_ was made for
    std::optional<ModelChoice> model_;
    std::optional<Wanted> wanted_;
    std::optional<FrameJob> fill_;
    std::deque<ExportJob> exports_;
    Task running_ = Task::None;
    std::stop_source stop_;

    std::mutex answers_mutex_;
    std::vector<std::function<void()>> answers_;

    std::thread thread_; ///< last: it uses all of the above
};

} // namespace c2c::ui
