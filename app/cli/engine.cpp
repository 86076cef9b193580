#include "app/cli/options.h"
#include "core/base/files.h"
#include "core/weights/registry.h"

#include <map>

namespace c2c::cli {

Result<StudioOptions> studio_options(const EngineFlags& flags) {
    static const std::map<std::string, Precision> precisions = {{"auto", Precision::Auto},
                                                                {"fp32", Precision::Fp32},
                                                                {"bf16", Precision::Bf16},
                                                                {"fp16", Precision::Fp16}};
    StudioOptions options;
    C2C_TRY(options.model, resolve_model(flags.model.empty() ? "nano" : flags.model));
    options.face_models = models_dir() / "face";
    options.threads = flags.threads;
    options.engine.device = flags.device;
    options.engine.precision = precisions.at(flags.precision);
    options.engine.memory = flags.memory == "roomy"    ? Memory::Roomy
                            : flags.memory == "frugal" ? Memory::Frugal
                            : flags.memory == "least"  ? Memory::Least
                                                       : Memory::Auto;
    MethodOptions& method = options.engine.method;
    if (!flags.svr.empty())
        method.svr = flags.svr == "off" ? -1 : std::stoi(flags.svr);
    method.rotate = flags.rotate == "paper" ? MethodOptions::Rotate::Paper : MethodOptions::Rotate::Code;
    if (flags.thresholds.size() == 2)
        method.thresholds = {flags.thresholds[0], flags.thresholds[1]};
    method.one_threshold = flags.one_threshold;
    method.lora = !flags.no_lora;
    method.vae_sample = flags.vae_sample;
    return options;
}

} // namespace c2c::cli
