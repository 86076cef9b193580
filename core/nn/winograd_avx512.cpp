#include "core/nn/winograd_kernel.h"

namespace c2c::nn {

// 24 sums, 4 weights and a spread value fill the 32 registers.
void winograd_avx512(const WinogradJob& job, long first_tile, long last_tile, float* scratch) {
    winograd<16, 4>(job, first_tile, last_tile, scratch);
}

} // namespace c2c::nn
