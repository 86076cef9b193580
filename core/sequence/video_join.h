#pragma once

#include "core/base/result.h"
#include "core/sequence/video.h"

#include <filesystem>
#include <span>
#include <string>

namespace c2c {

/// One movie of parts that VideoWriter has written with the same options into files of `.nut` (which keeps
/// times exactly), each beginning where the one before ends. Packets are copied, not encoded again; only
/// times are made anew, because each part's decoding order starts before its first picture. `options` as for
/// the parts, with the sound. Gives a sentence for the user when the sound was left out, else an empty one.
Result<std::string> join_movie(std::span<const std::filesystem::path> parts,
                               const std::filesystem::path& file, const VideoOptions& options);

} // namespace c2c
