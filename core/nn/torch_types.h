#pragma once

// For the .cpp files of rooms that use Torch; no public header includes it.

#include "core/nn/device.h"

#include <cstdint>

namespace c10 {
struct Device;
enum class ScalarType : std::int8_t;
} // namespace c10

namespace c2c::nn {

c10::ScalarType scalar_type(DType type);
c10::Device torch_device(Device device);

} // namespace c2c::nn
