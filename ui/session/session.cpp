#include "ui/session/session.h"

#include "ui/session/fill_order.h"

#include <QDateTime>

#include <algorithm>
#include <cmath>
#include <random>
#include <unistd.h>

namespace c2c::ui {
namespace fs = std::filesystem;

namespace {

std::size_t default_budget() {
    const auto memory =
        static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGE_SIZE));
    return std::min(memory / 8, std::size_t{1} << 30);
}

bool is_session(const fs::path& file) {
    return file.extension() == ".c2c";
}

double rounded(double age) {
    return age_of_key(age_key(age));
}

} // namespace

/// From one edit to another; changes of one drag, or with the same key, become one step.
class EditCommand : public QUndoCommand {
  public:
    EditCommand(Session& session, Edit before, Edit after, const QString& text, int key)
        : QUndoCommand(text), session_(session), before_(std::move(before)), after_(std::move(after)),
          key_(key) {}
    void undo() override { session_.apply(before_); }
    void redo() override { session_.apply(after_); }
    int id() const override { return 1; }
    bool mergeWith(const QUndoCommand* next) override {
        const auto& other = static_cast<const EditCommand&>(*next);
        if (key_ == 0 || key_ != other.key_)
            return false;
        after_ = other.after_;
        setObsolete(before_ == after_);
        return true;
    }

  private:
    Session& session_;
    Edit before_, after_;
    int key_;
};

Session::Session(Inference::Factory factory) : Session(std::move(factory), Options{}) {}

Session::Session(Inference::Factory factory, const Options& options, QObject* parent)
    : QObject(parent), options_(options),
      cache_(options.cache_bytes ? options.cache_bytes : default_budget()), inference_(std::move(factory)) {
    rest_timer_.setSingleShot(true);
    idle_timer_.setSingleShot(true);
    connect(&rest_timer_, &QTimer::timeout, &inference_, &Inference::settle_now);
    connect(&idle_timer_, &QTimer::timeout, this, &Session::plan_fill);
    connect(&inference_, &Inference::photo_opened, this, &Session::on_photo);
    connect(&inference_, &Inference::faces_found, this, &Session::on_faces);
    connect(&inference_, &Inference::frame_ready, this, &Session::on_frame);
    connect(&inference_, &Inference::measured, this, &Session::on_measured);
    connect(&inference_, &Inference::failed, this, &Session::on_failed);
    connect(&inference_, &Inference::model_loaded, this, &Session::on_model);
    connect(&inference_, &Inference::activity_changed, this, &Session::activity_changed);
    connect(&inference_, &Inference::progressed, this, &Session::progressed);
    connect(&inference_, &Inference::exported, this, [this](const ExportJob& job) {
        if (job.batch == export_.batch)
            export_step(true);
    });
    inference_.load_model(model_choice_);
}

void Session::open(const fs::path& file) {
    if (is_session(file)) {
        if (auto session = read_session(file))
            restore(*session);
        else
            emit failed({.task = Task::Open, .error = session.error()});
        return;
    }
    restoring_.reset();
    opening_path_ = file;
    opening_ = true;
    export_ = {};
    inference_.open(file, ++photo_id_);
}

void Session::restore(const SessionFile& session) {
    open(session.photo);
    restoring_ = session;
    if (ModelChoice choice = model_choice_; choice.folder != session.model) {
        choice.folder = session.model;
        load_model(choice);
    }
}

SessionFile Session::snapshot() const {
    SessionFile file;
    file.photo = picture_ ? picture_->info.path : fs::path();
    file.model = model_choice_.folder;
    file.look = edit_.look;
    file.age = edit_.age;
    if (has_face())
        file.face_box = faces_[edit_.look.face].face.box;
    return file;
}

Result<void> Session::save(const fs::path& file) const {
    if (!picture_)
        return fail(ErrorKind::Usage, "There is nothing to save yet; open a photo first.");
    return write_session(snapshot(), file);
}

void Session::on_photo(const PicturePtr& picture) {
    picture_ = picture;
    opening_ = picture->id != photo_id_;
    faces_.clear();
    face_looks_.clear();
    undo_.clear();
    prepared_.reset();
    forget_frames();
    original_thumbnail_ = {};
    shown_ = nullptr;
    emit photo_changed();
    emit faces_changed();
    emit frame_shown(nullptr);
}

void Session::on_faces(int photo, const std::vector<FaceEstimate>& faces) {
    if (!picture_ || photo != picture_->id)
        return;
    faces_ = faces;
    edit_.look = {};
    if (!faces_.empty()) {
        edit_.look.source_age = rounded(faces_[0].age);
        edit_.look.gender = faces_[0].gender;
    }
    // An age near the own one would show nothing: start with one that does.
    if (const double own = edit_.look.source_age; std::abs(edit_.age - own) < 15)
        edit_.age = own < 50 ? 70 : 30;
    if (restoring_ && restoring_->photo == picture_->info.path) {
        edit_ = {restoring_->look, rounded(restoring_->age)};
        std::vector<Box> boxes;
        for (const FaceEstimate& face : faces_)
            boxes.push_back(face.face.box);
        edit_.look.face = session_face(boxes, *restoring_).value_or(0);
    }
    restoring_.reset();
    if (has_face())
        original_thumbnail_ = make_thumbnail(*picture_, nullptr, faces_[edit_.look.face].face.box);
    emit faces_changed();
    emit edit_changed();
    emit thumbnails_reset();
    if (faces_.empty())
        emit failed(
            {.task = Task::Faces,
             .error = {ErrorKind::NoFace,
                       fmt::format("No face was found in {}; choose a photo in which a face is larger and "
                                   "seen from the front.",
                                   picture_->info.path.filename().string()),
                       {}}});
    request_frame();
}

void Session::set_age(double age) {
    Edit next = edit_;
    next.age = rounded(age);
    push(next, tr("Age"), dragging_ ? drag_key_ : 0);
}

void Session::begin_drag() {
    dragging_ = true;
    ++drag_key_;
}

void Session::end_drag() {
    dragging_ = false;
    rest_timer_.stop();
    inference_.settle_now();
}

void Session::set_look(const Look& look, const QString& undo_text) {
    Edit next = edit_;
    next.look = look;
    push(next, undo_text, dragging_ ? drag_key_ : 0);
}

void Session::choose_face(std::size_t face) {
    if (face >= faces_.size() || face == edit_.look.face)
        return;
    face_looks_[edit_.look.face] = edit_.look;
    Look look;
    if (const auto known = face_looks_.find(face); known != face_looks_.end()) {
        look = known->second;
    } else {
        look.face = face;
        look.source_age = rounded(faces_[face].age);
        look.gender = faces_[face].gender;
    }
    set_look(look, tr("Choose face"));
}

void Session::reroll() {
    Look look = edit_.look;
    look.seed = std::random_device{}() % 1'000'000; // short enough to be read out and typed
    set_look(look, tr("New variation"));
}

void Session::push(const Edit& edit, const QString& text, int merge_key) {
    if (edit == edit_)
        return;
    undo_.push(new EditCommand(*this, edit_, edit, text, merge_key)); // calls redo(), which applies it
}

void Session::apply(const Edit& edit) {
    const bool other_face = edit.look.face != edit_.look.face;
    const bool other_look = !(edit.look == edit_.look);
    edit_ = edit;
    if (other_face && has_face()) {
        original_thumbnail_ = make_thumbnail(*picture_, nullptr, faces_[edit_.look.face].face.box);
        shown_ = nullptr;
        emit frame_shown(nullptr);
    }
    emit edit_changed();
    if (other_look)
        emit thumbnails_reset();
    request_frame();
}

std::uint64_t Session::id_of(const Look& look) {
    const auto place = std::find(looks_.begin(), looks_.end(), look);
    const auto index = static_cast<std::uint64_t>(place - looks_.begin());
    if (place == looks_.end())
        looks_.push_back(look);
    return look_base_ + index;
}

FrameJob Session::job_for(double age) {
    return {++job_, picture_->id, id_of(edit_.look), edit_.look, age, faces_[edit_.look.face].face.box};
}

void Session::request_frame() {
    idle_timer_.stop();
    rest_timer_.stop();
    if (!picture_ || !has_face())
        return;
    fill_failed_ = false;
    FrameJob job = job_for(edit_.age);
    if (const FramePtr cached = cache_.find(job.look_id, age_key(edit_.age))) {
        auto renumbered = std::make_shared<Frame>(*cached); // pictures are shared, not copied
        renumbered->job.number = job.number;
        if (cached->meters)
            inference_.want_nothing();
        else
            inference_.want(job, Inference::From::Measure, Inference::Rest::Now);
        show(renumbered);
    } else {
        inference_.want(std::move(job), Inference::From::Draft,
                        dragging_ ? Inference::Rest::Later : Inference::Rest::Now);
        if (dragging_)
            rest_timer_.start(options_.rest_ms);
    }
    idle_timer_.start(options_.idle_ms);
}

/// The rule of the screen: same photo, same face, and never an older request, or a draft, after a newer one.
void Session::show(const FramePtr& frame) {
    if (frame->job.photo != picture_->id || frame->job.look.face != edit_.look.face)
        return;
    if (frame->job.number < shown_job_)
        return;
    if (shown_ && frame->job.number == shown_job_ && shown_->pass == Pass::Settled &&
        frame->pass == Pass::Draft)
        return;
    shown_ = frame;
    shown_job_ = frame->job.number;
    emit frame_shown(shown_);
    emit meters_changed();
}

void Session::on_frame(const FramePtr& frame, bool filled) {
    if (!picture_ || frame->job.photo != picture_->id || frame->job.look_id < look_base_)
        return;
    if (frame->pass == Pass::Settled) {
        cache_.put(frame);
        const int key = age_key(frame->job.age);
        thumbnails_[frame->job.look_id][key] = frame->thumbnail;
        if (frame->job.look_id == id_of(edit_.look))
            emit thumbnail_added(key);
    }
    if (filled)
        plan_fill();
    else
        show(frame);
}

void Session::on_measured(const FrameJob& job, const Meters& meters) {
    const auto measured = [&](const FramePtr& frame) {
        auto copy = std::make_shared<Frame>(*frame);
        copy->meters = meters;
        return copy;
    };
    if (const FramePtr frame = cache_.find(job.look_id, age_key(job.age)))
        cache_.put(measured(frame));
    if (shown_ && shown_->job.number == job.number) {
        shown_ = measured(shown_);
        emit meters_changed();
    }
}

bool Session::settled() const {
    return shown_ && shown_->pass == Pass::Settled && shown_->job.look == edit_.look &&
           age_key(shown_->job.age) == age_key(edit_.age);
}

void Session::plan_fill() {
    if (fill_failed_ || !picture_ || !has_face() || idle_timer_.isActive() || dragging_)
        return;
    const std::uint64_t look = id_of(edit_.look);
    std::vector<int> keys = options_.fill && cache_.has_room() ? fill_order(edit_.age) : std::vector<int>();
    if (prepared_)
        keys.insert(keys.begin(), *prepared_);
    for (const int key : keys)
        if (key != age_key(edit_.age) && !cache_.contains(look, key)) { // the age asked for is wanted already
            FrameJob job = job_for(age_of_key(key));
            job.number = 0; // never shown, so it has no place in the order
            --job_;
            inference_.fill(std::move(job));
            return;
        }
}

void Session::prepare(double age) {
    prepared_ = age_key(age);
    plan_fill();
}

void Session::set_fill(bool on) {
    options_.fill = on;
    if (on)
        plan_fill();
}

FramePtr Session::cached(double age) {
    return picture_ && has_face() ? cache_.find(id_of(edit_.look), age_key(age)) : nullptr;
}

const std::map<int, QImage>& Session::thumbnails() const {
    static const std::map<int, QImage> none;
    const auto place = std::find(looks_.begin(), looks_.end(), edit_.look);
    const auto of_look = thumbnails_.find(look_base_ + static_cast<std::uint64_t>(place - looks_.begin()));
    return place == looks_.end() || of_look == thumbnails_.end() ? none : of_look->second;
}

void Session::forget_frames() {
    cache_.clear();
    thumbnails_.clear();
    look_base_ += looks_.size(); // ids are not used twice, so that late frames of old looks are known as such
    looks_.clear();
    emit thumbnails_reset();
}

void Session::load_model(const ModelChoice& choice) {
    inference_.load_model(choice);
}

void Session::on_model(const ModelSummary& model) {
    const bool other = model_ && (model_->hash != model.hash || model_->device != model.device ||
                                  model_->precision != model.precision);
    model_ = model;
    model_choice_.folder = model.folder;
    if (other) {
        forget_frames();
        request_frame();
    }
    emit model_changed();
}

void Session::on_failed(const Failure& failure) {
    if (failure.task == Task::Export) {
        if (failure.batch == export_.batch)
            export_step(false);
        if (failure.error.kind == ErrorKind::Cancelled)
            return;
    }
    if (failure.task == Task::Fill) {
        fill_failed_ = true; // one message, not a hundred
    } else if (failure.task == Task::Open) {
        if (failure.photo != photo_id_)
            return; // a newer photo has been asked for
        opening_ = false;
        restoring_.reset();
        request_frame(); // the photo before is still there
    }
    emit failed(failure);
}

void Session::cancel() {
    inference_.cancel();
    rest_timer_.stop();
    idle_timer_.stop();
    opening_ = false;
    if (export_.running())
        cancel_export();
}

int Session::export_ages(const std::vector<std::pair<double, fs::path>>& ages, const ExportOptions& options) {
    const int batch = export_.batch + 1;
    export_ = {.batch = batch, .total = static_cast<int>(ages.size())};
    export_started_ = QDateTime::currentMSecsSinceEpoch();
    std::vector<ExportJob> jobs;
    for (const auto& [age, target] : ages)
        jobs.push_back({batch, edit_.look, rounded(age), target, options});
    inference_.enqueue(std::move(jobs));
    emit export_changed();
    return batch;
}

void Session::export_step(bool ok) {
    ok ? ++export_.done : ++export_.failed;
    const double seconds = static_cast<double>(QDateTime::currentMSecsSinceEpoch() - export_started_) / 1000;
    const int finished = export_.done + export_.failed;
    export_.seconds_left = seconds / finished * (export_.total - finished);
    emit export_changed();
}

void Session::cancel_export() {
    inference_.cancel_exports();
    export_.total = export_.done + export_.failed;
    ++export_.batch; // what still comes of it is not counted
    emit export_changed();
}

} // namespace c2c::ui
