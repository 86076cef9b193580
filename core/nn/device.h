#pragma once

#include "core/base/result.h"
#include "core/weights/safetensors.h"

#include <string>
#include <string_view>

namespace c2c::nn {

struct Device {
    enum class Kind { Cpu, Cuda } kind = Kind::Cpu;
    int index = 0; ///< of several CUDA devices
    bool operator==(const Device&) const = default;
};

/// "auto" (CUDA where there is one, else the CPU), "cpu", "cuda", "cuda:1". A device that is not there is a
/// Device error, a word that is none a Usage error.
Result<Device> parse_device(std::string_view text);
std::string text_of(Device device); ///< "cpu", "cuda:0"

/// Where a network's tensors live and the type that it computes in: F32, BF16 or F16.
struct Placement {
    Device device;
    DType type = DType::F32;
};

/// The CPU multiplies bfloat16 natively (AVX512-BF16); with AMX it does so many times faster than floats.
bool cpu_has_bf16();
bool cpu_has_amx();

/// What `--precision auto` takes for a UNet: F16 on CUDA, BF16 on a CPU that multiplies it natively, else
/// F32. On Zen 4 nano's UNet takes 41 ms of one core in BF16 and 50 in F32; the picture differs by at most
/// 0.4/255.
DType auto_type(Device device);

/// Prepares the process for inference, once at its start: Torch's kernels get `count` threads (0: all cores
/// that this process may use), the BLAS behind it as many, and freed memory is kept for the next picture.
/// Returns the threads.
int set_threads(int count);

} // namespace c2c::nn
