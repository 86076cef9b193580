#include "core/aging/memory_rungs.h"

#include "core/base/memory.h"

namespace fs = std::filesystem;

namespace c2c {

Result<void> Networks::stand_on(Memory wanted) {
    // On a CPU an age takes so long that opening a network again, out of the system's cache, does not count;
    // nor does the LoRA beside the layers (0.2 of 30 s at full size), while merging it takes 2 s and 2 GB.
    const bool roomy = wanted < Memory::Frugal && !on_cpu;
    texts->keep_encoders(roomy);
    vision.keep(roomy);
    backbone.keep(roomy);
    face_project.keep(roomy);
    clip_project.keep(roomy);
    if (wanted >= Memory::Least) {
        tile = 32;
        unet = unet.in_slices();
    }
    rung = wanted;
    unet_lora.reset(); // the merged weights go before anything else is made
    if (!lora) {
        unet_lora = unet;
        return {};
    }
    C2C_TRY(unet_lora, roomy ? unet.with_lora(*lora) : unet.with_lora_beside(*lora));
    return {};
}

Result<bool> Networks::step_down() {
    while (rung != Memory::Least) {
        const Result<void> done = stand_on(rung == Memory::Roomy ? Memory::Frugal : Memory::Least);
        if (done)
            return true;
        if (done.error().kind != ErrorKind::Device || rung == Memory::Least)
            return tl::unexpected(done.error());
    }
    return false;
}

std::string words_of(Memory rung) {
    return rung == Memory::Frugal  ? "Memory is short: the UNet's weights are held once and the smaller "
                                     "networks are let go after use."
           : rung == Memory::Least ? "Memory is very short: the autoencoder works in tiles and attention in "
                                     "slices, and the smaller "
                                     "networks are let go after use; the picture may differ a little."
                                   : "";
}

/// All weights are counted as the files have them; a decoder's pictures and the attention's scores come on
/// top. On a CPU the first two rungs are one.
Result<Memory> choose_rung(Memory wanted, const ModelFolder& model, const nn::Placement& placement,
                           std::int64_t side) {
    if (wanted != Memory::Auto)
        return wanted;
    if (placement.device.kind != nn::Device::Kind::Cpu)
        return Memory::Roomy; // until an allocation fails
    C2C_TRY(const auto files, files_of(model));
    std::uint64_t weights = 0;
    std::error_code ignored;
    for (const fs::path& file : files)
        weights += fs::file_size(file, ignored);
    const auto pixels = static_cast<std::uint64_t>(side * side), tokens = pixels / 256;
    const std::uint64_t pictures = pixels * 128 * 4 * 6, scores = tokens * tokens * 10 * 4 * 2;
    return free_memory() > weights + pictures + scores ? Memory::Roomy : Memory::Least;
}

} // namespace c2c
