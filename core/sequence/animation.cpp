#include "core/sequence/animation.h"

#include "core/image/pixels.h"
#include "core/image/read.h"
#include "core/sequence/palette.h"
#include "core/sequence/video_av.h"

#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>

namespace fs = std::filesystem;

namespace c2c {
namespace {

/// RGB, or RGBA when the picture has alpha.
struct Pixels {
    int width = 0, height = 0, channels = 3;
    std::vector<std::uint8_t> values;
};

Result<Pixels> read_pixels(const fs::path& file) {
    C2C_TRY(const Photo photo, read_photo(file));
    std::vector<const Image*> planes = {&photo.color};
    if (!photo.alpha.data.empty())
        planes.push_back(&photo.alpha);
    return Pixels{photo.width(), photo.height(), static_cast<int>(2 + planes.size()), to_u8(planes)};
}

struct FreeWebp {
    void operator()(WebPAnimEncoder* p) const { WebPAnimEncoderDelete(p); }
};

Result<void> write_webp(const Animation& animation, const fs::path& file, const StopToken& stop) {
    WebPAnimEncoderOptions options;
    WebPConfig config;
    if (!WebPAnimEncoderOptionsInit(&options) || !WebPConfigInit(&config))
        return av::cannot_write(file, "another version of libwebp");
    config.quality = static_cast<float>(animation.quality);
    config.lossless = animation.quality >= 100;
    std::unique_ptr<WebPAnimEncoder, FreeWebp> encoder;
    for (std::size_t i = 0; i < animation.frames.size(); ++i) {
        if (stop.stop_requested())
            return cancelled();
        C2C_TRY(const Pixels pixels, read_pixels(animation.frames[i]));
        if (!encoder)
            encoder.reset(WebPAnimEncoderNew(pixels.width, pixels.height, &options));
        WebPPicture picture;
        if (!encoder || !WebPPictureInit(&picture))
            return av::cannot_write(file, "too large for WebP, which has 16383 pixels a side");
        picture.use_argb = 1;
        picture.width = pixels.width;
        picture.height = pixels.height;
        const int stride = pixels.width * pixels.channels;
        const bool added =
            (pixels.channels == 4 ? WebPPictureImportRGBA(&picture, pixels.values.data(), stride)
                                  : WebPPictureImportRGB(&picture, pixels.values.data(), stride)) &&
            WebPAnimEncoderAdd(encoder.get(), &picture, static_cast<int>(animation.milliseconds[i]), &config);
        WebPPictureFree(&picture);
        if (!added)
            return av::cannot_write(file, WebPAnimEncoderGetError(encoder.get()));
    }
    WebPData data;
    WebPDataInit(&data);
    if (!WebPAnimEncoderAdd(encoder.get(), nullptr, static_cast<int>(animation.milliseconds.back()),
                            nullptr) ||
        !WebPAnimEncoderAssemble(encoder.get(), &data))
        return av::cannot_write(file, WebPAnimEncoderGetError(encoder.get()));
    std::ofstream stream(file, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(data.bytes), static_cast<std::streamsize>(data.size));
    stream.close();
    WebPDataClear(&data);
    return stream ? Result<void>() : av::cannot_write(file, "the disk does not take it");
}

Result<void> write_gif(const Animation& animation, const fs::path& file, const StopToken& stop) {
    ColorHistogram histogram;
    Pixels pixels;
    for (const fs::path& frame : animation.frames) {
        if (stop.stop_requested())
            return cancelled();
        C2C_TRY(pixels, read_pixels(frame));
        histogram.add(pixels.values, pixels.channels);
    }
    // The last of the 256 stays free: the encoder marks with it what has not changed since the frame before.
    const Palette palette(histogram.median_cut(255));

    av_log_set_level(AV_LOG_FATAL);
    AVFormatContext* raw = nullptr;
    avformat_alloc_output_context2(&raw, nullptr, "gif", nullptr);
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_GIF);
    if (!raw || !codec)
        return fail(ErrorKind::Usage, "This system's libavcodec has no GIF; write {} as .webp.",
                    file.string());
    const av::Output output(raw);
    const av::Codec context(avcodec_alloc_context3(codec));
    context->width = pixels.width;
    context->height = pixels.height;
    context->pix_fmt = AV_PIX_FMT_PAL8;
    context->time_base = {1, 100};
    int error = avcodec_open2(context.get(), codec, nullptr);
    AVStream* stream = avformat_new_stream(raw, nullptr);
    if (error >= 0)
        error = avcodec_parameters_from_context(stream->codecpar, context.get());
    stream->time_base = context->time_base;
    if (error >= 0)
        error = avio_open(&raw->pb, ("file:" + file.string()).c_str(), AVIO_FLAG_WRITE);
    if (error >= 0)
        error = avformat_write_header(raw, nullptr);
    const av::Packet packet(av_packet_alloc());
    const auto drain = [&] {
        int got = 0;
        while ((got = avcodec_receive_packet(context.get(), packet.get())) >= 0) {
            av_packet_rescale_ts(packet.get(), context->time_base, stream->time_base);
            got = av_interleaved_write_frame(raw, packet.get());
            if (got < 0)
                return got;
        }
        return got == AVERROR(EAGAIN) || got == AVERROR_EOF ? 0 : got;
    };
    for (std::size_t i = 0; error >= 0 && i < animation.frames.size(); ++i) {
        if (stop.stop_requested())
            return cancelled();
        C2C_TRY(pixels, read_pixels(animation.frames[i]));
        const av::Frame frame(av_frame_alloc()); // its own: the encoder compares it with the one before
        frame->format = AV_PIX_FMT_PAL8;
        frame->width = pixels.width;
        frame->height = pixels.height;
        if (av_frame_get_buffer(frame.get(), 0) < 0)
            return fail(ErrorKind::Device, "The memory does not suffice for frames of {}x{}.", pixels.width,
                        pixels.height);
        palette.map(pixels.values, pixels.width, pixels.height, pixels.channels, frame->data[0],
                    frame->linesize[0]);
        std::uint32_t colors[256] = {};
        std::copy(palette.colors().begin(), palette.colors().end(), colors);
        std::memcpy(frame->data[1], colors, sizeof colors);
        frame->pts = (animation.milliseconds[i] + 5) / 10;
        error = avcodec_send_frame(context.get(), frame.get());
        if (error >= 0)
            error = drain();
    }
    if (error >= 0)
        error = avcodec_send_frame(context.get(), nullptr);
    if (error >= 0)
        error = drain();
    if (error >= 0)
        error = av_write_trailer(raw);
    if (error >= 0)
        error = avio_closep(&raw->pb);
    return error < 0 ? av::cannot_write(file, av::reason(error)) : Result<void>();
}

} // namespace

Result<void> write_animation(const Animation& animation, const fs::path& file, const StopToken& stop) {
    if (file.extension() == ".gif" || file.extension() == ".GIF")
        return write_gif(animation, file, stop);
    return write_webp(animation, file, stop);
}

} // namespace c2c
