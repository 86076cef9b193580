#include "app/cli/progress_bar.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace c2c::cli {

ProgressBar::ProgressBar(bool wanted) : on_(wanted && ::isatty(STDERR_FILENO)) {}

void ProgressBar::file(std::size_t index, std::size_t count, std::string name) {
    index_ = index;
    count_ = std::max<std::size_t>(count, 1);
    name_ = std::move(name);
    update(0, "reading");
}

void ProgressBar::update(double fraction, std::string_view stage) {
    if (!on_)
        return;
    const double all =
        (static_cast<double>(index_) + std::clamp(fraction, 0.0, 1.0)) / static_cast<double>(count_);
    constexpr int width = 24;
    const int full = static_cast<int>(all * width + 0.5);
    fmt::print(stderr, "\r\033[K[{:#>{}}{:.>{}}] {:3.0f} %  {}  {}", "", full, "", width - full, all * 100,
               name_, stage);
    std::fflush(stderr);
    drawn_ = true;
}

void ProgressBar::clear() {
    if (drawn_) {
        std::fputs("\r\033[K", stderr);
        std::fflush(stderr);
    }
    drawn_ = false;
}

} // namespace c2c::cli
