#include "ui/session/frame_cache.h"

#include "ui/session/fill_order.h"

namespace c2c::ui {

void FrameCache::put(FramePtr frame) {
    const Key key{frame->job.look_id, age_key(frame->job.age)};
    if (const auto old = places_.find(key); old != places_.end()) {
        bytes_ -= (*old->second)->bytes();
        frames_.erase(old->second);
        places_.erase(old);
    }
    bytes_ += frame->bytes();
    frames_.push_front(std::move(frame));
    places_[key] = frames_.begin();
    while (bytes_ > budget_ && frames_.size() > 1) { // the newest stays, however large
        const FramePtr& last = frames_.back();
        bytes_ -= last->bytes();
        places_.erase({last->job.look_id, age_key(last->job.age)});
        frames_.pop_back();
    }
}

FramePtr FrameCache::find(std::uint64_t look, int age_key) {
    const auto place = places_.find({look, age_key});
    if (place == places_.end())
        return nullptr;
    frames_.splice(frames_.begin(), frames_, place->second);
    return frames_.front();
}

bool FrameCache::contains(std::uint64_t look, int age_key) const {
    return places_.contains({look, age_key});
}

void FrameCache::clear() {
    places_.clear();
    frames_.clear();
    bytes_ = 0;
}

bool FrameCache::has_room() const {
    return frames_.empty() || bytes_ + bytes_ / frames_.size() <= budget_;
}

} // namespace c2c::ui
