#pragma once

#include "core/aging/ager.h"
#include "core/aging/studio.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace c2c::cli {

/// What every subcommand that runs a model takes.
struct EngineFlags {
    std::string model; ///< a folder or a registered name; empty: the embedded nano
    std::string device = "auto";
    std::string precision = "auto";
    std::string memory = "auto"; ///< auto, roomy, frugal, least
    int threads = 0;             ///< 0: all cores
    // Where the paper and the published code differ, or the model's own value is overruled.
    std::string svr;             ///< off, 0, 1, 3; empty: the model's own
    std::string rotate = "code"; ///< code, paper
    std::vector<double> thresholds;
    bool one_threshold = false, no_lora = false, vae_sample = false;
};

struct AgeFlags {
    std::vector<std::string> inputs;
    std::string ages;
    std::string output = "./{stem}_age{age:03}.{ext}";
    bool overwrite = false;
    bool sheet = false;
    std::optional<double> source_age;
    std::optional<std::string> gender;
    std::string faces = "largest";
    double amount = 100;
    std::string mode = "keep-detail";
    std::string background = "keep";
    std::string prompt;
    std::uint64_t seed = 0;
    double crossfade = 4;
    bool draft = false;
    bool aligned = false;
    std::filesystem::path noise, protect;
    std::string delta, matte;
    bool json = false;
    bool profile = false;
    bool strip_metadata = false;
    bool strip_gps = false;
    int quality = 95;
    std::int64_t max_pixels = 300'000'000;
    EngineFlags engine;
};

struct InfoFlags {
    std::vector<std::string> inputs;
    bool json = false;
    std::int64_t max_pixels = 300'000'000;
};

struct BenchFlags {
    std::filesystem::path input;
    int runs = 5;
    double age = 70;
    bool json = false;
    EngineFlags engine;
};

/// Each returns the exit code.
int run_age(const AgeFlags& flags, StopToken stop);
int run_info(const InfoFlags& flags, StopToken stop);
int run_bench(const BenchFlags& flags, StopToken stop);

/// Sets torch's and OpenCV's threads once and turns the flags into what the studio takes.
Result<StudioOptions> studio_options(const EngineFlags& flags);

/// Files named, folders' photos (sorted, not deeper) and glob patterns, in the order given.
Result<std::vector<std::filesystem::path>> expand_inputs(const std::vector<std::string>& inputs);

/// "cradle2cane-cli: …" on standard error; the exit code of its kind.
int complain(const Error& error);

} // namespace c2c::cli
