#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

namespace c2c {

enum class LogLevel { Debug, Info, Warning, Error };

/// Messages below `level` are dropped. The log goes to standard error and, when given, to a file as well.
void init_log(LogLevel level, const std::filesystem::path& file = {});
void log_text(LogLevel level, std::string_view text);

template <class... Args> void log_debug(fmt::format_string<Args...> text, Args&&... args) {
    log_text(LogLevel::Debug, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args> void log_info(fmt::format_string<Args...> text, Args&&... args) {
    log_text(LogLevel::Info, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args> void log_warning(fmt::format_string<Args...> text, Args&&... args) {
    log_text(LogLevel::Warning, fmt::format(text, std::forward<Args>(args)...));
}

} // namespace c2c
