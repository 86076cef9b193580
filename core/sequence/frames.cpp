#include "core/sequence/frames.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace c2c {
namespace {

constexpr std::int64_t largest_frame = 999'999'999;
constexpr std::size_t most_frames = 1'000'000;

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value > largest_frame)
        return std::nullopt;
    return value;
}

} // namespace

Result<std::vector<std::int64_t>> parse_frames(std::string_view text) {
    const auto wrong = [&](std::string_view part) {
        return fail(ErrorKind::Usage,
                    "\"{}\" is not a range of frames; write first-last or first-lastxstep, as in "
                    "1001-1100x2.",
                    part);
    };
    std::vector<std::int64_t> frames;
    std::set<std::int64_t> seen;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        const std::string_view part = text.substr(at, end - at);
        at = end + 1;
        const std::size_t x = part.find('x');
        const std::string_view range = part.substr(0, x);
        const std::size_t dash = range.find('-');
        const auto first = whole(range.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : whole(range.substr(dash + 1));
        const auto step =
            x == std::string_view::npos ? std::optional<std::int64_t>(1) : whole(part.substr(x + 1));
        if (!first || !last || !step || *step == 0)
            return wrong(part);
        if (*last < *first)
            return fail(ErrorKind::Usage, "The range \"{}\" runs backwards; write {}-{}.", part, *last,
                        *first);
        if (static_cast<std::size_t>((*last - *first) / *step) + frames.size() >= most_frames)
            return fail(ErrorKind::Usage, "\"{}\" has more than {} frames.", text, most_frames);
        for (std::int64_t frame = *first; frame <= *last; frame += *step)
            if (seen.insert(frame).second)
                frames.push_back(frame);
    }
    return frames;
}

Result<Shard> parse_shard(std::string_view text) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::int64_t index = whole(text.substr(0, slash)).value_or(0);
    const std::int64_t count = slash < text.size() ? whole(text.substr(slash + 1)).value_or(0) : 0;
    if (index < 1 || index > count || count > 1'000'000)
        return fail(ErrorKind::Usage, "\"{}\" is not a shard; write part/parts, from 1/8 to 8/8.", text);
    return Shard{static_cast<int>(index), static_cast<int>(count)};
}

std::vector<std::int64_t> shard_frames(const std::vector<std::int64_t>& frames, const Shard& shard) {
    const auto cut = [&](int i) {
        return static_cast<std::ptrdiff_t>(frames.size() * static_cast<std::size_t>(i) /
                                           static_cast<std::size_t>(shard.count));
    };
    return {frames.begin() + cut(shard.index - 1), frames.begin() + cut(shard.index)};
}

} // namespace c2c
