#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace c2c::cli {

/// One line on standard error, drawn only when that is a terminal; quiet in a pipe.
class ProgressBar {
  public:
    explicit ProgressBar(bool wanted);
    ~ProgressBar() { clear(); }
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void file(std::size_t index, std::size_t count, std::string name);
    /// `fraction` of the present file.
    void update(double fraction, std::string_view stage);
    /// Before anything else is printed.
    void clear();

  private:
    bool on_ = false;
    bool drawn_ = false;
    std::size_t index_ = 0, count_ = 1;
    std::string name_;
};

} // namespace c2c::cli
