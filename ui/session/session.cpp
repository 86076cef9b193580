#include "ui/session/session.h"

#include "ui/session/fill_order.h"

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
    connect(&idle_timer_, &QTimer::timeout, this, &Session::use_idle_time);
    connect(&inference_, &Inference::photo_opened, this, &Session::on_photo);
    connect(&inference_, &Inference::photo_recolored, this, &Session::on_recolored);
    connect(&inference_, &Inference::faces_found, this, &Session::on_faces);
    connect(&inference_, &Inference::more_faces_found, this, &Session::on_more_faces);
    connect(&inference_, &Inference::frame_ready, this, &Session::on_frame);
    connect(&inference_, &Inference::measured, this, &Session::on_measured);
    connect(&inference_, &Inference::failed, this, &Session::on_failed);
    connect(&inference_, &Inference::model_loaded, this, &Session::on_model);
    connect(&inference_, &Inference::model_memory_changed, this, [this](const QString& memory) {
        if (model_)
            model_->memory = memory;
        emit model_changed();
    });
    connect(&inference_, &Inference::activity_changed, this, &Session::on_activity);
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
    if (defer(Task::Open, [this, file] { open(file); }))
        return;
    restoring_.reset();
    begin_open(file);
}

void Session::begin_open(const fs::path& photo) {
    opening_path_ = photo;
    opening_ = true;
    // A face that was chosen before may be one of those that take longer to find.
    const bool chosen = restoring_ || visited_.contains(photo) || (picture_ && picture_->info.path == photo);
    inference_.open(photo, ++photo_id_, chosen ? Faces::All : Faces::Large);
}

void Session::restore(const SessionFile& session) {
    if (defer(Task::Open, [this, session] { restore(session); }))
        return;
    restoring_ = session;
    begin_open(session.photo);
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

Result<void> Session::save(const fs::path& file) {
    if (!picture_)
        return fail(ErrorKind::Usage, "There is nothing to save yet; open a photo first.");
    const SessionFile session = snapshot();
    C2C_CHECK(write_session(session, file));
    mark_saved(session);
    return {};
}

void Session::mark_saved(const SessionFile& session) {
    const Edit saved{session.look, session.age};
    if (picture_ && session.photo == picture_->info.path)
        saved_ = saved;
    else if (const auto left = visited_.find(session.photo); left != visited_.end())
        left->second.unsaved &= !(Edit{left->second.session.look, left->second.session.age} == saved);
}

/// As a face is before anything is set.
Look Session::found_look(std::size_t face) const {
    Look look;
    look.face = face;
    look.source_age = rounded(faces_[face].age);
    look.gender = faces_[face].gender;
    return look;
}

bool Session::is_unsaved() const {
    const auto untouched = [this] { return Edit{found_look(edit_.look.face), first_age_}; };
    return has_face() && !(edit_ == saved_) && !(edit_ == untouched());
}

std::vector<SessionFile> Session::unsaved() const {
    std::vector<SessionFile> sessions;
    if (is_unsaved())
        sessions.push_back(snapshot());
    for (const auto& [photo, left] : visited_)
        if (left.unsaved && !(picture_ && photo == picture_->info.path))
            sessions.push_back(left.session);
    return sessions;
}

/// So that whoever comes back to the photo finds it as it was left.
void Session::leave_photo() {
    if (picture_ && has_face() && (undo_.count() > 0 || is_unsaved()))
        visited_[picture_->info.path] = {snapshot(), is_unsaved()};
}

void Session::on_photo(const PicturePtr& picture) {
    leave_photo();
    picture_ = picture;
    opening_ = picture->id != photo_id_;
    faces_.clear();
    more_faces_ = false;
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

void Session::set_screen(const ScreenColor& screen) {
    inference_.set_screen(screen);
}

void Session::on_recolored(const PicturePtr& picture) {
    if (!picture_ || picture->id != picture_->id)
        return;
    picture_ = picture;
    forget_frames();
    remake_original_thumbnail();
    emit photo_recolored();
    request_frame();
}

void Session::remake_original_thumbnail() {
    if (has_face())
        original_thumbnail_ = make_thumbnail(*picture_, nullptr, faces_[edit_.look.face].face.box);
}

void Session::on_faces(int photo, const std::vector<FaceEstimate>& faces) {
    if (!picture_ || photo != picture_->id)
        return;
    faces_ = faces;
    edit_.look = faces_.empty() ? Look{} : found_look(0);
    // An age near the own one would show nothing: start with one that does.
    if (const double own = edit_.look.source_age; std::abs(edit_.age - own) < 15)
        edit_.age = own < 50 ? 70 : 30;
    saved_ = edit_;
    first_age_ = edit_.age;
    if (const auto left = visited_.find(picture_->info.path); left != visited_.end() && !restoring_) {
        restoring_ = left->second.session;
        if (!left->second.unsaved)
            saved_ = {restoring_->look, rounded(restoring_->age)};
    }
    if (restoring_ && restoring_->photo == picture_->info.path) {
        edit_ = {restoring_->look, rounded(restoring_->age)};
        std::vector<Box> boxes;
        for (const FaceEstimate& face : faces_)
            boxes.push_back(face.face.box);
        edit_.look.face = session_face(boxes, *restoring_).value_or(0);
    }
    restoring_.reset();
    remake_original_thumbnail();
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
    more_faces_ = true;
    request_frame();
}

/// None of those that are there moves: they may be worked on.
void Session::on_more_faces(int photo, const std::vector<FaceEstimate>& faces) {
    if (!picture_ || photo != picture_->id)
        return;
    more_faces_ = false;
    if (faces.size() <= faces_.size())
        return;
    faces_ = faces;
    emit faces_changed();
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
    const auto known = face_looks_.find(face);
    set_look(known != face_looks_.end() ? known->second : found_look(face), tr("Choose face"));
}

void Session::reroll() {
    if (!has_face())
        return;
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
        remake_original_thumbnail();
        shown_ = nullptr;
        emit frame_shown(nullptr);
    }
    emit edit_changed();
    if (other_look)
        emit thumbnails_reset();
    request_frame();
}

void Session::load_model(const ModelChoice& choice) {
    if (defer(Task::Model, [this, choice] { load_model(choice); }))
        return;
    inference_.load_model(choice);
}

void Session::on_model(const ModelSummary& model) {
    const bool other = model_ && (model_->hash != model.hash || model_->device != model.device ||
                                  model_->precision != model.precision);
    model_ = model;
    model_choice_ = model.choice;
    if (other) {
        forget_frames();
        request_frame();
    }
    emit model_changed();
}

void Session::on_failed(const Failure& failure) {
    if (failure.task == Task::Export) {
        const bool told = failure.batch == export_.batch && export_.failed > 0;
        if (failure.batch == export_.batch)
            export_step(false);
        if (told || failure.error.kind == ErrorKind::Cancelled)
            return; // what stops one of many mostly stops them all: one sentence, and the count of them
    }
    const bool cancelled = failure.error.kind == ErrorKind::Cancelled;
    if (failure.task == Task::Model && !cancelled && !model_ && !std::exchange(fell_back_, true))
        inference_.load_model({}); // one asked for at the start is not there: the built-in one is
    if (failure.task == Task::MoreFaces)
        more_faces_ = false;
    if (failure.task == Task::Fill) {
        fill_stopped_ = true; // one message, not a hundred
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
    const bool first_model = !model_ && inference_.loading_model();
    inference_.cancel();
    if (first_model)
        inference_.load_model({}); // one that takes too long gives way to the built-in one
    rest_timer_.stop();
    fill_stopped_ = true;
    opening_ = false;
    deferred_.clear();
    if (export_.running())
        cancel_export();
}

} // namespace c2c::ui
