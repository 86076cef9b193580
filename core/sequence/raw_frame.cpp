#include "core/sequence/raw_frame.h"

#include "core/base/files.h"
#include "core/image/pixels.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <vector>

namespace fs = std::filesystem;

namespace c2c {
namespace {

/// Width, height, channels; the numbers follow, all of this machine's byte order.
using Head = std::array<std::int32_t, 3>;

std::size_t values_in(const Head& head) {
    return static_cast<std::size_t>(head[0]) * static_cast<std::size_t>(head[1]) *
           static_cast<std::size_t>(head[2]);
}

} // namespace

Result<void> write_raw_frame(const RawFrame& frame, const fs::path& file) {
    std::vector<const Image*> planes = {&frame.picture};
    if (!frame.alpha.data.empty())
        planes.push_back(&frame.alpha);
    const std::vector<std::uint16_t> values = to_u16(planes);
    const Head head = {frame.picture.width, frame.picture.height, static_cast<int>(2 + planes.size())};
    return write_atomically(file, Overwrite::Yes, [&](const fs::path& temporary) -> Result<void> {
        std::ofstream stream(temporary, std::ios::binary);
        stream.write(reinterpret_cast<const char*>(head.data()), sizeof head);
        stream.write(reinterpret_cast<const char*>(values.data()),
                     static_cast<std::streamsize>(values.size() * sizeof values[0]));
        stream.close();
        if (!stream)
            return fail(ErrorKind::Output, "{} cannot be written; free some space and --resume.",
                        file.string());
        return {};
    });
}

Result<RawFrame> read_raw_frame(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    Head head = {};
    stream.read(reinterpret_cast<char*>(head.data()), sizeof head);
    std::error_code error;
    const bool known = stream && head[0] > 0 && head[1] > 0 && (head[2] == 3 || head[2] == 4) &&
                       fs::file_size(file, error) == sizeof head + values_in(head) * sizeof(std::uint16_t);
    std::vector<std::uint16_t> values(known ? values_in(head) : 0);
    stream.read(reinterpret_cast<char*>(values.data()),
                static_cast<std::streamsize>(values.size() * sizeof(std::uint16_t)));
    if (!known || !stream)
        return fail(ErrorKind::Input, "{} is no frame of a movie in work; start over with --overwrite.",
                    file.string());
    RawFrame frame;
    frame.picture = from_integers(values, head[0], head[1], head[2], 0, 3);
    if (head[2] == 4)
        frame.alpha = from_integers(values, head[0], head[1], head[2], 3, 1);
    return frame;
}

} // namespace c2c
