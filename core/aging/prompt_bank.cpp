#include "core/aging/prompt_bank.h"

#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/sha256.h"
#include "core/nn/device.h"
#include "core/nn/torch_types.h"
#include "core/weights/safetensors.h"

#include <cstring>

namespace fs = std::filesystem;

namespace c2c {
namespace {

std::string hash_of(const std::string& text) {
    return sha256(std::as_bytes(std::span(text)));
}

std::string hash_of(const std::map<std::string, TensorView, std::less<>>& tensors) {
    std::string hashes;
    for (const auto& [name, view] : tensors)
        hashes += sha256(view.bytes);
    return hash_of(hashes);
}

/// In 16 bits where that loses nothing, as for what was computed in 16 bits: half the disk.
at::Tensor narrowed(const at::Tensor& plain) {
    for (const at::ScalarType type : {at::kBFloat16, at::kHalf})
        if (const at::Tensor half = plain.to(type); at::equal(half.to(at::kFloat), plain))
            return half.contiguous();
    return plain.contiguous();
}

} // namespace

PromptBank::PromptBank(const std::string& key) : folder_(cache_dir() / "prompts" / hash_of(key)) {}

fs::path PromptBank::file_of(const std::string& text) const {
    return folder_ / (hash_of(text) + ".safetensors");
}

std::optional<std::vector<at::Tensor>> PromptBank::read(const std::string& text) const {
    std::error_code ignored;
    const fs::path path = file_of(text);
    if (!fs::exists(path, ignored))
        return {};
    const auto file = read_safetensors(path);
    if (!file)
        return {};
    const auto words = file->metadata.find("text"), hash = file->metadata.find("sha256");
    if (words == file->metadata.end() || words->second != text || hash == file->metadata.end() ||
        hash->second != hash_of(file->tensors))
        return {};
    std::vector<at::Tensor> tensors;
    for (const auto& [name, view] : file->tensors) {
        const at::Tensor tensor = at::empty(view.shape, nn::scalar_type(view.type));
        std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
        tensors.push_back(tensor.to(at::kFloat));
    }
    return tensors;
}

void PromptBank::write(const std::string& text, const std::vector<at::Tensor>& tensors) const {
    std::vector<at::Tensor> kept;
    std::map<std::string, TensorView, std::less<>> views;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const at::Tensor& plain = kept.emplace_back(narrowed(tensors[i].to(at::kCPU, at::kFloat)));
        views[std::to_string(i)] = {plain.scalar_type() == at::kBFloat16 ? DType::BF16
                                    : plain.scalar_type() == at::kHalf   ? DType::F16
                                                                         : DType::F32,
                                    plain.sizes().vec(),
                                    {static_cast<const std::byte*>(plain.data_ptr()), plain.nbytes()}};
    }
    std::error_code ignored;
    fs::create_directories(folder_, ignored);
    const auto done = write_atomically(file_of(text), Overwrite::Yes, [&](const fs::path& temporary) {
        return write_safetensors(temporary, views, {{"text", text}, {"sha256", hash_of(views)}});
    });
    if (!done)
        log_debug("the prompt bank was not written: {}", done.error().text);
}

} // namespace c2c
