#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace c2c {

/// "1001-1100", "1001-1100x2" (every second), "1001", and lists of them with commas, as render farms write
/// them; in the order given, each frame once. Usage errors say what would be right.
Result<std::vector<std::int64_t>> parse_frames(std::string_view text);

/// Part `index` of `count`, counted from 1.
struct Shard {
    int index = 1;
    int count = 1;
};
Result<Shard> parse_shard(std::string_view text); ///< "2/8"

/// The shard's own frames: consecutive ones, shards differ by one frame at most, and together they are
/// `frames` exactly.
std::vector<std::int64_t> shard_frames(const std::vector<std::int64_t>& frames, const Shard& shard);

} // namespace c2c
