#include "core/image/pixels.h"
#include "core/image/read.h"
#include "core/sequence/video_av.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fs = std::filesystem;

namespace c2c {
namespace {

/// Clockwise degrees by which the picture must be turned to stand upright.
int rotation_of(const AVStream& stream) {
    const std::uint8_t* matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
    if (!matrix)
        return 0;
    const double angle = -av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
    if (!std::isfinite(angle))
        return 0;
    return (static_cast<int>(std::lround(angle / 90)) * 90 % 360 + 360) % 360;
}

int exif_orientation(int rotation) {
    return rotation == 90 ? 6 : rotation == 180 ? 3 : rotation == 270 ? 8 : 1;
}

VideoColor color_of(const AVCodecParameters& stream) {
    const bool high = stream.height >= 720;
    VideoColor color;
    const auto known = [](int value, int fallback) { return value == 2 || value == 0 ? fallback : value; };
    color.matrix = known(stream.color_space, high ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M);
    color.primaries = known(stream.color_primaries, high ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M);
    color.transfer = known(stream.color_trc, AVCOL_TRC_BT709);
    const auto format = static_cast<AVPixelFormat>(stream.format);
    const bool jpeg = format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P ||
                      format == AV_PIX_FMT_YUVJ444P || format == AV_PIX_FMT_YUVJ440P;
    color.full_range = stream.color_range == AVCOL_RANGE_JPEG || jpeg;
    return color;
}

} // namespace

struct VideoReader::Impl {
    fs::path file;
    av::Input input;
    av::Codec codec;
    av::Scaler scaler;
    av::Packet packet{av_packet_alloc()};
    av::Frame frame{av_frame_alloc()};
    AVPixelFormat scaled_format = AV_PIX_FMT_NONE;
    int stream = -1;
    std::int64_t next_time = 0;
    std::int64_t decoded = 0;
    bool draining = false;
    VideoInfo info;

    /// True when `frame` holds the next one, false at the end.
    Result<bool> decode() {
        for (;;) {
            const int got = avcodec_receive_frame(codec.get(), frame.get());
            if (got >= 0)
                return true;
            if (got == AVERROR_EOF)
                return false;
            if (got != AVERROR(EAGAIN))
                return damaged(got);
            const int read = av_read_frame(input.get(), packet.get());
            if (read == AVERROR_EOF && !draining) {
                draining = true;
                avcodec_send_packet(codec.get(), nullptr);
                continue;
            }
            if (read < 0)
                return damaged(read);
            const bool ours = packet->stream_index == stream;
            const int sent = ours ? avcodec_send_packet(codec.get(), packet.get()) : 0;
            av_packet_unref(packet.get());
            if (sent < 0)
                return damaged(sent);
        }
    }

    tl::unexpected<Error> damaged(int error) const {
        return fail(ErrorKind::Input,
                    "{} is damaged after frame {} ({}); give the frames before it with --frames.",
                    file.string(), decoded, av::reason(error));
    }

    Result<Photo> pixels() {
        const auto format = static_cast<AVPixelFormat>(frame->format);
        const auto* kind = av_pix_fmt_desc_get(format);
        const bool has_alpha = kind && kind->flags & AV_PIX_FMT_FLAG_ALPHA;
        const bool turned = info.rotation % 180 != 0;
        const int width = turned ? info.height : info.width, height = turned ? info.width : info.height;
        if (frame->width != width || frame->height != height)
            return fail(ErrorKind::Input, "{} changes its size at frame {}; split it there.", file.string(),
                        decoded + 1);
        if (!scaler || format != scaled_format) {
            scaler = av::make_scaler(width, height, format, has_alpha ? AV_PIX_FMT_RGBA64 : AV_PIX_FMT_RGB48,
                                     info.color, true);
            scaled_format = format;
            if (!scaler)
                return fail(ErrorKind::Input, "{} has a pixel format ({}) that cannot be converted.",
                            file.string(), kind ? kind->name : "unknown");
        }
        const int channels = has_alpha ? 4 : 3;
        // Rows padded to 64 bytes: libswscale's vector code writes beyond the last pixel of a row.
        const std::size_t row =
            (static_cast<std::size_t>(width) * static_cast<std::size_t>(channels) + 63) / 32 * 32;
        std::vector<std::uint16_t> values(row * static_cast<std::size_t>(height));
        std::uint8_t* planes[4] = {reinterpret_cast<std::uint8_t*>(values.data())};
        const int strides[4] = {static_cast<int>(row * 2)};
        sws_scale(scaler.get(), frame->data, frame->linesize, 0, height, planes, strides);

        Photo photo;
        photo.color = Image(width, height, 3);
        if (has_alpha)
            photo.alpha = Image(width, height, 1);
        for (int y = 0; y < height; ++y) {
            const std::uint16_t* from = values.data() + static_cast<std::size_t>(y) * row;
            float* to = photo.color.row(y);
            for (int x = 0; x < width; ++x, from += channels) {
                for (int c = 0; c < 3; ++c)
                    *to++ = static_cast<float>(from[c]) / 65535.0f;
                if (has_alpha)
                    photo.alpha.at(x, y) = static_cast<float>(from[3]) / 65535.0f;
            }
        }
        photo.color = upright(std::move(photo.color), exif_orientation(info.rotation));
        if (has_alpha)
            photo.alpha = upright(std::move(photo.alpha), exif_orientation(info.rotation));
        photo.depth = info.depth;
        photo.format = "video";
        photo.source = file;
        return photo;
    }
};

VideoReader::VideoReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VideoReader::VideoReader(VideoReader&&) noexcept = default;
VideoReader& VideoReader::operator=(VideoReader&&) noexcept = default;
VideoReader::~VideoReader() = default;

const VideoInfo& VideoReader::info() const {
    return impl_->info;
}

Result<VideoReader> VideoReader::open(const fs::path& file, int threads) {
    auto impl = std::make_unique<Impl>();
    impl->file = file;
    C2C_TRY(impl->input, av::open_input(file));
    const AVCodec* decoder = nullptr;
    impl->stream = av_find_best_stream(impl->input.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (impl->stream < 0 || !decoder)
        return fail(ErrorKind::Input, "{} has no picture that this system can decode; convert it first.",
                    file.string());
    AVStream& stream = *impl->input->streams[impl->stream];
    const AVCodecParameters& parameters = *stream.codecpar;
    const ReadLimits limits;
    if (parameters.width < 1 || parameters.height < 1 || parameters.width > limits.max_side ||
        parameters.height > limits.max_side ||
        static_cast<std::int64_t>(parameters.width) * parameters.height > limits.max_pixels)
        return fail(ErrorKind::Input, "{} has frames of {}x{}, which is too large or nothing at all.",
                    file.string(), parameters.width, parameters.height);

    impl->codec.reset(avcodec_alloc_context3(decoder));
    avcodec_parameters_to_context(impl->codec.get(), &parameters);
    impl->codec->thread_count = threads;
    impl->codec->pkt_timebase = stream.time_base;
    impl->codec->max_pixels = limits.max_pixels;
    if (const int error = avcodec_open2(impl->codec.get(), decoder, nullptr); error < 0)
        return fail(ErrorKind::Input, "{} cannot be decoded ({}); convert it first.", file.string(),
                    av::reason(error));

    VideoInfo& info = impl->info;
    info.rotation = rotation_of(stream);
    info.width = parameters.width;
    info.height = parameters.height;
    info.pixel_aspect =
        stream.sample_aspect_ratio.num > 0 ? av::ratio(stream.sample_aspect_ratio) : Ratio{1, 1};
    if (info.rotation % 180 != 0) {
        std::swap(info.width, info.height);
        std::swap(info.pixel_aspect.num, info.pixel_aspect.den);
    }
    const AVRational rate = av_guess_frame_rate(impl->input.get(), &stream, nullptr);
    info.rate = rate.num > 0 && rate.den > 0 ? av::ratio(rate) : Ratio{24, 1};
    info.time_base = av::ratio(stream.time_base);
    info.codec = decoder->name;
    info.color = color_of(parameters);
    info.frames = stream.nb_frames;
    if (info.frames <= 0 && impl->input->duration > 0)
        info.frames =
            std::llround(static_cast<double>(impl->input->duration) / AV_TIME_BASE * info.rate.value());
    if (const auto* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(parameters.format)))
        info.depth = format->comp[0].depth > 8 ? Depth::U16 : Depth::U8;
    info.has_audio = av_find_best_stream(impl->input.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0) >= 0;
    return VideoReader(std::move(impl));
}

Result<std::optional<VideoFrame>> VideoReader::next(bool pixels) {
    C2C_TRY(const bool more, impl_->decode());
    if (!more)
        return std::optional<VideoFrame>();
    VideoFrame result;
    AVFrame& frame = *impl_->frame;
    const std::int64_t one = std::max<std::int64_t>(
        1, av_rescale_q(1, av_inv_q(av::rational(impl_->info.rate)), av::rational(impl_->info.time_base)));
    const bool timed = frame.best_effort_timestamp != AV_NOPTS_VALUE;
    result.time = timed ? frame.best_effort_timestamp : impl_->next_time;
    result.length = std::max<std::int64_t>(0, frame.pkt_duration);
    impl_->next_time = result.time + (result.length > 0 ? result.length : one);
    if (pixels) {
        C2C_TRY(result.photo, impl_->pixels());
    }
    ++impl_->decoded;
    av_frame_unref(&frame);
    return std::optional<VideoFrame>(std::move(result));
}

} // namespace c2c
