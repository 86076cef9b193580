#pragma once

// Private to this room: include it after Torch's headers (the precompiled header has them).

#include "core/aging/on_demand.h"
#include "core/aging/parts.h"
#include "core/aging/prompt_bank.h"
#include "core/nn/clip_text.h"
#include "core/weights/model_folder.h"
#include "core/weights/tokenizer.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace c2c {

/// Everything that the embeddings depend on: the contents of the encoders' and tokenizers' files, and what
/// computes. Files that were hashed before and have not changed are not read again.
Result<std::string> prompt_bank_key(const ModelFolder& model, const nn::Placement& placement,
                                    const StopToken& stop);

/// Everything that texts are turned into, by text and age. What was asked for once is kept, here and in the
/// bank on disk; the encoders are loaded when a text is in neither.
class Texts {
  public:
    /// `bank_key` is prompt_bank_key's; `make_room` is called before the second encoder, the large one, is
    /// opened.
    static Result<std::shared_ptr<Texts>> load(const ModelFolder& model, const nn::Placement& placement,
                                               const std::string& bank_key,
                                               const std::function<void()>& make_room);

    /// Ages between whole years are interpolated.
    Result<Prompt> prompt(Gender gender, double age, const std::string& extra);
    /// CLIP's feature of an age, of unit length.
    Result<at::Tensor> feature(double age);

    void keep_encoders(bool keep);
    std::size_t encoded() const { return encoded_; } ///< texts that an encoder had to be used for

  private:
    Texts(const ModelFolder& model, const nn::Placement& placement, Tokenizer first, Tokenizer second,
          PromptBank bank, const std::function<void()>& make_room);
    Result<Prompt> whole_prompt(Gender gender, int age, const std::string& extra);
    Result<at::Tensor> whole_feature(int age);

    Tokenizer tokenizer_, tokenizer_2_;
    nn::Placement placement_;
    PromptBank bank_;
    OnDemand<nn::ClipText> text_, text_2_, clip_;
    std::map<std::string, Prompt> prompts_;
    std::map<int, at::Tensor> features_;
    std::size_t encoded_ = 0;
};

} // namespace c2c
