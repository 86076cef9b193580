#pragma once

// What the reader and the writer share of libav, with its C headers.

#include "core/base/result.h"
#include "core/sequence/video.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/cpu.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <memory>

namespace c2c::av {

struct Free {
    void operator()(AVFrame* p) const { av_frame_free(&p); }
    void operator()(AVPacket* p) const { av_packet_free(&p); }
    void operator()(AVCodecContext* p) const { avcodec_free_context(&p); }
    void operator()(SwsContext* p) const { sws_freeContext(p); }
};
struct CloseInput {
    void operator()(AVFormatContext* p) const { avformat_close_input(&p); }
};
struct CloseOutput {
    void operator()(AVFormatContext* p) const {
        avio_closep(&p->pb);
        avformat_free_context(p);
    }
};
using Frame = std::unique_ptr<AVFrame, Free>;
using Packet = std::unique_ptr<AVPacket, Free>;
using Codec = std::unique_ptr<AVCodecContext, Free>;
using Scaler = std::unique_ptr<SwsContext, Free>;
using Input = std::unique_ptr<AVFormatContext, CloseInput>;
using Output = std::unique_ptr<AVFormatContext, CloseOutput>;

inline std::string reason(int error) {
    char text[AV_ERROR_MAX_STRING_SIZE] = {};
    av_strerror(error, text, sizeof text);
    return text;
}

inline tl::unexpected<Error> cannot_write(const std::filesystem::path& file, const std::string& why) {
    return fail(ErrorKind::Output, "{} cannot be written ({}); free some space or choose another place.",
                file.string(), why);
}

inline AVRational rational(Ratio r) {
    return {r.num, r.den};
}
inline Ratio ratio(AVRational r) {
    return {r.num, r.den};
}

/// Between a movie's pixels and interleaved 16-bit RGB(A) of equal size; null when libswscale cannot.
/// Its default is fast and off by some levels: rounding and full chroma interpolation are asked for.
inline Scaler make_scaler(int width, int height, AVPixelFormat from, AVPixelFormat to,
                          const VideoColor& color, bool from_movie) {
    Scaler scaler(sws_alloc_context());
    if (!scaler)
        return nullptr;
    const auto set = [&](const char* name, std::int64_t value) {
        av_opt_set_int(scaler.get(), name, value, 0);
    };
    set("srcw", width), set("srch", height), set("src_format", from);
    set("dstw", width), set("dsth", height), set("dst_format", to);
    set("sws_flags", SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP);
    set("src_range", from_movie ? color.full_range : 1);
    set("dst_range", from_movie ? 1 : color.full_range);
    // 4:2:0 and 4:2:2 as MPEG-2 and later place it: chroma on the left luma column, between the two rows.
    const auto* yuv = av_pix_fmt_desc_get(from_movie ? from : to);
    if (yuv->log2_chroma_w == 1)
        set(from_movie ? "src_h_chr_pos" : "dst_h_chr_pos", 0);
    if (yuv->log2_chroma_h == 1)
        set(from_movie ? "src_v_chr_pos" : "dst_v_chr_pos", 128);
    const int* matrix = sws_getCoefficients(color.matrix);
    const int* rgb = sws_getCoefficients(SWS_CS_DEFAULT);
    sws_setColorspaceDetails(scaler.get(), from_movie ? matrix : rgb, from_movie ? color.full_range : 1,
                             from_movie ? rgb : matrix, from_movie ? 1 : color.full_range, 0, 1 << 16,
                             1 << 16);
    if (sws_init_context(scaler.get(), nullptr, nullptr) < 0)
        return nullptr;
    sws_setColorspaceDetails(scaler.get(), from_movie ? matrix : rgb, from_movie ? color.full_range : 1,
                             from_movie ? rgb : matrix, from_movie ? 1 : color.full_range, 0, 1 << 16,
                             1 << 16);
    return scaler;
}

/// The best stream of a kind of a local file; the file name is never taken for a network address.
inline Result<Input> open_input(const std::filesystem::path& file) {
    av_log_set_level(AV_LOG_FATAL);
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored))
        return fail(ErrorKind::Input, "{} is not a file; check its name.", file.string());
    AVFormatContext* raw = nullptr;
    AVDictionary* options = nullptr;
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    int error = avformat_open_input(&raw, ("file:" + file.string()).c_str(), nullptr, &options);
    av_dict_free(&options);
    Input input(raw);
    if (error >= 0)
        error = avformat_find_stream_info(input.get(), nullptr);
    if (error < 0)
        return fail(ErrorKind::Input, "{} cannot be read as a movie ({}); choose another file.",
                    file.string(), reason(error));
    return input;
}

} // namespace c2c::av
