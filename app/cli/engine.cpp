#include "app/cli/options.h"
#include "core/base/files.h"

#include <map>

namespace c2c::cli {

Result<StudioOptions> studio_options(const EngineFlags& flags) {
    static const std::map<std::string, Precision> precisions = {{"auto", Precision::Auto},
                                                                {"fp32", Precision::Fp32},
                                                                {"bf16", Precision::Bf16},
                                                                {"fp16", Precision::Fp16}};
    StudioOptions options;
    options.model = flags.model.empty() ? models_dir() / "nano" : flags.model;
    options.face_models = models_dir() / "face";
    options.threads = flags.threads;
    options.engine.device = flags.device;
    options.engine.precision = precisions.at(flags.precision);
    return options;
}

} // namespace c2c::cli
