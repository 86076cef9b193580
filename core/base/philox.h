#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace c2c {

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): the number at a
/// place depends on (seed, stream, place) alone, so a seed means the same on every device and in any order.
/// `stream` separates draws of one seed: 1 is pass 1's noise, 2 is pass 2's.
std::vector<float> normal_noise(std::uint64_t seed, std::uint32_t stream, std::size_t count);

/// The four 32-bit words at `counter` under `key`; public for the known-answer test.
void philox4x32_10(const std::uint32_t counter[4], const std::uint32_t key[2], std::uint32_t out[4]);

} // namespace c2c
