#include "core/image/read.h"

#include "core/base/log.h"
#include "core/image/container.h"
#include "core/image/exr_header.h"
#include "core/image/limits.h"
#include "core/image/metadata.h"
#include "core/image/pixels.h"
#include "core/image/webp.h"

#include <OpenImageIO/imageio.h>
#include <OpenImageIO/tiffutils.h>

#include <algorithm>
#include <new>

namespace fs = std::filesystem;

namespace c2c {
namespace {

using OIIO::TypeDesc;

tl::unexpected<Error> damaged(const fs::path& file, std::string detail) {
    return tl::unexpected(Error{
        ErrorKind::Input,
        fmt::format("{} is damaged or cut short; copy it again from where it came from.", file.string()),
        std::move(detail)});
}

/// Which channel of the file is what.
struct Channels {
    std::vector<int> color;
    int alpha = -1;
    std::vector<int> extra;
};

Result<Channels> exr_channels(const OIIO::ImageSpec& spec, const fs::path& file) {
    const auto& names = spec.channelnames;
    const auto find = [&](const std::string& name) {
        const auto it = std::find(names.begin(), names.end(), name);
        return it == names.end() ? -1 : int(it - names.begin());
    };
    if (find("RY") >= 0 || find("BY") >= 0)
        return fail(ErrorKind::Input, "{} stores luminance and chroma; save it as RGB channels.",
                    file.string());
    // The nameless layer first, then the first layer that has all three.
    std::vector<std::string> layers{""};
    for (const std::string& name : names)
        if (name.size() > 2 && name.ends_with(".R"))
            layers.push_back(name.substr(0, name.size() - 1));
    Channels channels;
    for (const std::string& layer : layers) {
        const int r = find(layer + "R"), g = find(layer + "G"), b = find(layer + "B");
        if (r >= 0 && g >= 0 && b >= 0) {
            channels.color = {r, g, b};
            channels.alpha = find(layer + "A");
            break;
        }
    }
    if (channels.color.empty()) {
        channels.color = {std::max(find("Y"), 0)};
        channels.alpha = names[std::size_t(channels.color[0])] == "A" ? -1 : find("A");
    }
    return channels;
}

Channels plain_channels(const OIIO::ImageSpec& spec) {
    Channels channels;
    channels.color = spec.nchannels >= 3 ? std::vector{0, 1, 2} : std::vector{0};
    // The GIF reader names the channel after the last as alpha.
    const int alpha = std::min(spec.alpha_channel, spec.nchannels - 1);
    if (alpha >= int(channels.color.size()))
        channels.alpha = alpha;
    return channels;
}

Depth depth_of(TypeDesc type) {
    switch (type.basetype) {
    case TypeDesc::UINT8:
    case TypeDesc::INT8:
        return Depth::U8;
    case TypeDesc::HALF:
        return Depth::F16;
    case TypeDesc::FLOAT:
    case TypeDesc::DOUBLE:
        return Depth::F32;
    default:
        return Depth::U16;
    }
}

bool is_float(TypeDesc type) {
    return type == TypeDesc::HALF || type == TypeDesc::FLOAT || type == TypeDesc::DOUBLE;
}

TypeDesc type_of(const OIIO::ImageSpec& spec, int channel) {
    return spec.channelformats.empty() ? spec.format : spec.channelformat(channel);
}

template <class T>
void split(const std::vector<T>& values, const OIIO::ImageSpec& spec, const Channels& channels,
           Photo& photo) {
    const auto plane = [&](int first, int count) {
        if constexpr (std::is_same_v<T, float>)
            return from_floats(values, spec.width, spec.height, spec.nchannels, first, count);
        else
            return from_integers(values, spec.width, spec.height, spec.nchannels, first, count);
    };
    const auto& color = channels.color;
    if (color.size() == 1 || (color[1] == color[0] + 1 && color[2] == color[0] + 2)) {
        photo.color = plane(color[0], int(color.size()));
    } else { // a layer's channels are in alphabetical order
        photo.color = Image(spec.width, spec.height, 3);
        for (int c = 0; c < 3; ++c) {
            const Image one = plane(color[std::size_t(c)], 1);
            for (std::size_t i = 0; i < one.data.size(); ++i)
                photo.color.data[3 * i + std::size_t(c)] = one.data[i];
        }
    }
    if (channels.alpha >= 0)
        photo.alpha = plane(channels.alpha, 1);
    for (std::size_t i = 0; i < channels.extra.size(); ++i)
        photo.extra[i].pixels = plane(channels.extra[i], 1);
}

template <class T>
Result<void> read_as(OIIO::ImageInput& input, const OIIO::ImageSpec& spec, const Channels& channels,
                     TypeDesc type, const fs::path& file, Photo& photo) {
    const std::size_t size = std::size_t(spec.width) * std::size_t(spec.height) * std::size_t(spec.nchannels);
    std::vector<T> values;
    values.reserve(size);
    make_pages(values.data(), size * sizeof(T));
    values.resize(size);
    if (!input.read_image(0, 0, 0, spec.nchannels, type, values.data()))
        return damaged(file, input.geterror());
    split(values, spec, channels, photo);
    return {};
}

Result<void> read_pixels(OIIO::ImageInput& input, const OIIO::ImageSpec& spec, const Channels& channels,
                         const fs::path& file, Photo& photo) {
    if (spec.channelformats.empty() && spec.format == TypeDesc::UINT8)
        return read_as<std::uint8_t>(input, spec, channels, TypeDesc::UINT8, file, photo);
    if (spec.channelformats.empty() && spec.format == TypeDesc::UINT16)
        return read_as<std::uint16_t>(input, spec, channels, TypeDesc::UINT16, file, photo);
    C2C_CHECK(read_as<float>(input, spec, channels, TypeDesc::FLOAT, file, photo));
    for (std::size_t i = 0; i < channels.extra.size(); ++i) {
        if (!photo.extra[i].whole_numbers) // OpenImageIO scales integers to 0..1
            continue;
        Image& pixels = photo.extra[i].pixels;
        std::vector<std::uint32_t> ids(pixels.data.size());
        if (!input.read_image(0, 0, channels.extra[i], channels.extra[i] + 1, TypeDesc::UINT32, ids.data()))
            return damaged(file, input.geterror());
        std::transform(ids.begin(), ids.end(), pixels.data.begin(), [](auto id) { return float(id); });
    }
    return {};
}

Result<void> check_colors(const OIIO::ImageSpec& spec, const Container& container, const fs::path& file) {
    if (spec.deep)
        return fail(ErrorKind::Input, "{} is a deep EXR; flatten it first.", file.string());
    const std::string space = spec.get_string_attribute("tiff:ColorSpace");
    if (container.cmyk || space == "CMYK" || spec.get_int_attribute("tiff:PhotometricInterpretation") == 5)
        return fail(ErrorKind::Input, "{} is a CMYK picture for print; convert it to RGB first.",
                    file.string());
    const int photometric = spec.get_int_attribute("tiff:PhotometricInterpretation");
    if (photometric == 8 || photometric == 9 || photometric == 10)
        return fail(ErrorKind::Input, "{} is a Lab picture; convert it to RGB first.", file.string());
    if (spec.depth > 1)
        return fail(ErrorKind::Input, "{} is a volume and not a photo; choose another file.", file.string());
    return {};
}

void read_color_space(const OIIO::ImageSpec& spec, Photo& photo) {
    if (const auto* profile = spec.find_attribute("ICCProfile")) {
        const auto* bytes = static_cast<const std::uint8_t*>(profile->data());
        photo.icc.assign(bytes, bytes + profile->type().size());
    }
    photo.linear = is_float(spec.format) && photo.icc.empty();
    std::array<float, 8> xy;
    if (spec.getattribute("chromaticities", TypeDesc(TypeDesc::FLOAT, 8), xy.data()))
        photo.chromaticities = xy;
}

Result<void> read_by_oiio(const fs::path& file, const Container& container, bool pixels,
                          const ReadLimits& limits, Photo& photo) {
    // The plugin is named by us: left to itself the library believes the suffix first.
    const std::string plugin = photo.format == "heic" ? "heif" : photo.format;
    auto input = OIIO::ImageInput::create(plugin);
    if (!input) {
        (void)OIIO::geterror();
        return fail(ErrorKind::Input,
                    "{} is a {} file, which this installation cannot read; convert it to TIFF "
                    "or JPEG first.",
                    file.string(), photo.format);
    }
    OIIO::ImageSpec spec, config;
    config.attribute("oiio:UnassociatedAlpha", 1);
    if (!input->open(file.string(), spec, config)) {
        const std::string reason = input->geterror();
        return damaged(file, reason + OIIO::geterror());
    }
    C2C_CHECK(check_limits(file, spec.width, spec.height, limits));
    C2C_CHECK(check_colors(spec, container, file));
    const bool may_hold_several = photo.format == "tiff" || photo.format == "openexr";
    if (may_hold_several && input->seek_subimage(1, 0))
        log_warning("{} holds several pictures; the first is read.", file.string());
    (void)input->geterror(); // there being one is no error
    input->seek_subimage(0, 0);

    Channels channels;
    if (photo.format == "openexr") {
        C2C_TRY(channels, exr_channels(spec, file));
    } else {
        channels = plain_channels(spec);
    }
    for (int c = 0; c < spec.nchannels; ++c) {
        const auto& color = channels.color;
        if (c == channels.alpha || std::find(color.begin(), color.end(), c) != color.end())
            continue;
        const TypeDesc type = type_of(spec, c);
        channels.extra.push_back(c);
        ExtraChannel extra;
        extra.name = spec.channel_name(c);
        extra.whole_numbers = photo.format == "openexr" && type == TypeDesc::UINT32;
        extra.depth = depth_of(type);
        photo.extra.push_back(std::move(extra));
    }
    photo.depth = depth_of(type_of(spec, channels.color[0]));
    photo.color.width = spec.width;
    photo.color.height = spec.height;
    photo.color.channels = int(channels.color.size());
    photo.premultiplied = channels.alpha >= 0 && (photo.format == "openexr" || photo.format == "tiff") &&
                          spec.get_int_attribute("oiio:UnassociatedAlpha") == 0;
    read_color_space(spec, photo);
    if (photo.format == "openexr") {
        ExrHeader header{spec, {}, {}};
        for (int c : channels.color)
            header.color.push_back(spec.channel_name(c));
        if (channels.alpha >= 0)
            header.alpha = spec.channel_name(channels.alpha);
        photo.exr = std::make_shared<ExrHeader>(std::move(header));
    }
    if (photo.format == "heic") { // libheif finds EXIF where exiv2 0.27 does not
        spec.erase_attribute("Orientation");
        std::vector<char> block;
        OIIO::encode_exif(spec, block);
        photo.metadata.exif.assign(block.begin(), block.end());
    }
    if (pixels)
        C2C_CHECK(read_pixels(*input, spec, channels, file, photo));
    return {};
}

Result<Photo> read(const fs::path& file, bool pixels, const ReadLimits& limits) {
    C2C_TRY(const Container container, inspect_container(file));
    if (container.format.empty())
        return fail(ErrorKind::Input,
                    "{} is not a picture; use JPEG, PNG, TIFF, WebP, OpenEXR, HEIC or camera raw.",
                    file.string());
    Photo photo;
    photo.format = container.format;
    photo.source = file;
    photo.has_content_credentials = container.content_credentials;
    if (photo.format == "webp")
        C2C_CHECK(read_webp(file, pixels && !container.cut_short, limits, photo));
    else
        C2C_CHECK(read_by_oiio(file, container, pixels && !container.cut_short, limits, photo));
    if (container.cut_short) // after the header's own errors, which say more
        return damaged(file, "the end is missing");

    FileMetadata metadata = read_metadata(file);
    if (metadata.blocks.exif.empty())
        metadata.blocks.exif = std::move(photo.metadata.exif);
    photo.metadata = std::move(metadata.blocks);
    if (photo.icc.empty() && !metadata.icc.empty()) {
        photo.icc = std::move(metadata.icc);
        photo.linear = false;
    }
    // libheif and libraw turn the picture themselves.
    const bool turned = photo.format == "heic" || photo.format == "raw";
    if (const int orientation = turned ? 1 : metadata.orientation; orientation != 1) {
        if (!pixels && orientation >= 5)
            std::swap(photo.color.width, photo.color.height);
        photo.color = upright(std::move(photo.color), orientation);
        photo.alpha = upright(std::move(photo.alpha), orientation);
        for (ExtraChannel& extra : photo.extra)
            extra.pixels = upright(std::move(extra.pixels), orientation);
    }
    return photo;
}

Result<Photo> guarded(const fs::path& file, bool pixels, const ReadLimits& limits) {
    try {
        return read(file, pixels, limits);
    } catch (const std::bad_alloc&) {
        return fail(ErrorKind::Device,
                    "There is not enough memory to open {}; close other programs or make it "
                    "smaller.",
                    file.string());
    } catch (const std::exception& error) {
        return damaged(file, error.what());
    }
}

} // namespace

Result<Photo> read_photo(const fs::path& file, const ReadLimits& limits) {
    return guarded(file, true, limits);
}
Result<Photo> read_photo_header(const fs::path& file, const ReadLimits& limits) {
    return guarded(file, false, limits);
}

} // namespace c2c
