#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/image/photo.h"
#include "core/sequence/names.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace c2c {

struct Ratio {
    int num = 0, den = 1;
    double value() const { return den ? static_cast<double>(num) / den : 0; }
};

/// How a movie's numbers become RGB; values of ITU-T H.273, as the file names them or, where it does not, by
/// its size: BT.709 from 720 lines on, else BT.601, limited range.
struct VideoColor {
    int matrix = 1, primaries = 1, transfer = 1;
    bool full_range = false;
};

struct VideoInfo {
    int width = 0, height = 0; ///< upright: the rotation tag is applied
    int rotation = 0;          ///< clockwise degrees that were asked for: 0, 90, 180, 270
    Ratio rate;                ///< frames a second, on average
    Ratio time_base;           ///< seconds a unit of VideoFrame::time
    Ratio pixel_aspect{1, 1};
    std::int64_t frames = 0; ///< as the file says, or estimated from its length; 0: unknown
    std::string codec;
    VideoColor color;
    Depth depth = Depth::U8;
    bool has_audio = false;
};

struct VideoFrame {
    Photo photo;             ///< RGB 0..1 as encoded
    std::int64_t time = 0;   ///< in time_base units: variable frame rates survive
    std::int64_t length = 0; ///< until the next frame, or 0 where the file does not say
};

/// Frames of the best video stream, in the order they are shown. Input errors name the file. One frame is
/// held at a time.
class VideoReader {
  public:
    static Result<VideoReader> open(const std::filesystem::path& file, int threads = 0);
    VideoReader(VideoReader&&) noexcept;
    VideoReader& operator=(VideoReader&&) noexcept;
    ~VideoReader();

    const VideoInfo& info() const;
    /// The next frame, or nothing at the end. Without pixels a frame is only decoded (to skip it).
    Result<std::optional<VideoFrame>> next(bool pixels = true);

  private:
    struct Impl;
    explicit VideoReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

enum class VideoCodec {
    Auto, ///< by suffix: .mp4 .m4v .mkv H.264, .webm VP9, .mov ProRes 422 HQ
    H264,
    Vp9,
    ProRes,
    ProRes4444, ///< full chroma and alpha
};

/// What Auto means for this file.
VideoCodec codec_for(const std::filesystem::path& file, VideoCodec asked);

struct VideoOptions {
    VideoCodec codec = VideoCodec::Auto;
    double quality = 0; ///< H.264's and VP9's CRF; 0: 16 and 22
    int threads = 0;
    Ratio rate{24, 1};
    std::optional<Ratio> time_base = {}; ///< of the times given to write(); default 1/rate
    Ratio pixel_aspect{1, 1};
    VideoColor color = {};
    std::filesystem::path audio_from =
        {};                 ///< its audio is copied packet by packet where the container can hold it
    std::int64_t start = 0; ///< the time that becomes 0, for picture and sound
    std::optional<std::int64_t> audio_end = {}; ///< sound after this time is left out
    std::string comment = {};                   ///< provenance, written as the movie's comment
};

/// Writes a movie. The file must be a temporary one that is renamed when finish() has succeeded.
class VideoWriter {
  public:
    static Result<VideoWriter> create(const std::filesystem::path& file, int width, int height,
                                      const VideoOptions& options);
    VideoWriter(VideoWriter&&) noexcept;
    VideoWriter& operator=(VideoWriter&&) noexcept;
    ~VideoWriter();

    /// RGB 0..1 as encoded, the movie's size; times must rise. `alpha` is used by ProRes 4444 alone, and
    /// without it all is opaque.
    Result<void> write(const Image& rgb, std::int64_t time, const Image& alpha = {});
    /// The last frames and the audio up to their end.
    Result<void> finish();
    /// A sentence for the user when the audio could not be copied, else empty.
    const std::string& remark() const;

  private:
    struct Impl;
    explicit VideoWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace c2c
