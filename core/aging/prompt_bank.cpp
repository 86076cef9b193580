#include "core/aging/prompt_bank.h"

#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/sha256.h"
#include "core/weights/safetensors.h"

#include <cstdlib>
#include <cstring>

namespace fs = std::filesystem;

namespace c2c {
namespace {

fs::path cache_dir() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
        return fs::path(cache) / "cradle2cane";
    const char* home = std::getenv("HOME");
    return fs::path(home && *home ? home : "/") / ".cache/cradle2cane";
}

std::string hash_of(const std::string& text) {
    return sha256(std::as_bytes(std::span(text)));
}

std::string hash_of(const std::map<std::string, TensorView, std::less<>>& tensors) {
    std::string hashes;
    for (const auto& [name, view] : tensors)
        hashes += sha256(view.bytes);
    return hash_of(hashes);
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
        if (view.type != DType::F32)
            return {};
        tensors.push_back(at::empty(view.shape, at::kFloat));
        std::memcpy(tensors.back().data_ptr(), view.bytes.data(), view.bytes.size());
    }
    return tensors;
}

void PromptBank::write(const std::string& text, const std::vector<at::Tensor>& tensors) const {
    std::vector<at::Tensor> kept;
    std::map<std::string, TensorView, std::less<>> views;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const at::Tensor& plain = kept.emplace_back(tensors[i].to(at::kCPU, at::kFloat).contiguous());
        views[std::to_string(i)] = {DType::F32,
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
