#pragma once

#include "core/base/result.h"

#include <string_view>
#include <type_traits>
#include <utility>

namespace c2c::nn {

/// The Error of the exception being handled; call it inside a catch (...) only. A missing tensor is a Model
/// error, a failed allocation on any device a Device error, anything else an Internal one with Torch's words
/// in the detail.
Error error_in_flight(std::string_view doing) noexcept;

/// Thrown to leave nested network code when a stop is asked for; guarded() makes it cancelled().
struct Stopped {};

/// Runs `body`, which may use Torch and throw, and returns its value as a Result: the border of the room.
///     return guarded("running the UNet", [&] { return forward(w, x); });
template <class Body>
auto guarded(std::string_view doing, Body&& body) -> Result<std::invoke_result_t<Body>> {
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        return tl::unexpected(error_in_flight(doing));
    }
}

} // namespace c2c::nn
