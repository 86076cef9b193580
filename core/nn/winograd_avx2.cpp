#include "core/nn/winograd_kernel.h"

namespace c2c::nn {

// 12 sums, 2 weights and a spread value fill the 16 registers.
void winograd_avx2(const WinogradJob& job, long first_tile, long last_tile, float* scratch) {
    winograd<8, 2>(job, first_tile, last_tile, scratch);
}

} // namespace c2c::nn
