#include "core/image/pixels.h"
#include "core/sequence/video_av.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace fs = std::filesystem;

namespace c2c {
namespace {

VideoCodec codec_for(const fs::path& file, VideoCodec asked) {
    if (asked != VideoCodec::Auto)
        return asked;
    const fs::path suffix = file.extension();
    return suffix == ".webm" ? VideoCodec::Vp9 : suffix == ".mov" ? VideoCodec::ProRes : VideoCodec::H264;
}

struct Encoder {
    const char* name;
    const char* shown;
    AVPixelFormat format;
    double quality;
};

Encoder encoder_of(VideoCodec codec) {
    if (codec == VideoCodec::Vp9)
        return {"libvpx-vp9", "VP9", AV_PIX_FMT_YUV420P, 22};
    if (codec == VideoCodec::ProRes)
        return {"prores_ks", "ProRes", AV_PIX_FMT_YUV422P10, 0};
    return {"libx264", "H.264", AV_PIX_FMT_YUV420P, 16};
}

} // namespace

struct VideoWriter::Impl {
    fs::path file;
    VideoOptions options;
    int width = 0, height = 0; ///< of the pictures given; the movie's are even
    av::Output output;
    av::Codec codec;
    av::Scaler scaler;
    av::Frame frame{av_frame_alloc()};
    av::Packet packet{av_packet_alloc()};
    AVStream* video = nullptr;
    av::Input sound;
    AVStream* sound_in = nullptr;
    AVStream* sound_out = nullptr;
    av::Packet sound_packet{av_packet_alloc()};
    bool sound_waiting = false; ///< sound_packet holds one that is not written yet
    std::string remark;

    tl::unexpected<Error> failed(int error) const {
        return fail(ErrorKind::Output, "{} cannot be written ({}); free some space or choose another place.",
                    file.string(), av::reason(error));
    }

    AVRational time_base() const {
        return options.time_base ? av::rational(*options.time_base) : av_inv_q(av::rational(options.rate));
    }

    void open_sound();
    Result<void> copy_sound(std::int64_t until);
    Result<void> drain();
};

/// Sound that cannot be copied is told, and no reason to lose the picture.
void VideoWriter::Impl::open_sound() {
    auto input = av::open_input(options.audio_from);
    if (!input)
        return;
    const int index = av_find_best_stream(input->get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    if (index < 0)
        return;
    sound_in = (*input)->streams[index];
    const AVCodecID id = sound_in->codecpar->codec_id;
    if (avformat_query_codec(output->oformat, id, FF_COMPLIANCE_NORMAL) != 1) {
        remark = fmt::format(
            "The sound of {} ({}) does not fit into {} and was left out; write .mov or .mkv to keep "
            "it.",
            options.audio_from.string(), avcodec_get_name(id), file.extension().string());
        return;
    }
    sound_out = avformat_new_stream(output.get(), nullptr);
    avcodec_parameters_copy(sound_out->codecpar, sound_in->codecpar);
    sound_out->codecpar->codec_tag = 0;
    sound_out->time_base = sound_in->time_base;
    sound = *std::move(input);
}

/// Packets up to a time of the picture; written along with it, so that memory stays flat.
Result<void> VideoWriter::Impl::copy_sound(std::int64_t until) {
    const AVRational unit = time_base();
    const std::int64_t start = av_rescale_q(options.start, unit, sound_in->time_base);
    while (sound) {
        if (!sound_waiting) {
            const int read = av_read_frame(sound.get(), sound_packet.get());
            if (read < 0) { // the end, or a damaged rest: the picture matters more
                sound.reset();
                break;
            }
            if (sound_packet->stream_index != sound_in->index || sound_packet->pts == AV_NOPTS_VALUE ||
                sound_packet->pts + sound_packet->duration < start) {
                av_packet_unref(sound_packet.get());
                continue;
            }
            sound_waiting = true;
        }
        if (av_compare_ts(sound_packet->pts, sound_in->time_base, until, unit) > 0)
            return {};
        if (options.audio_end &&
            av_compare_ts(sound_packet->pts, sound_in->time_base, *options.audio_end, unit) >= 0) {
            sound.reset();
            break;
        }
        sound_packet->pts -= start;
        sound_packet->dts -= start;
        sound_packet->pos = -1;
        sound_packet->stream_index = sound_out->index;
        av_packet_rescale_ts(sound_packet.get(), sound_in->time_base, sound_out->time_base);
        sound_waiting = false;
        if (const int error = av_interleaved_write_frame(output.get(), sound_packet.get()); error < 0)
            return failed(error);
    }
    return {};
}

/// Everything that the encoder has ready.
Result<void> VideoWriter::Impl::drain() {
    for (;;) {
        const int got = avcodec_receive_packet(codec.get(), packet.get());
        if (got == AVERROR(EAGAIN) || got == AVERROR_EOF)
            return {};
        if (got < 0)
            return failed(got);
        packet->stream_index = video->index;
        av_packet_rescale_ts(packet.get(), codec->time_base, video->time_base);
        if (const int error = av_interleaved_write_frame(output.get(), packet.get()); error < 0)
            return failed(error);
    }
}

VideoWriter::VideoWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VideoWriter::VideoWriter(VideoWriter&&) noexcept = default;
VideoWriter& VideoWriter::operator=(VideoWriter&&) noexcept = default;
VideoWriter::~VideoWriter() = default;

const std::string& VideoWriter::remark() const {
    return impl_->remark;
}

Result<VideoWriter> VideoWriter::create(const fs::path& file, int width, int height,
                                        const VideoOptions& options) {
    av_log_set_level(AV_LOG_FATAL);
    auto impl = std::make_unique<Impl>();
    impl->file = file;
    impl->options = options;
    impl->width = width;
    impl->height = height;

    AVFormatContext* raw = nullptr;
    avformat_alloc_output_context2(&raw, nullptr, nullptr, file.c_str());
    if (!raw)
        return fail(ErrorKind::Usage, "{} is not a movie's name; use .mp4, .mov, .mkv or .webm.",
                    file.string());
    impl->output.reset(raw);
    impl->output->flags |= AVFMT_FLAG_BITEXACT; // no random ids or versions: the same command, the same bytes
    const Encoder encoder = encoder_of(codec_for(file, options.codec));
    const AVCodec* codec = avcodec_find_encoder_by_name(encoder.name);
    if (!codec || avformat_query_codec(raw->oformat, codec->id, FF_COMPLIANCE_NORMAL) != 1)
        return fail(ErrorKind::Usage,
                    "{} cannot hold {} on this system; use another suffix or write frames (####.png).",
                    file.string(), encoder.shown);

    impl->codec.reset(avcodec_alloc_context3(codec));
    AVCodecContext& context = *impl->codec;
    context.width = (width + 1) / 2 * 2; // half-size chroma needs even sides
    context.height = (height + 1) / 2 * 2;
    context.pix_fmt = encoder.format;
    context.time_base = impl->time_base();
    context.framerate = av::rational(options.rate);
    context.sample_aspect_ratio = av::rational(options.pixel_aspect);
    context.colorspace = static_cast<AVColorSpace>(options.color.matrix);
    context.color_primaries = static_cast<AVColorPrimaries>(options.color.primaries);
    context.color_trc = static_cast<AVColorTransferCharacteristic>(options.color.transfer);
    VideoColor color = options.color;
    color.full_range &= encoder.format == AV_PIX_FMT_YUV420P; // ProRes has limited range only
    context.color_range = color.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    context.chroma_sample_location = AVCHROMA_LOC_LEFT;
    context.thread_count = options.threads;
    context.flags |= AV_CODEC_FLAG_BITEXACT;
    if (impl->output->oformat->flags & AVFMT_GLOBALHEADER)
        context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    AVDictionary* settings = nullptr;
    const double quality = options.quality > 0 ? options.quality : encoder.quality;
    if (quality > 0)
        av_dict_set(&settings, "crf", fmt::format("{}", quality).c_str(), 0);
    // x264's AVX-512 code for its macroblock tree reads beyond a row where its macroblocks are no multiple of
    // 16 (seen in 164 r3095), and what lies there changes the bytes of the movie: AVX2 is as far as it may
    // go.
    if (codec->id == AV_CODEC_ID_H264 && av_get_cpu_flags() & AV_CPU_FLAG_AVX512)
        av_dict_set(&settings, "x264-params", "asm=avx2,fma3,bmi2,lzcnt", 0);
    if (codec->id == AV_CODEC_ID_VP9) {
        av_dict_set(&settings, "cpu-used", "4", 0);
        av_dict_set(&settings, "row-mt", "1", 0);
    } else if (codec->id == AV_CODEC_ID_PRORES) {
        av_dict_set(&settings, "profile", "3", 0); // 422 HQ
        av_dict_set(&settings, "vendor", "apl0", 0);
    }
    int error = avcodec_open2(&context, codec, &settings);
    av_dict_free(&settings);
    if (error < 0)
        return fail(ErrorKind::Output,
                    "{} cannot encode {}x{} ({}); use another suffix or write frames (####.png).",
                    encoder.shown, width, height, av::reason(error));

    impl->video = avformat_new_stream(raw, nullptr);
    avcodec_parameters_from_context(impl->video->codecpar, &context);
    impl->video->time_base = context.time_base;
    impl->video->avg_frame_rate = context.framerate;
    impl->video->sample_aspect_ratio = context.sample_aspect_ratio;
    if (!options.audio_from.empty())
        impl->open_sound();
    if (!options.comment.empty())
        av_dict_set(&raw->metadata, "comment", options.comment.c_str(), 0);

    impl->scaler =
        av::make_scaler(context.width, context.height, AV_PIX_FMT_RGB48, encoder.format, color, false);
    impl->frame->format = encoder.format;
    impl->frame->width = context.width;
    impl->frame->height = context.height;
    // ProRes writes what the frames say, not the context.
    impl->frame->colorspace = context.colorspace;
    impl->frame->color_primaries = context.color_primaries;
    impl->frame->color_trc = context.color_trc;
    impl->frame->color_range = context.color_range;
    if (!impl->scaler || av_frame_get_buffer(impl->frame.get(), 0) < 0)
        return fail(ErrorKind::Device, "The memory does not suffice for frames of {}x{}.", width, height);
    // The container must tell the frames' times apart as finely as they are given.
    AVDictionary* muxer = nullptr;
    av_dict_set_int(&muxer, "video_track_timescale", context.time_base.den, 0);
    av_dict_set(&muxer, "movflags", "+faststart+write_colr", 0);
    error = avio_open(&raw->pb, ("file:" + file.string()).c_str(), AVIO_FLAG_WRITE);
    if (error >= 0)
        error = avformat_write_header(raw, &muxer);
    av_dict_free(&muxer);
    if (error < 0)
        return impl->failed(error);
    return VideoWriter(std::move(impl));
}

Result<void> VideoWriter::write(const Image& rgb, std::int64_t time) {
    Impl& my = *impl_;
    if (rgb.width != my.width || rgb.height != my.height || rgb.channels != 3)
        return fail(ErrorKind::Internal, "A frame of {}x{} was given to a movie of {}x{}.", rgb.width,
                    rgb.height, my.width, my.height);
    const Image* planes[] = {&rgb};
    std::vector<std::uint16_t> values = to_u16(planes);
    const auto row = static_cast<std::size_t>(my.width) * 3;
    if (my.frame->width != my.width || my.frame->height != my.height) { // the last column and row once more
        const auto wide = static_cast<std::size_t>(my.frame->width) * 3;
        std::vector<std::uint16_t> even(wide * static_cast<std::size_t>(my.frame->height));
        for (int y = 0; y < my.frame->height; ++y) {
            const auto* from = values.data() + row * static_cast<std::size_t>(std::min(y, my.height - 1));
            auto* to = even.data() + wide * static_cast<std::size_t>(y);
            std::copy(from, from + row, to);
            if (wide > row)
                std::copy(from + row - 3, from + row, to + row);
        }
        values = std::move(even);
    }
    if (av_frame_make_writable(my.frame.get()) < 0)
        return fail(ErrorKind::Device, "The memory does not suffice for frames of {}x{}.", my.width,
                    my.height);
    const std::uint8_t* source[4] = {reinterpret_cast<const std::uint8_t*>(values.data())};
    const int strides[4] = {my.frame->width * 6};
    sws_scale(my.scaler.get(), source, strides, 0, my.frame->height, my.frame->data, my.frame->linesize);
    my.frame->pts = time - my.options.start;
    my.frame->pict_type = AV_PICTURE_TYPE_NONE;
    if (my.sound)
        C2C_CHECK(my.copy_sound(time));
    if (const int error = avcodec_send_frame(my.codec.get(), my.frame.get()); error < 0)
        return my.failed(error);
    return my.drain();
}

Result<void> VideoWriter::finish() {
    Impl& my = *impl_;
    avcodec_send_frame(my.codec.get(), nullptr);
    C2C_CHECK(my.drain());
    if (my.sound)
        C2C_CHECK(my.copy_sound(std::numeric_limits<std::int64_t>::max() / 4));
    int error = av_write_trailer(my.output.get());
    if (error >= 0)
        error = avio_closep(&my.output->pb);
    if (error < 0)
        return my.failed(error);
    return {};
}

} // namespace c2c
