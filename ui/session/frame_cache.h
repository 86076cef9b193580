#pragma once

#include "ui/session/frame.h"

#include <list>
#include <map>
#include <utility>

namespace c2c::ui {

/// Settled frames by (look, tenth of a year); when the budget is passed the least recently used leaves.
class FrameCache {
  public:
    explicit FrameCache(std::size_t budget_bytes) : budget_(budget_bytes) {}

    void put(FramePtr frame);
    FramePtr find(std::uint64_t look, int age_key); ///< marks it as used; null when absent
    bool contains(std::uint64_t look, int age_key) const;
    void clear();

    std::size_t bytes() const { return bytes_; }
    std::size_t budget() const { return budget_; }
    std::size_t size() const { return frames_.size(); }
    /// Whether one more frame, of the mean size so far, fits without another leaving.
    bool has_room() const;

  private:
    using Key = std::pair<std::uint64_t, int>;
    std::size_t budget_, bytes_ = 0;
    std::list<FramePtr> frames_; ///< most recently used first
    std::map<Key, std::list<FramePtr>::iterator> places_;
};

} // namespace c2c::ui
