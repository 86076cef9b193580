#include "core/sequence/video_mux.h"

#include <limits>
#include <string_view>

namespace fs = std::filesystem;

namespace c2c::av {

AVRational time_unit(const VideoOptions& options) {
    return options.time_base ? rational(*options.time_base) : av_inv_q(rational(options.rate));
}

Result<Muxer> Muxer::create(const fs::path& file, const VideoOptions& options) {
    av_log_set_level(AV_LOG_FATAL);
    Muxer muxer;
    muxer.file_ = file;
    muxer.options_ = options;
    AVFormatContext* raw = nullptr;
    avformat_alloc_output_context2(&raw, nullptr, nullptr, file.c_str());
    if (!raw)
        return fail(ErrorKind::Usage, "{} is not a movie's name; use .mp4, .mov, .mkv or .webm.",
                    file.string());
    muxer.output_.reset(raw);
    raw->flags |= AVFMT_FLAG_BITEXACT; // no random ids or versions: the same command, the same bytes
    // A part keeps its frames' times; what is decoded before 0 would shift them.
    if (muxer.is_part())
        raw->avoid_negative_ts = 0;
    return muxer;
}

bool Muxer::is_part() const {
    return std::string_view(output_->oformat->name) == "nut";
}

bool Muxer::holds(AVCodecID codec) const {
    return is_part() || avformat_query_codec(output_->oformat, codec, FF_COMPLIANCE_NORMAL) == 1;
}

Result<void> Muxer::start(const AVCodecParameters& picture, AVRational unit) {
    unit_ = unit;
    picture_ = avformat_new_stream(output_.get(), nullptr);
    avcodec_parameters_copy(picture_->codecpar, &picture);
    if (picture.codec_id != AV_CODEC_ID_PRORES) // its tag says the profile; the others' are the container's
        picture_->codecpar->codec_tag = 0;
    picture_->time_base = unit;
    picture_->avg_frame_rate = rational(options_.rate);
    picture_->sample_aspect_ratio = picture.sample_aspect_ratio;
    if (!options_.audio_from.empty())
        open_sound();
    if (!options_.comment.empty())
        av_dict_set(&output_->metadata, "comment", options_.comment.c_str(), 0);
    // The container must tell the frames' times apart as finely as they are given.
    AVDictionary* settings = nullptr;
    av_dict_set_int(&settings, "video_track_timescale", unit.den, 0);
    av_dict_set(&settings, "movflags", "+faststart+write_colr", 0);
    int error = avio_open(&output_->pb, ("file:" + file_.string()).c_str(), AVIO_FLAG_WRITE);
    if (error >= 0)
        error = avformat_write_header(output_.get(), &settings);
    av_dict_free(&settings);
    if (error < 0)
        return cannot_write(file_, reason(error));
    return {};
}

/// Sound that cannot be copied is told, and no reason to lose the picture.
void Muxer::open_sound() {
    auto input = open_input(options_.audio_from);
    if (!input)
        return;
    const int index = av_find_best_stream(input->get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    if (index < 0)
        return;
    sound_in_ = (*input)->streams[index];
    const AVCodecID id = sound_in_->codecpar->codec_id;
    if (!holds(id)) {
        remark_ = fmt::format("The sound of {} ({}) does not fit into {} and was left out; write .mov or "
                              ".mkv to keep it.",
                              options_.audio_from.string(), avcodec_get_name(id), file_.extension().string());
        return;
    }
    sound_out_ = avformat_new_stream(output_.get(), nullptr);
    avcodec_parameters_copy(sound_out_->codecpar, sound_in_->codecpar);
    sound_out_->codecpar->codec_tag = 0;
    sound_out_->time_base = sound_in_->time_base;
    sound_ = *std::move(input);
}

/// Packets up to a time of the source's picture; written along with it, so that memory stays flat.
Result<void> Muxer::copy_sound(std::int64_t until) {
    const AVRational unit = time_unit(options_);
    const std::int64_t start = av_rescale_q(options_.start, unit, sound_in_->time_base);
    while (sound_) {
        if (!sound_waiting_) {
            const int read = av_read_frame(sound_.get(), sound_packet_.get());
            if (read < 0) { // the end, or a damaged rest: the picture matters more
                sound_.reset();
                break;
            }
            if (sound_packet_->stream_index != sound_in_->index || sound_packet_->pts == AV_NOPTS_VALUE ||
                sound_packet_->pts + sound_packet_->duration < start) {
                av_packet_unref(sound_packet_.get());
                continue;
            }
            sound_waiting_ = true;
        }
        if (av_compare_ts(sound_packet_->pts, sound_in_->time_base, until, unit) > 0)
            return {};
        if (options_.audio_end &&
            av_compare_ts(sound_packet_->pts, sound_in_->time_base, *options_.audio_end, unit) >= 0) {
            sound_.reset();
            break;
        }
        sound_packet_->pts -= start;
        sound_packet_->dts -= start;
        sound_packet_->pos = -1;
        sound_packet_->stream_index = sound_out_->index;
        av_packet_rescale_ts(sound_packet_.get(), sound_in_->time_base, sound_out_->time_base);
        sound_waiting_ = false;
        if (const int error = av_interleaved_write_frame(output_.get(), sound_packet_.get()); error < 0)
            return cannot_write(file_, reason(error));
    }
    return {};
}

Result<void> Muxer::write(AVPacket& packet) {
    if (sound_)
        C2C_CHECK(copy_sound(av_rescale_q(packet.pts, unit_, time_unit(options_)) + options_.start));
    packet.stream_index = picture_->index;
    packet.pos = -1;
    av_packet_rescale_ts(&packet, unit_, picture_->time_base);
    if (const int error = av_interleaved_write_frame(output_.get(), &packet); error < 0)
        return cannot_write(file_, reason(error));
    return {};
}

Result<void> Muxer::finish() {
    if (sound_)
        C2C_CHECK(copy_sound(std::numeric_limits<std::int64_t>::max() / 4));
    int error = av_write_trailer(output_.get());
    if (error >= 0)
        error = avio_closep(&output_->pb);
    if (error < 0)
        return cannot_write(file_, reason(error));
    return {};
}

} // namespace c2c::av
