#pragma once

#include "core/base/result.h"

#include <opencv2/dnn.hpp>

#include <filesystem>
#include <string>

// For the sources of this room: it shows OpenCV's types, so no public header includes it.

namespace c2c {

/// The bytes of folder/name after a check of size and SHA-256 against folder/face.json. A file that is
/// missing, truncated, altered or not listed is a Model error.
Result<std::string> read_listed(const std::filesystem::path& folder, const std::string& name);

/// An ONNX net from its bytes, half-precision weights welcome; `file` is for the error's text.
Result<cv::dnn::Net> parse_net(const std::string& bytes, const std::filesystem::path& file);

/// read_listed, then parse_net.
Result<cv::dnn::Net> load_net(const std::filesystem::path& folder, const std::string& name);

/// The whole file; a Model error that names it.
Result<std::string> read_model_file(const std::filesystem::path& file);

} // namespace c2c
