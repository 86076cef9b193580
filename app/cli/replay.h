#pragma once

#include "app/cli/options.h"
#include "core/replay/export_options.h"

namespace CLI {
class App;
}

namespace c2c::cli {

struct ReplayFlags {
    std::vector<std::filesystem::path> sessions;
    std::string output = "./{stem}_age{age:03}.{ext}";
    std::string ages; ///< empty: each session's own
    std::optional<double> percent;
    std::optional<int> long_edge;
    ExportOptions options;
    bool strip_metadata = false, strip_gps = false, json = false;
    EngineFlags engine;
};

CLI::App* add_replay(CLI::App& app, ReplayFlags& flags);

/// Makes what the window's sessions describe, with the pixels that the window exports. Returns the exit code.
int run_replay(ReplayFlags flags, StopToken stop);

} // namespace c2c::cli
