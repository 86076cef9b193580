#include "core/image/webp.h"

#include "core/image/limits.h"
#include "core/image/pixels.h"

#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>

namespace c2c {
namespace {

struct WriterGuard {
    WebPPicture picture;
    WebPMemoryWriter writer;
    ~WriterGuard() {
        WebPPictureFree(&picture);
        WebPMemoryWriterClear(&writer);
    }
};

} // namespace

Result<void> read_webp(const std::filesystem::path& file, bool pixels, const ReadLimits& limits,
                       Photo& photo) {
    const auto broken = [&] {
        return fail(ErrorKind::Input, "{} is damaged or cut short; copy it again from where it came from.",
                    file.string());
    };
    std::ifstream stream(file, std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK)
        return broken();
    const int width = features.width, height = features.height, channels = features.has_alpha ? 4 : 3;
    C2C_CHECK(check_limits(file, width, height, limits));
    photo.depth = Depth::U8;
    photo.color.width = width;
    photo.color.height = height;
    photo.color.channels = 3;
    const WebPData data{bytes.data(), bytes.size()};
    WebPDemuxState state;
    const std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)> demuxer(WebPDemuxPartial(&data, &state),
                                                                           WebPDemuxDelete);
    WebPChunkIterator profile;
    if (demuxer && WebPDemuxGetChunk(demuxer.get(), "ICCP", 1, &profile)) {
        photo.icc.assign(profile.chunk.bytes, profile.chunk.bytes + profile.chunk.size);
        WebPDemuxReleaseChunkIterator(&profile);
    }
    if (!pixels)
        return {};

    std::vector<std::uint8_t> values(std::size_t(width) * std::size_t(height) * std::size_t(channels));
    if (features.has_animation) {
        WebPIterator frame{};
        if (!demuxer || !WebPDemuxGetFrame(demuxer.get(), 1, &frame))
            return broken();
        const std::unique_ptr<WebPIterator, decltype(&WebPDemuxReleaseIterator)> release(
            &frame, WebPDemuxReleaseIterator);
        // A first frame may cover a part of the canvas; the rest is transparent, or black without alpha.
        if (frame.x_offset < 0 || frame.y_offset < 0 || frame.width > width - frame.x_offset ||
            frame.height > height - frame.y_offset)
            return broken();
        const std::size_t offset =
            (std::size_t(frame.y_offset) * std::size_t(width) + std::size_t(frame.x_offset)) *
            std::size_t(channels);
        const auto decode = channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
        if (!decode(frame.fragment.bytes, frame.fragment.size, values.data() + offset, values.size() - offset,
                    width * channels))
            return broken();
    } else {
        const auto decode = channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
        if (!decode(bytes.data(), bytes.size(), values.data(), values.size(), width * channels))
            return broken();
    }
    photo.color = from_integers(values, width, height, channels, 0, 3);
    if (channels == 4)
        photo.alpha = from_integers(values, width, height, channels, 3, 1);
    return {};
}

tl::expected<std::vector<std::uint8_t>, std::string>
encode_webp(std::span<const std::uint8_t> pixels, int width, int height, int channels, int quality) {
    if (width > WEBP_MAX_DIMENSION || height > WEBP_MAX_DIMENSION)
        return tl::unexpected(std::string("WebP ends at 16383 pixels a side"));
    WebPConfig config;
    WriterGuard guard;
    WebPMemoryWriterInit(&guard.writer);
    if (!WebPConfigInit(&config) || !WebPPictureInit(&guard.picture))
        return tl::unexpected(std::string("libwebp is of another version"));
    if (quality >= 100) {
        WebPConfigLosslessPreset(&config, 2); // a quick one; the size gains little from more
        config.exact = 1;
    } else {
        config.quality = float(quality);
        config.alpha_quality = 100;
        config.use_sharp_yuv = quality > 90;
    }
    config.thread_level = 1;
    guard.picture.use_argb = quality >= 100;
    guard.picture.width = width;
    guard.picture.height = height;
    guard.picture.writer = WebPMemoryWrite;
    guard.picture.custom_ptr = &guard.writer;
    const auto import = channels == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB;
    if (!import(&guard.picture, pixels.data(), width * channels) || !WebPEncode(&config, &guard.picture))
        return tl::unexpected("libwebp error " + std::to_string(int(guard.picture.error_code)));
    return std::vector<std::uint8_t>(guard.writer.mem, guard.writer.mem + guard.writer.size);
}

std::vector<std::uint8_t> webp_with_profile(const std::vector<std::uint8_t>& file,
                                            const std::vector<std::uint8_t>& icc, bool alpha, int width,
                                            int height) {
    // RIFF container of the WebP specification: VP8X first, then ICCP, then the rest as it was.
    const auto little = [](std::size_t number, int count) {
        std::string text;
        for (int i = 0; i < count; ++i)
            text += char(number >> (8 * i));
        return text;
    };
    constexpr char has_profile = 0x20, has_alpha = 0x10;
    std::string_view rest(reinterpret_cast<const char*>(file.data()), file.size());
    rest.remove_prefix(12);
    std::string body = "WEBP";
    if (rest.starts_with("VP8X")) {
        body += rest.substr(0, 18);
        body[4 + 8] = char(body[4 + 8] | has_profile);
        rest.remove_prefix(18);
    } else {
        body += "VP8X" + little(10, 4) + char(has_profile | (alpha ? has_alpha : 0)) + little(0, 3) +
                little(std::size_t(width - 1), 3) + little(std::size_t(height - 1), 3);
    }
    body += "ICCP" + little(icc.size(), 4);
    body.append(icc.begin(), icc.end());
    body.append(icc.size() % 2, '\0');
    body += rest;
    const std::string whole = "RIFF" + little(body.size(), 4) + body;
    return {whole.begin(), whole.end()};
}

} // namespace c2c
