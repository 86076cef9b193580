#pragma once

#include "app/cli/options.h"

namespace CLI {
class App;
}

namespace c2c::cli {

struct SequenceFlags {
    std::vector<std::string> inputs;
    std::vector<std::string> curves; ///< CURVE or FACE=CURVE
    std::string output = "./{stem}_aged.####.png";
    std::string delta, matte;
    std::string frames, shard;
    std::optional<std::int64_t> start;
    std::string faces = "largest";
    bool resume = false, overwrite = false, dry_run = false;
    std::optional<double> source_age;
    std::optional<std::string> gender;
    double amount = 100;
    std::string mode = "keep-detail", background = "keep";
    std::uint64_t seed = 0;
    double crossfade = 4;
    bool draft = false, matte_channel = false, measure = false, json = false, profile = false;
    std::filesystem::path protect;
    std::int64_t max_pixels = 300'000'000;
    std::string colorspace;
    std::string depth; ///< 8, 16, half, float; empty: the source's
    bool strip_metadata = false, strip_gps = false;
    int quality = 95;
    double fps = 24, crf = 0;
    std::string codec = "auto";
    EngineFlags engine;
};

CLI::App* add_sequence(CLI::App& app, SequenceFlags& flags);
int run_sequence(const SequenceFlags& flags, StopToken stop);

} // namespace c2c::cli
