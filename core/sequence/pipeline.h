#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <vector>

namespace c2c {

/// Items wait here between two stages; a full queue holds its producer back, so memory does not grow with
/// the number of frames.
template <class T> class BoundedQueue {
  public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

    /// False when stopped: the item is dropped.
    bool push(T item, const StopToken& stop) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return items_.size() < capacity_; }) || stop.stop_requested())
            return false;
        items_.push_back(std::move(item));
        changed_.notify_all();
        return true;
    }

    /// Empty when stopped, or closed and drained.
    std::optional<T> pop(const StopToken& stop) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return closed_ || !items_.empty(); }) || stop.stop_requested() ||
            items_.empty())
            return std::nullopt;
        std::optional<T> item = std::move(items_.front());
        items_.pop_front();
        changed_.notify_all();
        return item;
    }

    /// No more items will come.
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<T> items_;
    std::size_t capacity_;
    bool closed_ = false;
};

struct PipelineOptions {
    std::size_t queued = 2;   ///< items that may wait between two stages
    std::size_t encoders = 1; ///< threads of the encode stage, which is the slow one for PNG and EXR
};

namespace pipeline_detail {

/// The first error of any stage stops all of them.
class FirstError {
  public:
    explicit FirstError(std::stop_source source) : source_(std::move(source)) {}
    void set(Error error) {
        const std::lock_guard lock(mutex_);
        if (!error_)
            error_ = std::move(error);
        source_.request_stop();
    }
    const std::optional<Error>& get() const { return error_; }

  private:
    std::mutex mutex_;
    std::stop_source source_;
    std::optional<Error> error_;
};

/// A stage must not let an exception end the program.
template <class Work> auto guarded(Work&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return fail(ErrorKind::Device,
                    "The memory does not suffice for this frame; use smaller frames or fewer "
                    "--threads.");
    } catch (const std::exception& error) {
        return tl::unexpected<Error>(Error{ErrorKind::Internal,
                                           "The sequence stopped at an internal error; please report it.",
                                           error.what()});
    }
}

} // namespace pipeline_detail

/// Runs items 0 … count−1 through decode | infer | encode, overlapped, and hands each to commit:
///   decode(i) → Result<A>, on a thread of its own;      infer(i, A) → Result<B>, on the calling thread;
///   encode(i, B) → Result<C>, on `encoders` threads;     commit(i, C) → Result<void>, one at a time, in
///   order.
/// The first error wins and stops the others; all that was committed before it stays. A stop gives Cancelled.
template <class Decode, class Infer, class Encode, class Commit>
Result<void> run_pipeline(std::size_t count, Decode decode, Infer infer, Encode encode, Commit commit,
                          const PipelineOptions& options = {}, const StopToken& outer = {}) {
    using A = typename decltype(decode(std::size_t{}))::value_type;
    using B = typename decltype(infer(std::size_t{}, std::declval<A>()))::value_type;
    using C = typename decltype(encode(std::size_t{}, std::declval<B>()))::value_type;
    using pipeline_detail::guarded;

    std::stop_source source;
    const StopToken stop = source.get_token();
    const std::stop_callback forward(outer, [&] { source.request_stop(); });
    pipeline_detail::FirstError first_error(source);
    BoundedQueue<std::pair<std::size_t, A>> decoded(options.queued);
    BoundedQueue<std::pair<std::size_t, B>> inferred(options.queued);

    std::vector<std::jthread> threads; // joined at the end of the scope
    std::mutex commit_mutex;
    std::map<std::size_t, C> finished; // encoded, but an earlier one is still in work
    std::size_t next = 0;

    threads.emplace_back([&] {
        for (std::size_t i = 0; i < count && !stop.stop_requested(); ++i) {
            auto item = guarded([&] { return decode(i); });
            if (!item)
                return first_error.set(std::move(item).error());
            if (!decoded.push({i, *std::move(item)}, stop))
                return;
        }
        decoded.close();
    });
    for (std::size_t t = 0; t < std::max<std::size_t>(1, options.encoders); ++t)
        threads.emplace_back([&] {
            while (auto item = inferred.pop(stop)) {
                auto done = guarded([&] { return encode(item->first, std::move(item->second)); });
                if (!done)
                    return first_error.set(std::move(done).error());
                const std::lock_guard lock(commit_mutex);
                finished.emplace(item->first, *std::move(done));
                // What is encoded is on the disk: it is committed even if another stage has failed meanwhile.
                for (auto ready = finished.find(next); ready != finished.end(); ready = finished.find(next)) {
                    auto committed = guarded([&] { return commit(next, std::move(ready->second)); });
                    if (!committed)
                        return first_error.set(std::move(committed).error());
                    finished.erase(ready);
                    ++next;
                }
            }
        });
    while (auto item = decoded.pop(stop)) {
        auto result = guarded([&] { return infer(item->first, std::move(item->second)); });
        if (!result) {
            first_error.set(std::move(result).error());
            break;
        }
        if (!inferred.push({item->first, *std::move(result)}, stop))
            break;
    }
    inferred.close();
    threads.clear();

    if (first_error.get())
        return tl::unexpected(*first_error.get());
    if (next < count)
        return cancelled();
    return {};
}

} // namespace c2c
