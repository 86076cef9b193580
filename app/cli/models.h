#pragma once

#include "app/cli/options.h"
#include "core/base/progress.h"

#include <filesystem>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace c2c::cli {

struct ModelsFlags {
    std::vector<std::filesystem::path> places; ///< of add
    std::string name;                          ///< of add, remove and fetch; a folder too for check
    std::filesystem::path folder;              ///< of random and fetch
    EngineFlags engine;                        ///< of prepare
    std::string source;                        ///< of fetch
    std::filesystem::path sha256_list;
    std::string like = "sdxl-turbo", precision = "bf16";
    bool tiny = false, overwrite = false, json = false, full = false, urls = false;
    CLI::App* add = nullptr;
    CLI::App* list = nullptr;
    CLI::App* check = nullptr;
    CLI::App* remove = nullptr;
    CLI::App* random = nullptr;
    CLI::App* fetch = nullptr;
    CLI::App* prepare = nullptr;
};

/// The subcommand "models" and its own.
CLI::App* add_models(CLI::App& app, ModelsFlags& flags);
int run_models(const ModelsFlags& flags, const StopToken& stop);

} // namespace c2c::cli
