#pragma once

#include <cstdint>

namespace c2c {

/// Bytes that this process may still take without swapping or being refused: the least of MemAvailable, what
/// is left of the cgroup's limit (version 2) and of `ulimit -v`.
std::uint64_t free_memory();

} // namespace c2c
