// Which frame is asked for and which is shown; the cache, the strip's thumbnails.
#include "ui/session/fill_order.h"
#include "ui/session/session.h"

#include <algorithm>

namespace c2c::ui {
namespace {

constexpr std::size_t most_looks = 8; ///< of which thumbnails are kept; ten megabytes each when all are there

} // namespace

std::uint64_t Session::id_of(const Look& look) {
    const auto place = std::find(looks_.begin(), looks_.end(), look);
    const auto index = static_cast<std::uint64_t>(place - looks_.begin());
    if (place == looks_.end())
        looks_.push_back(look);
    return look_base_ + index;
}

FrameJob Session::job_for(double age) {
    return {
        ++job_, picture_->id, id_of(edit_.look), edit_.look, age, level_, faces_[edit_.look.face].face.box};
}

void Session::set_zoom(double zoom) {
    level_ = level_for(zoom);
}

void Session::request_frame() {
    idle_timer_.stop();
    rest_timer_.stop();
    if (!picture_ || !has_face())
        return;
    fill_stopped_ = false;
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
    if (frame->pass == Pass::Settled && frame->whole()) {
        cache_.put(frame);
        const int key = age_key(frame->job.age);
        thumbnails_[frame->job.look_id][key] = frame->thumbnail;
        const std::uint64_t current = id_of(edit_.look);
        if (thumbnails_.size() > most_looks) // the oldest look's leave
            if (const auto oldest = thumbnails_.begin(); oldest->first != current)
                thumbnails_.erase(oldest);
        if (frame->job.look_id == current)
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
    return shown_ && shown_->pass == Pass::Settled && shown_->whole() && shown_->job.look == edit_.look &&
           shown_->job.look_id >= look_base_ && // else another model's
           age_key(shown_->job.age) == age_key(edit_.age);
}

/// At rest is whoever waits for nothing any more. A search for faces that is not at rest would hold up the
/// age asked for next: the net that looks at a part of the photo cannot be interrupted.
void Session::on_activity(Task task, double age) {
    if (task == Task::None)
        idle_timer_.start(options_.idle_ms);
    else
        idle_timer_.stop();
    emit activity_changed(task, age);
}

void Session::use_idle_time() {
    if (more_faces_)
        inference_.find_more_faces(picture_->id);
    plan_fill();
}

void Session::plan_fill() {
    if (fill_stopped_ || !picture_ || !has_face() || idle_timer_.isActive() || dragging_)
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
    fill_stopped_ = false;
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
    emit meters_changed(); // what is shown is settled no more
}

} // namespace c2c::ui
