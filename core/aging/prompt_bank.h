#pragma once

// Private to this room: include it after Torch's headers (the precompiled header has them).

#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace c2c {

/// What texts were turned into, kept on disk so that the text encoders need not be loaded for them again:
/// $XDG_CACHE_HOME/cradle2cane/prompts/<key>/<hash of the text>.safetensors. Two programs may share it.
class PromptBank {
  public:
    /// `key` names everything that the numbers depend on.
    explicit PromptBank(const std::string& key);

    /// Bit for bit what was kept; nothing when there is none, or it is damaged or another text's.
    std::optional<std::vector<at::Tensor>> read(const std::string& text) const;
    /// fp32 tensors, kept in 16 bits where that loses nothing. A cache that cannot be written is no error: it
    /// is logged.
    void write(const std::string& text, const std::vector<at::Tensor>& tensors) const;

    std::filesystem::path file_of(const std::string& text) const;

  private:
    std::filesystem::path folder_;
};

} // namespace c2c
