#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace c2c {

/// The same ONNX model with half-precision initializers widened to float32, which OpenCV 4.6 insists on.
/// Nothing when the bytes are not a well-formed protobuf message. Field numbers are those of onnx.proto3.
std::optional<std::string> widen_halves(std::string_view model);

} // namespace c2c
