#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

namespace c2c {

/// Asked between network blocks and rows of work; a stopped job returns cancelled() and leaves nothing
/// behind.
using StopToken = std::stop_token;

/// Called from the working thread with the fraction done (0..1) and the name of the stage. May be empty.
using Progress = std::function<void(double fraction, std::string_view stage)>;

inline void report(const Progress& progress, double fraction, std::string_view stage) {
    if (progress)
        progress(fraction, stage);
}

} // namespace c2c
