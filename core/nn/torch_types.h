#pragma once

// For the .cpp files of rooms that use Torch; no public header includes it.

#include "core/nn/device.h"

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace c2c::nn {

at::ScalarType scalar_type(DType type);
at::Device torch_device(Device device);

} // namespace c2c::nn
