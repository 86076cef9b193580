#include "core/sequence/stamp.h"

#include "core/sequence/names.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>

#include <webp/mux.h>

namespace c2c {
namespace fs = std::filesystem;

namespace {

std::string read_all(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

WebPData view(const std::string& bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

/// The animation with the packet's chunk; empty when libwebp cannot.
std::string webp_with(const std::string& animation, const std::string& xmp) {
    const WebPData file = view(animation), packet = view(xmp);
    const std::unique_ptr<WebPMux, decltype(&WebPMuxDelete)> mux(WebPMuxCreate(&file, 0), WebPMuxDelete);
    WebPData whole;
    WebPDataInit(&whole);
    if (!mux || WebPMuxSetChunk(mux.get(), "XMP ", &packet, 0) != WEBP_MUX_OK ||
        WebPMuxAssemble(mux.get(), &whole) != WEBP_MUX_OK)
        return {};
    std::string bytes(reinterpret_cast<const char*>(whole.bytes), whole.size);
    WebPDataClear(&whole);
    return bytes;
}

/// XMP specification, part 3: the packet is not cut into blocks; a reader that takes its bytes for the
/// lengths of blocks lands in the trailer, where every byte leads to its end.
std::string gif_with(std::string animation, const std::string& xmp) {
    constexpr std::size_t header = 13;
    if (animation.size() < header)
        return {};
    const unsigned flags = static_cast<unsigned char>(animation[10]);
    const std::size_t palette = flags & 0x80 ? std::size_t{3} << ((flags & 7) + 1) : 0;
    std::string block = "\x21\xff\x0bXMP DataXMP" + xmp + '\x01';
    for (int byte = 0xff; byte >= 0; --byte)
        block += static_cast<char>(byte);
    return animation.insert(std::min(header + palette, animation.size()), block + '\0');
}

/// XMP specification, part 3: a top-level box of this type.
std::string mp4_box(const std::string& xmp) {
    static constexpr unsigned char type[] = {'u',  'u',  'i',  'd',  0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9,
                                             0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac};
    const std::size_t size = 4 + std::size(type) + xmp.size();
    std::string box;
    for (const int shift : {24, 16, 8, 0})
        box += static_cast<char>(size >> shift & 0xff);
    return box.append(reinterpret_cast<const char*>(type), std::size(type)) + xmp;
}

} // namespace

Result<void> stamp(const fs::path& file, const fs::path& name, const std::string& xmp) {
    const std::string suffix = lower_suffix(name);
    std::fstream stream;
    if (suffix == ".webp" || suffix == ".gif") {
        const std::string bytes =
            suffix == ".gif" ? gif_with(read_all(file), xmp) : webp_with(read_all(file), xmp);
        if (bytes.empty())
            return fail(ErrorKind::Output, "{} does not take its provenance; write another format.",
                        name.string());
        stream.open(file, std::ios::binary | std::ios::out | std::ios::trunc);
        stream << bytes;
    } else if (suffix == ".mp4" || suffix == ".m4v" || suffix == ".mov") {
        stream.open(file, std::ios::binary | std::ios::in | std::ios::out | std::ios::ate);
        stream << mp4_box(xmp);
    } else {
        return {};
    }
    stream.close();
    return stream ? Result<void>()
                  : fail(ErrorKind::Output, "{} cannot be written; is the disk full?", name.string());
}

} // namespace c2c
