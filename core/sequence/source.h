#pragma once

#include "core/base/result.h"
#include "core/image/photo.h"
#include "core/image/read.h"
#include "core/sequence/video.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace c2c {

/// What a job reads: one photo for all frames, numbered pictures (a plate), or a movie.
struct FrameSource {
    enum class Kind { Photo, Plate, Movie };
    Kind kind = Kind::Photo;
    std::vector<std::filesystem::path> files; ///< Plate: by number; else one
    std::vector<std::int64_t> numbers;        ///< Plate and Movie: the frames that exist, rising
    std::vector<std::int64_t>
        times;        ///< Movie: of each frame in VideoInfo::time_base, and where the last one ends
    std::string stem; ///< for {stem}: without the number
    std::string ext;  ///< for {ext}: without the dot
    std::optional<VideoInfo> video;
};

/// From file names, folders, and patterns of numbered files (plate.####.exr, plate.%04d.exr). Pictures
/// without numbers count from `start`. No file is opened: a movie has no numbers, times or video yet.
Result<FrameSource> list_source(const std::vector<std::string>& inputs, std::int64_t start);

/// The same, and a movie's frames, which count from `start`: it is decoded once for that.
Result<FrameSource> open_source(const std::vector<std::string>& inputs, std::int64_t start,
                                const StopToken& stop = {});

/// Reads a source's frames, by rising index. A photo is read once and handed out as often as asked.
class FrameReader {
  public:
    explicit FrameReader(const FrameSource& source, ReadLimits limits = {}, int threads = 0)
        : source_(source), limits_(limits), threads_(threads) {}

    /// `time` is a movie's own, else the index.
    Result<VideoFrame> read(std::size_t index);

  private:
    const FrameSource& source_;
    ReadLimits limits_;
    int threads_;
    std::optional<VideoReader> video_;
    std::size_t next_ = 0;
    std::optional<Photo> photo_;
};

} // namespace c2c
