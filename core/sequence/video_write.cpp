#include "core/image/pixels.h"
#include "core/sequence/video_mux.h"

#include <algorithm>
#include <vector>

namespace fs = std::filesystem;

namespace c2c {
namespace {

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
    if (codec == VideoCodec::ProRes4444)
        return {"prores_ks", "ProRes 4444", AV_PIX_FMT_YUVA444P10, 0};
    return {"libx264", "H.264", AV_PIX_FMT_YUV420P, 16};
}

/// Interleaved pixels in a frame that is larger by a column or a row: the last ones once more.
std::vector<std::uint16_t> grown(std::vector<std::uint16_t> values, int width, int height, int to_width,
                                 int to_height, int channels) {
    if (width == to_width && height == to_height)
        return values;
    const auto row = static_cast<std::ptrdiff_t>(width) * channels;
    std::vector<std::uint16_t> large;
    large.reserve(static_cast<std::size_t>(to_width) * static_cast<std::size_t>(to_height) *
                  static_cast<std::size_t>(channels));
    for (int y = 0; y < to_height; ++y) {
        const auto from = values.begin() + row * std::min(y, height - 1);
        large.insert(large.end(), from, from + row);
        if (to_width > width)
            large.insert(large.end(), from + row - channels, from + row);
    }
    return large;
}

} // namespace

VideoCodec codec_for(const fs::path& file, VideoCodec asked) {
    if (asked != VideoCodec::Auto)
        return asked;
    const fs::path suffix = file.extension();
    return suffix == ".webm" ? VideoCodec::Vp9 : suffix == ".mov" ? VideoCodec::ProRes : VideoCodec::H264;
}

struct VideoWriter::Impl {
    fs::path file;
    VideoOptions options;
    int width = 0, height = 0; ///< of the pictures given; the movie's are even
    bool has_alpha = false;
    av::Muxer muxer;
    av::Codec codec;
    av::Scaler scaler;
    av::Frame frame{av_frame_alloc()};
    av::Packet packet{av_packet_alloc()};

    explicit Impl(av::Muxer&& into) : muxer(std::move(into)) {}

    /// Everything that the encoder has ready.
    Result<void> drain() {
        for (;;) {
            const int got = avcodec_receive_packet(codec.get(), packet.get());
            if (got == AVERROR(EAGAIN) || got == AVERROR_EOF)
                return {};
            if (got < 0)
                return av::cannot_write(file, av::reason(got));
            C2C_CHECK(muxer.write(*packet));
        }
    }
};

VideoWriter::VideoWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VideoWriter::VideoWriter(VideoWriter&&) noexcept = default;
VideoWriter& VideoWriter::operator=(VideoWriter&&) noexcept = default;
VideoWriter::~VideoWriter() = default;

const std::string& VideoWriter::remark() const {
    return impl_->muxer.remark();
}

Result<VideoWriter> VideoWriter::create(const fs::path& file, int width, int height,
                                        const VideoOptions& options) {
    C2C_TRY(auto muxer, av::Muxer::create(file, options));
    auto impl = std::make_unique<Impl>(std::move(muxer));
    impl->file = file;
    impl->options = options;
    impl->width = width;
    impl->height = height;
    const Encoder encoder = encoder_of(codec_for(file, options.codec));
    const AVCodec* codec = avcodec_find_encoder_by_name(encoder.name);
    if (!codec || !impl->muxer.holds(codec->id))
        return fail(ErrorKind::Usage,
                    "{} cannot hold {} on this system; use another suffix or write frames (####.png).",
                    file.string(), encoder.shown);

    impl->codec.reset(avcodec_alloc_context3(codec));
    impl->has_alpha = encoder.format == AV_PIX_FMT_YUVA444P10;
    AVCodecContext& context = *impl->codec;
    context.width = (width + 1) / 2 * 2; // half-size chroma needs even sides
    context.height = (height + 1) / 2 * 2;
    context.pix_fmt = encoder.format;
    context.time_base = av::time_unit(options);
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
    if (impl->muxer.wants_global_header())
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
        av_dict_set(&settings, "profile", impl->has_alpha ? "4" : "3", 0); // 4444, 422 HQ
        av_dict_set(&settings, "vendor", "apl0", 0);
    }
    int error = avcodec_open2(&context, codec, &settings);
    av_dict_free(&settings);
    if (error < 0)
        return fail(ErrorKind::Output,
                    "{} cannot encode {}x{} ({}); use another suffix or write frames (####.png).",
                    encoder.shown, width, height, av::reason(error));

    impl->scaler =
        av::make_scaler(context.width, context.height, impl->has_alpha ? AV_PIX_FMT_RGBA64 : AV_PIX_FMT_RGB48,
                        encoder.format, color, false);
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
    AVCodecParameters* parameters = avcodec_parameters_alloc();
    avcodec_parameters_from_context(parameters, &context);
    const auto started = impl->muxer.start(*parameters, context.time_base);
    avcodec_parameters_free(&parameters);
    C2C_CHECK(started);
    return VideoWriter(std::move(impl));
}

Result<void> VideoWriter::write(const Image& rgb, std::int64_t time, const Image& alpha) {
    Impl& my = *impl_;
    const bool fits = rgb.width == my.width && rgb.height == my.height && rgb.channels == 3 &&
                      (alpha.data.empty() || (alpha.width == my.width && alpha.height == my.height));
    if (!fits)
        return fail(ErrorKind::Internal, "A frame of {}x{} was given to a movie of {}x{}.", rgb.width,
                    rgb.height, my.width, my.height);
    std::vector<const Image*> planes = {&rgb};
    Image opaque;
    if (my.has_alpha && alpha.data.empty()) {
        opaque = Image(my.width, my.height, 1);
        std::fill(opaque.data.begin(), opaque.data.end(), 1.0f);
    }
    if (my.has_alpha)
        planes.push_back(alpha.data.empty() ? &opaque : &alpha);
    const int channels = my.has_alpha ? 4 : 3;
    const auto values =
        grown(to_u16(planes), my.width, my.height, my.frame->width, my.frame->height, channels);
    if (av_frame_make_writable(my.frame.get()) < 0)
        return fail(ErrorKind::Device, "The memory does not suffice for frames of {}x{}.", my.width,
                    my.height);
    const std::uint8_t* source[4] = {reinterpret_cast<const std::uint8_t*>(values.data())};
    const int strides[4] = {my.frame->width * channels * 2};
    sws_scale(my.scaler.get(), source, strides, 0, my.frame->height, my.frame->data, my.frame->linesize);
    my.frame->pts = time - my.options.start;
    my.frame->pict_type = AV_PICTURE_TYPE_NONE;
    if (const int error = avcodec_send_frame(my.codec.get(), my.frame.get()); error < 0)
        return av::cannot_write(my.file, av::reason(error));
    return my.drain();
}

Result<void> VideoWriter::finish() {
    Impl& my = *impl_;
    avcodec_send_frame(my.codec.get(), nullptr);
    C2C_CHECK(my.drain());
    return my.muxer.finish();
}

} // namespace c2c
