#pragma once

// Private to this room: include it after Torch's headers (the precompiled header has them).

#include "core/aging/on_demand.h"
#include "core/aging/texts.h"
#include "core/nn/clip_vision.h"
#include "core/nn/iresnet.h"
#include "core/nn/lora.h"
#include "core/nn/mlp.h"
#include "core/nn/unet.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace c2c {

/// What of an SDXL model stands on a rung of the memory ladder (see Memory).
struct Networks {
    nn::UNet unet;
    std::optional<nn::Lora> lora; ///< none: pass 2 runs without
    std::shared_ptr<Texts> texts;
    OnDemand<nn::ClipVision> vision;
    OnDemand<nn::IResNet> backbone;
    OnDemand<nn::Mlp> face_project, clip_project;
    bool on_cpu = true;
    Memory rung = Memory::Roomy;
    std::int64_t tile = 0;                  ///< of the autoencoder, in latent pixels; 0 is the whole picture
    std::optional<nn::UNet> unet_lora = {}; ///< pass 2's; none before stand_on, or when it failed

    /// The first rung or a lower one than before. A Device error where memory does not do for it.
    Result<void> stand_on(Memory wanted);
    /// One rung down, and on as long as memory does not do; false when there is no lower one.
    Result<bool> step_down();
};

std::string words_of(Memory rung); ///< for the user; empty for Roomy
/// The rung that is asked for, or on the CPU the one that what is free allows for pictures of `side` pixels.
Result<Memory> choose_rung(Memory wanted, const ModelFolder& model, const nn::Placement& placement,
                           std::int64_t side);

} // namespace c2c
