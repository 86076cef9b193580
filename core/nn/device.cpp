#include "core/nn/device.h"

#include "core/nn/large_pages.h"
#include "core/nn/torch_types.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <dlfcn.h>
#include <malloc.h>
#include <sched.h>

#include <charconv>

namespace c2c::nn {
namespace {

int cuda_devices() {
    return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().getNumGPUs()) : 0;
}

/// Torch's OpenMP threads do not bind OpenBLAS's own, which would then fight for the same cores.
void set_blas_threads(int count) {
    using SetThreads = void (*)(int);
    if (const auto set = reinterpret_cast<SetThreads>(::dlsym(RTLD_DEFAULT, "openblas_set_num_threads")))
        set(count);
}

} // namespace

Result<Device> parse_device(std::string_view text) {
    if (text == "cpu")
        return Device{};
    if (text == "auto")
        return Device{cuda_devices() > 0 ? Device::Kind::Cuda : Device::Kind::Cpu, 0};
    int index = 0;
    if (text.starts_with("cuda:")) {
        const auto digits = text.substr(5);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
        if (error != std::errc{} || end != digits.data() + digits.size() || index < 0)
            return fail(ErrorKind::Usage, "The device {} is not known; use auto, cpu, cuda or cuda:0.", text);
    } else if (text != "cuda") {
        return fail(ErrorKind::Usage, "The device {} is not known; use auto, cpu, cuda or cuda:0.", text);
    }
    const int count = cuda_devices();
    if (count == 0)
        return fail(ErrorKind::Device, "The device {} is not there: {}; use the device cpu.", text,
                    at::hasCUDA() ? "this computer has no CUDA GPU that works"
                                  : "this program's Torch was built without CUDA");
    if (index >= count)
        return fail(ErrorKind::Device,
                    "The device {} is not there: this computer has {} CUDA GPU{}; use cuda:0.", text, count,
                    count == 1 ? "" : "s");
    return Device{Device::Kind::Cuda, index};
}

std::string text_of(Device device) {
    return device.kind == Device::Kind::Cpu ? "cpu" : fmt::format("cuda:{}", device.index);
}

bool cpu_has_bf16() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

bool cpu_has_amx() {
#if defined(__x86_64__)
    unsigned a = 0, b = 0, c = 0,
             d = 0; // AMX-BF16 is bit 22 of EDX of leaf 7 (Intel's manual, volume 2, CPUID)
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d >> 22 & 1) != 0 && cpu_has_bf16();
#else
    return false;
#endif
}

DType auto_type(Device device) {
    if (device.kind == Device::Kind::Cuda)
        return DType::F16;
    return cpu_has_bf16() ? DType::BF16 : DType::F32;
}

int set_threads(int count) {
    if (count <= 0) {
        // A container or taskset may leave fewer cores than the machine has.
        cpu_set_t allowed;
        CPU_ZERO(&allowed);
        count = ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
    }
    at::set_num_threads(count);
    set_blas_threads(count);
#if defined(__GLIBC__)
    // A feature map of 13 MB would come as fresh, zeroed pages each time it is allocated: a tenth of the
    // decoder's time.
    ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
    use_large_pages();
    return at::get_num_threads();
}

at::ScalarType scalar_type(DType type) {
    switch (type) {
    case DType::F64:
        return at::kDouble;
    case DType::F32:
        return at::kFloat;
    case DType::F16:
        return at::kHalf;
    case DType::BF16:
        return at::kBFloat16;
    case DType::I64:
        return at::kLong;
    case DType::I32:
        return at::kInt;
    case DType::I16:
        return at::kShort;
    case DType::I8:
        return at::kChar;
    case DType::U8:
        return at::kByte;
    case DType::Bool:
        return at::kBool;
    }
    return at::kFloat;
}

at::Device torch_device(Device device) {
    return device.kind == Device::Kind::Cpu
               ? at::Device(at::kCPU)
               : at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.index));
}

} // namespace c2c::nn
