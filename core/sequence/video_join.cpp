#include "core/sequence/video_join.h"

#include "core/sequence/video_mux.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

namespace fs = std::filesystem;

namespace c2c {
namespace {

/// Every picture packet of the parts, its times in the movie's unit.
Result<void> each_packet(std::span<const fs::path> parts, AVRational unit,
                         const std::function<Result<void>(AVPacket&)>& use) {
    const av::Packet packet(av_packet_alloc());
    for (const fs::path& part : parts) {
        C2C_TRY(const av::Input input, av::open_input(part));
        for (;;) {
            const int read = av_read_frame(input.get(), packet.get());
            if (read == AVERROR_EOF)
                break;
            if (read < 0)
                return fail(ErrorKind::Output, "{} is damaged ({}); start over with --overwrite.",
                            part.string(), av::reason(read));
            av_packet_rescale_ts(packet.get(), input->streams[packet->stream_index]->time_base, unit);
            const auto used = use(*packet);
            av_packet_unref(packet.get());
            C2C_CHECK(used);
        }
    }
    return {};
}

/// When each packet is decoded: in even order with the times of showing, and early enough for all of them.
std::vector<std::int64_t> decoding_times(const std::vector<std::int64_t>& shown, std::int64_t frame) {
    std::vector<std::int64_t> times = shown, sorted = shown;
    std::sort(sorted.begin(), sorted.end());
    std::size_t delay = 0;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const auto place = static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), shown[i]) -
                                                    sorted.begin());
        if (i > place)
            delay = std::max(delay, i - place);
    }
    for (std::size_t i = 0; i < times.size(); ++i)
        times[i] =
            i >= delay ? sorted[i - delay] : sorted.front() - frame * static_cast<std::int64_t>(delay - i);
    return times;
}

bool same_setup(const AVCodecParameters& a, const AVCodecParameters& b) {
    return a.codec_id == b.codec_id && a.width == b.width && a.height == b.height &&
           a.extradata_size == b.extradata_size &&
           (a.extradata_size == 0 ||
            std::memcmp(a.extradata, b.extradata, static_cast<std::size_t>(a.extradata_size)) == 0);
}

} // namespace

Result<std::string> join_movie(std::span<const fs::path> parts, const fs::path& file,
                               const VideoOptions& options) {
    C2C_TRY(const av::Input first, av::open_input(parts.front()));
    AVCodecParameters& picture = *first->streams[0]->codecpar;
    for (const fs::path& part : parts.subspan(1)) {
        C2C_TRY(const av::Input other, av::open_input(part));
        if (!same_setup(picture, *other->streams[0]->codecpar))
            return fail(
                ErrorKind::Output,
                "{} was encoded in another way than the parts before it; start over with --overwrite.",
                part.string());
    }
    // What the parts' container does not keep.
    picture.color_space = static_cast<AVColorSpace>(options.color.matrix);
    picture.color_primaries = static_cast<AVColorPrimaries>(options.color.primaries);
    picture.color_trc = static_cast<AVColorTransferCharacteristic>(options.color.transfer);
    picture.color_range = options.color.full_range && picture.codec_id != AV_CODEC_ID_PRORES
                              ? AVCOL_RANGE_JPEG
                              : AVCOL_RANGE_MPEG;
    picture.sample_aspect_ratio = av::rational(options.pixel_aspect);

    const AVRational unit = av::time_unit(options);
    std::vector<std::int64_t> shown;
    C2C_CHECK(each_packet(parts, unit, [&](AVPacket& packet) -> Result<void> {
        shown.push_back(packet.pts);
        return {};
    }));
    const std::int64_t frame =
        std::max<std::int64_t>(1, av_rescale_q(1, av_inv_q(av::rational(options.rate)), unit));
    const auto decoded = decoding_times(shown, frame);

    C2C_TRY(auto muxer, av::Muxer::create(file, options));
    C2C_CHECK(muxer.start(picture, unit));
    std::size_t next = 0;
    C2C_CHECK(each_packet(parts, unit, [&](AVPacket& packet) -> Result<void> {
        packet.dts = decoded[next++];
        packet.duration = 0; // until the next picture
        return muxer.write(packet);
    }));
    C2C_CHECK(muxer.finish());
    return muxer.remark();
}

} // namespace c2c
