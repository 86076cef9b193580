#include "core/sequence/source.h"

#include <algorithm>
#include <cmath>

namespace c2c {
namespace {

Result<void> count_movie(FrameSource& source, std::int64_t start, const StopToken& stop) {
    C2C_TRY(VideoReader reader, VideoReader::open(source.files.front()));
    source.video = reader.info();
    std::int64_t end = 0;
    for (std::int64_t number = start;; ++number) {
        if (stop.stop_requested())
            return cancelled();
        C2C_TRY(const auto frame, reader.next(false));
        if (!frame)
            break;
        source.numbers.push_back(number);
        source.times.push_back(frame->time);
        end = frame->time + frame->length;
    }
    const VideoInfo& info = *source.video;
    if (!source.times.empty() && end <= source.times.back())
        end = source.times.back() +
              std::max<std::int64_t>(1, std::llround(1 / info.rate.value() / info.time_base.value()));
    source.times.push_back(end);
    source.video->frames = static_cast<std::int64_t>(source.numbers.size());
    if (source.numbers.empty())
        return fail(ErrorKind::Input, "{} has no frames; choose another movie.",
                    source.files.front().string());
    return {};
}

} // namespace

Result<FrameSource> open_source(const std::vector<std::string>& inputs, std::int64_t start,
                                const StopToken& stop) {
    C2C_TRY(FrameSource source, list_source(inputs, start));
    if (source.kind == FrameSource::Kind::Movie)
        C2C_CHECK(count_movie(source, start, stop));
    return source;
}

Result<VideoFrame> FrameReader::read(std::size_t index) {
    VideoFrame frame;
    frame.time = static_cast<std::int64_t>(index);
    if (source_.kind == FrameSource::Kind::Plate) {
        C2C_TRY(frame.photo, read_photo(source_.files[index], limits_));
        return frame;
    }
    if (source_.kind == FrameSource::Kind::Photo) {
        if (!photo_) {
            C2C_TRY(photo_, read_photo(source_.files.front(), limits_));
        }
        frame.photo = *photo_;
        return frame;
    }
    if (!video_ || index < next_) {
        C2C_TRY(video_, VideoReader::open(source_.files.front(), threads_));
        next_ = 0;
    }
    for (;; ++next_) {
        C2C_TRY(auto found, video_->next(next_ == index));
        if (!found)
            return fail(ErrorKind::Input, "{} ends before frame {}; it changed while it was read.",
                        source_.files.front().string(), index + 1);
        if (next_ == index) {
            ++next_;
            return *std::move(found);
        }
    }
}

} // namespace c2c
