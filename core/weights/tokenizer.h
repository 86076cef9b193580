#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace c2c {

/// CLIP's byte-pair tokenizer (Radford et al. 2021, after Sennrich et al. 2016), equal to transformers'
/// CLIPTokenizer 5.x: the text is brought to NFC and lower case and cut into words, whose bytes are merged in
/// the order of merges.txt. Cheap to copy; may be used from several threads.
class Tokenizer {
  public:
    static constexpr std::size_t kLength = 77; ///< tokens of a prompt in every CLIP text encoder

    /// Reads `folder`/merges.txt, vocab.json where there is one (it follows from the merges), and the pad
    /// token from tokenizer_config.json or special_tokens_map.json: <|endoftext|> in SDXL's tokenizer, "!" in
    /// its tokenizer_2. A Model error names the file that is missing or damaged.
    static Result<Tokenizer> load(const std::filesystem::path& folder);
    static Result<Tokenizer> load(const std::filesystem::path& folder, std::string_view pad_token);

    /// <|startoftext|>, the tokens of all the text, <|endoftext|>. Bytes that are not UTF-8 count as U+FFFD.
    std::vector<std::int64_t> encode(std::string_view text) const;

    /// The same cut and filled with the pad token to exactly `length`; <|endoftext|> stays.
    std::vector<std::int64_t> encode_padded(std::string_view text, std::size_t length = kLength) const;

    std::int64_t start() const;
    std::int64_t end() const;
    std::int64_t pad() const;

  private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

} // namespace c2c
