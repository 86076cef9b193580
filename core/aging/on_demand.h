#pragma once

// Private to this room: include it after Torch's headers (the precompiled header has them).

#include "core/base/result.h"

#include <malloc.h>

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace c2c {

/// A network that is loaded when it is first used and, where memory is short, let go after each use.
template <class Network> class OnDemand {
  public:
    explicit OnDemand(std::function<Result<Network>()> load) : load_(std::move(load)) {}

    /// use(network), which returns a Result; or the error of loading it.
    template <class Use> auto use(Use&& use) -> std::invoke_result_t<Use, const Network&> {
        C2C_CHECK(load());
        auto result = std::forward<Use>(use)(*network_);
        keep(keep_);
        return result;
    }

    /// Ahead of its use, so that it need not be waited for, and what is wrong with it is known early.
    Result<void> load() {
        if (!network_) {
            C2C_TRY(network_, load_());
        }
        return {};
    }

    void keep(bool keep) {
        keep_ = keep;
        if (keep || !network_)
            return;
        network_.reset();
        ::malloc_trim(0); // blocks of a few MB come from the heap, and would stay there
    }

  private:
    std::function<Result<Network>()> load_;
    std::optional<Network> network_;
    bool keep_ = true;
};

} // namespace c2c
