#pragma once

#include "core/aging/ager.h"

#include <cstddef>
#include <filesystem>

namespace c2c {

/// Encodes the prompts of every whole age 0..100 for both genders and keeps them on disk (see prompt_bank.h),
/// so that ageing by this model on this device in this precision does not load the text encoders. Returns how
/// many texts were not there yet. A Usage error for a model of nano's kind, which has none; else the errors
/// of Ager::load.
Result<std::size_t> prepare_prompts(const std::filesystem::path& model_folder, const EngineOptions& options,
                                    const Progress& progress = {}, const StopToken& stop = {});

} // namespace c2c
