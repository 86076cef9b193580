#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/nn/weights.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace c2c::nn {

/// CLIP's text side as transformers has it: CLIPTextModel (SDXL's text_encoder), CLIPTextModelWithProjection
/// (text_encoder_2) and the text half of CLIPModel (the folder clip/), chosen by what the files hold. Copies
/// share their weights.
class ClipText {
  public:
    /// `folder` holds config.json and the weights. Every tensor's shape is checked.
    static Result<ClipText> load(const std::filesystem::path& folder, const Placement& placement);
    static Result<ClipText> from(const std::filesystem::path& config_json, Weights weights,
                                 Placement placement);

    /// Token ids of equal length (see Tokenizer::encode_padded) → fp32 {[B, n, width] after the last layer
    /// but one, which SDXL takes as tokens; [B, p] at the end token after the last norm, projected where
    /// there is a projection and not of unit length}. An id that the vocabulary lacks or too many tokens are
    /// Internal errors.
    Result<std::pair<at::Tensor, at::Tensor>> operator()(const std::vector<std::vector<std::int64_t>>& ids,
                                                         const StopToken& stop = {}) const;

    std::int64_t width() const;
    std::int64_t pooled_width() const;
    std::int64_t max_tokens() const;

  private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

/// Of the published spelling ("text_model.…"), with a projection where the config's "architectures" says so.
Result<Shapes> clip_text_shapes(const std::filesystem::path& config_json);

} // namespace c2c::nn
