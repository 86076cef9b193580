#include "core/base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace c2c {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
    case LogLevel::Debug:
        return spdlog::level::debug;
    case LogLevel::Info:
        return spdlog::level::info;
    case LogLevel::Warning:
        return spdlog::level::warn;
    case LogLevel::Error:
        return spdlog::level::err;
    }
    return spdlog::level::info;
}

} // namespace

void init_log(LogLevel level, const std::filesystem::path& file) {
    std::vector<spdlog::sink_ptr> sinks = {std::make_shared<spdlog::sinks::stderr_color_sink_mt>()};
    if (!file.empty()) {
        try {
            sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string()));
        } catch (const spdlog::spdlog_ex&) {
            // A log that cannot be written must not stop the program; standard error is left.
        }
    }
    auto logger = std::make_shared<spdlog::logger>("cradle2cane", sinks.begin(), sinks.end());
    logger->set_level(to_spdlog(level));
    logger->set_pattern("%H:%M:%S.%e %^%l%$ %v");
    spdlog::set_default_logger(std::move(logger));
}

void log_text(LogLevel level, std::string_view text) {
    spdlog::log(to_spdlog(level), "{}", text);
}

} // namespace c2c
