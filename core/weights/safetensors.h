#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace c2c {

enum class DType { F64, F32, F16, BF16, I64, I32, I16, I8, U8, Bool };

std::size_t size_of(DType type);                                ///< bytes of one element
std::string_view name_of(DType type);                           ///< "F32", as safetensors spells it
std::string shape_text(const std::vector<std::int64_t>& shape); ///< "[1, 32, 28, 28]"

/// A tensor in a file: row-major elements, little-endian, not necessarily aligned.
struct TensorView {
    DType type = DType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes; ///< of TensorFile::memory
};

/// Named tensors of one weight file. Copies share the memory, which stays valid while any copy of `memory`
/// lives.
struct TensorFile {
    std::filesystem::path file;
    std::shared_ptr<const void> memory; ///< the mapped file
    std::map<std::string, TensorView, std::less<>> tensors;
    std::map<std::string, std::string> metadata; ///< safetensors' "__metadata__"
    std::span<const std::byte> mapped = {};      ///< the file as it is mapped, where all tensors lie in it
};

/// Maps a safetensors file and checks every rule of the format (github huggingface/safetensors, "Format"):
/// header length, JSON without repeated keys, known types, shape times size equal to the range, ranges that
/// tile the data without holes or overlap. Model errors name the file and the tensor.
Result<TensorFile> read_safetensors(const std::filesystem::path& file);

/// Writes tensors (their bytes may come from anywhere) in the order of their names. Not atomic: pass
/// write_atomically's temporary file where that matters.
Result<void> write_safetensors(const std::filesystem::path& file,
                               const std::map<std::string, TensorView, std::less<>>& tensors,
                               const std::map<std::string, std::string>& metadata = {});

/// A tensor before its bytes are known.
struct TensorHeader {
    DType type = DType::F32;
    std::vector<std::int64_t> shape;
};
using ByteSink = std::function<void(std::span<const std::byte>)>;

/// Writes a file tensor by tensor, in the order of their names, so that none of them need be in memory:
/// `fill` gives the bytes of the named one to the sink, in as many pieces as it likes. Not atomic either.
Result<void>
write_safetensors(const std::filesystem::path& file,
                  const std::map<std::string, TensorHeader, std::less<>>& tensors,
                  const std::function<Result<void>(const std::string& name, const ByteSink& sink)>& fill,
                  const std::map<std::string, std::string>& metadata = {});

} // namespace c2c
