#pragma once

// The container's side of a movie: packets in, a file out.

#include "core/sequence/video_av.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace c2c::av {

/// Unit of the times that are given to a writer.
AVRational time_unit(const VideoOptions& options);

/// A file with one picture stream of ready packets and, beside it, sound copied from another file.
class Muxer {
  public:
    /// A Usage error when the suffix is not one of a movie.
    static Result<Muxer> create(const std::filesystem::path& file, const VideoOptions& options);

    bool holds(AVCodecID codec) const;
    bool is_part() const; ///< of a movie, in NUT, which takes every codec
    bool wants_global_header() const { return output_->oformat->flags & AVFMT_GLOBALHEADER; }

    /// Writes the header. `unit` is that of the packets' times.
    Result<void> start(const AVCodecParameters& picture, AVRational unit);
    /// A picture's packet, in decoding order and counted from 0; the sound up to its time goes first.
    Result<void> write(AVPacket& packet);
    Result<void> finish();
    /// A sentence for the user when the sound could not be copied, else empty.
    const std::string& remark() const { return remark_; }

  private:
    void open_sound();
    Result<void> copy_sound(std::int64_t until);

    std::filesystem::path file_;
    VideoOptions options_;
    Output output_;
    AVStream* picture_ = nullptr;
    AVRational unit_ = {1, 1};
    Input sound_;
    AVStream* sound_in_ = nullptr;
    AVStream* sound_out_ = nullptr;
    Packet sound_packet_{av_packet_alloc()};
    bool sound_waiting_ = false; ///< sound_packet_ holds one that is not written yet
    std::string remark_;
};

} // namespace c2c::av
