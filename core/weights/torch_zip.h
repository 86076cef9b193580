#pragma once

#include "core/weights/safetensors.h"

#include <filesystem>

namespace c2c {

/// Reads the tensors of a file that torch.save wrote (.bin, .pth, .pt: a zip archive with a pickle). Its code
/// is never run: only tensors, dicts, lists, tuples, numbers and text are understood, and any other name is a
/// Model error that says it ("os.system is not allowed"). Nested dicts and lists join their keys by dots.
/// Contiguous tensors lie in the mapped file; others (transposed, strided) are copied into order. Files from
/// before PyTorch 1.6, TorchScript programs and types such as fp8 are Model errors with what to do.
Result<TensorFile> read_torch_zip(const std::filesystem::path& file);

/// read_safetensors or read_torch_zip, chosen by what is in the file, not by its suffix.
Result<TensorFile> read_tensors(const std::filesystem::path& file);

} // namespace c2c
