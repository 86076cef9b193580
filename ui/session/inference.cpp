#include "ui/session/inference.h"

#include <QCoreApplication>
#include <QEvent>

#include <algorithm>
#include <exception>

namespace c2c::ui {

Inference::Inference(Factory factory, QObject* parent)
    : QObject(parent), factory_(std::move(factory)), thread_([this] { run(); }) {}

Inference::~Inference() {
    {
        const std::lock_guard lock(mutex_);
        quit_ = true;
        stop_.request_stop();
    }
    changed_.notify_all();
    thread_.join();
}

void Inference::stop_running(std::initializer_list<Task> tasks) {
    if (std::find(tasks.begin(), tasks.end(), running_) != tasks.end())
        stop_.request_stop();
}

void Inference::load_model(ModelChoice choice) {
    const std::lock_guard lock(mutex_);
    model_ = std::move(choice);
    stop_running({Task::Model, Task::Settle, Task::Measure, Task::Fill});
    changed_.notify_all();
}

void Inference::open(std::filesystem::path photo, int id, Faces first) {
    const std::lock_guard lock(mutex_);
    open_ = OpenRequest{std::move(photo), id, first};
    faces_.reset();
    more_faces_.reset();
    wanted_.reset();
    fill_.reset();
    exports_.clear();
    stop_running({Task::Open, Task::Faces, Task::Draft, Task::Settle, Task::Measure, Task::Export,
                  Task::MoreFaces, Task::Fill});
    changed_.notify_all();
}

void Inference::find_more_faces(int photo) {
    const std::lock_guard lock(mutex_);
    if (!open_)
        more_faces_ = photo;
    changed_.notify_all();
}

void Inference::set_screen(ScreenColor screen) {
    const std::lock_guard lock(mutex_);
    other_screen_ = !screen.changes_nothing() || !screen_.changes_nothing();
    screen_ = std::move(screen);
    changed_.notify_all();
}

ScreenColor Inference::screen() const {
    const std::lock_guard lock(mutex_);
    return screen_;
}

void Inference::want(FrameJob job, From from, Rest rest) {
    const std::lock_guard lock(mutex_);
    wanted_ = Wanted{std::move(job), from, rest == Rest::Now};
    more_faces_.reset();
    fill_.reset();
    stop_running({Task::Settle, Task::Measure, Task::MoreFaces, Task::Fill});
    changed_.notify_all();
}

void Inference::settle_now() {
    const std::lock_guard lock(mutex_);
    if (wanted_)
        wanted_->may_settle = true;
    changed_.notify_all();
}

void Inference::want_nothing() {
    const std::lock_guard lock(mutex_);
    wanted_.reset();
    fill_.reset();
    stop_running({Task::Settle, Task::Measure, Task::Fill});
}

void Inference::fill(FrameJob job) {
    const std::lock_guard lock(mutex_);
    fill_ = std::move(job);
    changed_.notify_all();
}

void Inference::enqueue(std::vector<ExportJob> jobs) {
    const std::lock_guard lock(mutex_);
    exports_.insert(exports_.end(), std::move_iterator(jobs.begin()), std::move_iterator(jobs.end()));
    stop_running({Task::Fill});
    changed_.notify_all();
}

void Inference::cancel_exports() {
    const std::lock_guard lock(mutex_);
    exports_.clear();
    stop_running({Task::Export});
}

void Inference::cancel() {
    const std::lock_guard lock(mutex_);
    open_.reset();
    wanted_.reset();
    fill_.reset();
    exports_.clear();
    const auto goes_on = {Task::Start, Task::Faces,
                          Task::MoreFaces}; // a photo is of no use without its faces
    if (std::find(goes_on.begin(), goes_on.end(), running_) == goes_on.end())
        stop_.request_stop();
}

bool Inference::exporting() const {
    const std::lock_guard lock(mutex_);
    return !exports_.empty() || running_ == Task::Export;
}

bool Inference::loading_model() const {
    const std::lock_guard lock(mutex_);
    return running_ == Task::Model;
}

bool Inference::take(Step& step) {
    std::unique_lock lock(mutex_);
    running_ = Task::None;
    bool told = false;
    for (;;) {
        if (quit_)
            return false;
        step = {};
        if (open_) {
            step.task = Task::Open;
            step.open = *std::exchange(open_, std::nullopt);
        } else if (std::exchange(other_screen_, false)) {
            step.task = Task::Screen;
        } else if (faces_) {
            step.task = Task::Faces;
            step.open = *std::exchange(faces_, std::nullopt);
        } else if (model_) {
            step.task = Task::Model;
            step.model = *std::exchange(model_, std::nullopt);
        } else if (wanted_ && wanted_->step == From::Draft) {
            step.task = Task::Draft;
            step.job = wanted_->job;
        } else if (wanted_ && wanted_->step == From::Settle && wanted_->may_settle) {
            step.task = Task::Settle;
            step.job = wanted_->job;
        } else if (!exports_.empty()) {
            step.task = Task::Export;
            step.exporting = std::move(exports_.front());
            exports_.pop_front();
        } else if (wanted_ && wanted_->step == From::Measure) {
            step.task = Task::Measure;
            step.job = wanted_->job;
        } else if (more_faces_) {
            step.task = Task::MoreFaces;
            step.open = {{}, *std::exchange(more_faces_, std::nullopt), Faces::All};
        } else if (fill_) {
            step.task = Task::Fill;
            step.job = *std::exchange(fill_, std::nullopt);
        }
        if (step.task != Task::None)
            break;
        if (!told)
            post([this] { emit activity_changed(Task::None, 0); });
        told = true;
        changed_.wait(lock);
    }
    running_ = step.task;
    stop_ = std::stop_source();
    const double age = step.task == Task::Export ? step.exporting.age : step.job.age;
    post([this, task = step.task, age] { emit activity_changed(task, age); });
    return true;
}

void Inference::run() {
    Step step{.task = Task::Start};
    try {
        auto engine = factory_();
        if (engine)
            engine_ = *std::move(engine);
        else
            report_failure(step, engine.error());
    } catch (const std::exception& exception) {
        report_failure(step,
                       {ErrorKind::Internal, "The ageing engine could not be started.", exception.what()});
    }
    while (take(step)) {
        if (!engine_) {
            drop(step.job);
            report_failure(step,
                           {ErrorKind::Model, "The ageing engine is not there; reinstall Cradle2Cane.", {}});
            continue;
        }
        try { // rooms throw nothing, but running out of memory may happen anywhere
            perform(step, stop_.get_token());
        } catch (const std::exception& exception) {
            drop(step.job);
            report_failure(
                step, {ErrorKind::Device, "There was not enough memory for this step.", exception.what()});
        }
    }
    engine_.reset();
}

void Inference::perform(const Step& step, const StopToken& stop) {
    const auto failed_or = [&](const auto& result) {
        if (!result)
            report_failure(step, result.error());
        return bool(result);
    };
    switch (step.task) {
    case Task::Open:
        return open_photo(step.open, stop);
    case Task::Screen:
        if (picture_) {
            picture_ = std::make_shared<const Picture>(
                make_picture(picture_->id, picture_->info, picture_->srgb, screen()));
            post([this, shown = picture_] { emit photo_recolored(shown); });
        }
        return;
    case Task::Faces:
    case Task::MoreFaces:
        return find_faces(step, stop);
    case Task::Model: {
        const Progress progress = [this](double fraction, std::string_view stage) {
            post([this, fraction, text = QString::fromUtf8(stage.data(), qsizetype(stage.size()))] {
                emit progressed(fraction, text);
            });
        };
        auto model = engine_->load_model(step.model, progress, stop);
        if (model) {
            model->choice = step.model;
            model_memory_ = model->memory;
        }
        if (failed_or(model))
            post([this, summary = *std::move(model)] { emit model_loaded(summary); });
        return;
    }
    case Task::Measure: {
        auto meters = engine_->measure(step.job.look, step.job.age, stop);
        if (meters || meters.error().kind != ErrorKind::Cancelled)
            drop(step.job);
        if (failed_or(meters))
            post([this, job = step.job, values = *meters] { emit measured(job, values); });
        return;
    }
    case Task::Export: {
        const ExportJob& job = step.exporting;
        const auto done = engine_->export_photo(job.look, job.age, job.target, job.options, stop);
        if (failed_or(done))
            post([this, job] { emit exported(job); });
        return tell_memory();
    }
    case Task::Draft:
    case Task::Settle:
    case Task::Fill:
        render(step, stop);
        return tell_memory();
    case Task::None:
    case Task::Start:
        return;
    }
}

void Inference::open_photo(const OpenRequest& request, const StopToken& stop) {
    auto opened = engine_->open(request.photo, stop);
    if (!opened) { // the photo before stays, and its faces may have been given up for this one
        report_failure({.task = Task::Open, .open = request}, opened.error());
        const std::lock_guard lock(mutex_);
        if (!picture_ || open_)
            return;
        if (!faces_found_)
            faces_ = OpenRequest{{}, picture_->id, Faces::All};
        return;
    }
    picture_ =
        std::make_shared<const Picture>(make_picture(request.id, opened->info, opened->pixels, screen()));
    faces_found_ = false;
    const std::lock_guard lock(mutex_);
    if (!open_)
        faces_ = request;
    post([this, shown = picture_] { emit photo_opened(shown); });
}

void Inference::find_faces(const Step& step, const StopToken& stop) {
    const bool first = step.task == Task::Faces;
    auto faces = engine_->find_faces(step.open.first, stop);
    if (!faces && faces.error().kind == ErrorKind::Cancelled)
        return;          // whoever stopped it has said what comes next
    faces_found_ = true; // or given up
    if (!faces)
        return report_failure(step, faces.error());
    post([this, first, id = step.open.id, found = *std::move(faces)] {
        first ? emit faces_found(id, found) : emit more_faces_found(id, found);
    });
}

void Inference::render(const Step& step, const StopToken& stop) {
    const FrameJob& job = step.job;
    if (!picture_ || picture_->id != job.photo)
        return drop(job); // asked for just before another photo was opened
    const bool fill = step.task == Task::Fill;
    Pass pass = step.task == Task::Draft ? Pass::Draft : Pass::Settled;
    // First as much as the view shows, which is quicker; what is settled then whole, for every view.
    for (int level = fill ? 0 : job.level;; level = 0) {
        auto region = engine_->render(job.look, job.age, pass, level, stop);
        if (!region) {
            if (region.error().kind == ErrorKind::Cancelled)
                return; // whoever stopped it has said what comes next
            drop(job);
            return report_failure(step, region.error());
        }
        pass = region->pass;
        const auto frame =
            std::make_shared<const Frame>(make_frame(*picture_, job, *std::move(region), screen()));
        post([this, frame, fill] { emit frame_ready(frame, fill); });
        if (pass == Pass::Draft || level == 0 || frame->whole())
            break;
        if (stop.stop_requested())
            return;
    }
    if (!fill)
        advance(job, pass == Pass::Settled ? From::Measure : From::Settle);
}

void Inference::tell_memory() {
    const QString memory = engine_->model_memory();
    if (memory != std::exchange(model_memory_, memory))
        post([this, memory] { emit model_memory_changed(memory); });
}

void Inference::advance(const FrameJob& job, From next) {
    const std::lock_guard lock(mutex_);
    if (wanted_ && wanted_->job.number == job.number)
        wanted_->step = next;
}

void Inference::drop(const FrameJob& job) {
    const std::lock_guard lock(mutex_);
    if (wanted_ && wanted_->job.number == job.number)
        wanted_.reset();
}

void Inference::report_failure(const Step& step, Error error) {
    if (error.kind == ErrorKind::Cancelled && step.task != Task::Export && step.task != Task::Model)
        return; // of those two something is shown that must be taken back
    Failure failure{step.task, std::move(error), step.open.id ? step.open.id : step.job.photo,
                    step.job.number, step.exporting.batch};
    post([this, failure = std::move(failure)] { emit failed(failure); });
}

// Answers cross in a box of our own: the order is kept, an answer that is not fetched dies with this object,
// and thread checkers see the mutex (they do not see into Qt's event queue).
void Inference::post(std::function<void()> answer) {
    bool wake = false;
    {
        const std::lock_guard lock(answers_mutex_);
        wake = answers_.empty();
        answers_.push_back(std::move(answer));
    }
    if (wake)
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
}

bool Inference::event(QEvent* event) {
    if (event->type() != QEvent::User)
        return QObject::event(event);
    std::vector<std::function<void()>> answers;
    {
        const std::lock_guard lock(answers_mutex_);
        answers.swap(answers_);
    }
    for (const auto& answer : answers)
        answer();
    return true;
}

} // namespace c2c::ui
