#include "core/image/write.h"

#include "core/base/log.h"
#include "core/image/color.h"
#include "core/image/encode.h"
#include "core/image/exr_header.h"
#include "core/image/metadata.h"
#include "core/image/pixels.h"
#include "core/image/resample.h"
#include "core/image/webp.h"

#include <fcntl.h>
#include <unistd.h>

#include <OpenImageIO/imageio.h>
#include <OpenImageIO/tiffutils.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace fs = std::filesystem;

namespace c2c {
namespace {

std::optional<Format> format_of(const fs::path& file) {
    std::string suffix = file.extension().string();
    std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    if (suffix == ".jpg" || suffix == ".jpeg")
        return Format::Jpeg;
    if (suffix == ".png")
        return Format::Png;
    if (suffix == ".tif" || suffix == ".tiff")
        return Format::Tiff;
    if (suffix == ".webp")
        return Format::WebP;
    if (suffix == ".exr")
        return Format::Exr;
    return {};
}

/// What the format has that is nearest to what is asked, never less where it has more.
Depth depth_for(Format format, Depth asked) {
    const bool is_float = asked == Depth::F16 || asked == Depth::F32;
    switch (format) {
    case Format::Jpeg:
    case Format::WebP:
        return Depth::U8;
    case Format::Png:
        return is_float ? Depth::U16 : asked;
    case Format::Tiff:
        return asked == Depth::F16 ? Depth::F32 : asked;
    case Format::Exr:
        break;
    }
    return asked == Depth::U8 ? Depth::F16 : asked == Depth::U16 ? Depth::F32 : asked;
}

/// The profile belongs to another kind of pixels when, say, a CMYK profile sticks to an RGB file.
bool profile_fits(const std::vector<std::uint8_t>& icc, int channels) {
    return icc.size() > 20 && std::memcmp(&icc[16], channels == 1 ? "GRAY" : "RGB ", 4) == 0;
}

/// Values, alpha and profile as the target wants them: EXR and untagged float TIFF are scene-linear, integer
/// formats are encoded; alpha is multiplied in for EXR and out for the others.
Result<Encodable> prepare(const Photo& photo, Format format, const WriteOptions& options) {
    Encodable picture;
    picture.color = photo.color;
    picture.quality = std::clamp(options.jpeg_quality, 1, 100);
    picture.depth = depth_for(format, options.depth.value_or(photo.depth));
    picture.premultiplied = photo.premultiplied;
    if (format != Format::Jpeg)
        picture.alpha = photo.alpha;
    if (profile_fits(photo.icc, photo.color.channels))
        picture.icc = photo.icc;
    if (format == Format::Exr || format == Format::Tiff)
        for (const ExtraChannel& extra : photo.extra)
            picture.extra.push_back(&extra);

    const bool float_target = picture.depth == Depth::F16 || picture.depth == Depth::F32;
    const bool tagged = !picture.icc.empty();
    const bool to_linear =
        !photo.linear && float_target && (format == Format::Exr ? photo.format != "openexr" : !tagged);
    const bool to_encoded = photo.linear && !float_target;
    // WebP has no grey, so a grey profile would belong to nothing.
    if (format == Format::WebP && photo.color.channels == 1 && tagged) {
        C2C_TRY(const ColorTransform transform, ColorTransform::create(photo));
        picture.color = transform.to_srgb(photo.color);
        picture.icc.clear();
    }
    const bool straight_target = format == Format::Png || format == Format::WebP;
    if (picture.premultiplied && !picture.alpha.empty() && (straight_target || to_linear || to_encoded)) {
        picture.color = divided(picture.color, picture.alpha);
        picture.premultiplied = false;
    }
    if (to_linear || to_encoded) {
        C2C_TRY(const ColorTransform transform, ColorTransform::create(photo));
        picture.icc.clear();
        if (to_linear) {
            picture.color = transform.to_linear(picture.color);
        } else {
            Image encoded = transform.to_srgb(picture.color);
            if (picture.color.channels == 1)
                for (std::size_t i = 0; i < picture.color.data.size(); ++i)
                    picture.color.data[i] = encoded.data[3 * i];
            else
                picture.color = std::move(encoded);
        }
    }
    if (format == Format::Exr && !picture.premultiplied && !picture.alpha.empty()) {
        picture.color = multiplied(picture.color, picture.alpha);
        picture.premultiplied = true;
    }
    return picture;
}

std::vector<std::uint8_t> make_thumbnail(const Photo& photo) {
    Photo small;
    small.color = fit_within(photo.color, 160);
    small.linear = photo.linear;
    small.chromaticities = photo.chromaticities;
    small.icc = photo.icc;
    // A thumbnail has no profile of its own, so it is sRGB.
    const auto transform = ColorTransform::create(small);
    Encodable picture;
    picture.color = transform ? transform->to_srgb(small.color) : small.color;
    picture.quality = 85;
    return encode(picture, Format::Jpeg).value_or(std::vector<std::uint8_t>{});
}

bool is_place(const std::string& name) {
    return name.starts_with("GPS:") || name == "longitude" || name == "latitude" || name == "altitude";
}

/// exiv2 cannot write EXR: what OpenImageIO understands of the metadata becomes named attributes.
ExrHeader exr_header(const Photo& photo, const WriteOptions& options, const Encodable& picture) {
    ExrHeader header;
    OIIO::ImageSpec& spec = header.spec;
    if (photo.exr)
        header = *photo.exr;
    OIIO::ParamValueList kept;
    constexpr const char* needed[] = {"chromaticities",    "PixelAspectRatio", "screenWindowCenter",
                                      "screenWindowWidth", "framesPerSecond",  "smpte:TimeCode"};
    for (const auto& attribute : spec.extra_attribs) {
        const std::string name = attribute.name().string();
        if (name.starts_with("oiio:") || name.starts_with("openexr:") || name.starts_with("thumbnail") ||
            name == "preview" || name == "compression" || name == "ICCProfile" || name == "Orientation" ||
            name == "DateTime" || name == "CompressionLevel" || (is_place(name) && !options.keep_gps))
            continue;
        if (options.keep_metadata ||
            std::find(std::begin(needed), std::end(needed), name) != std::end(needed))
            kept.add_or_replace(attribute);
    }
    spec.extra_attribs = std::move(kept);
    if (!photo.exr) {
        spec.erase_attribute("chromaticities"); // of another format: the pixels are Rec. 709 by now
        const Metadata metadata = edited_metadata(photo, options, {});
        OIIO::ImageSpec decoded;
        if (!metadata.exif.empty()) {
            const std::string block(metadata.exif.begin(), metadata.exif.end());
            OIIO::decode_exif(OIIO::string_view(block), decoded);
        }
        if (!metadata.xmp.empty())
            OIIO::decode_xmp(metadata.xmp, decoded);
        for (const auto& attribute : decoded.extra_attribs) {
            const std::string name = attribute.name().string();
            if (name != "Orientation" && name != "DateTime" && !name.starts_with("oiio:"))
                spec.extra_attribs.add_or_replace(attribute);
        }
    }
    if (!picture.icc.empty())
        spec.attribute("ICCProfile", OIIO::TypeDesc(OIIO::TypeDesc::UINT8, int(picture.icc.size())),
                       picture.icc.data());
    if (const auto& provenance = options.provenance) {
        const Timestamp now = modification_time();
        spec.attribute("Software", provenance->creator_tool);
        spec.attribute("xmp:CreatorTool", provenance->creator_tool);
        spec.attribute("xmp:ModifyDate", now.iso);
        if (provenance->generated)
            spec.attribute(
                "Iptc4xmpExt:DigitalSourceType",
                "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia");
        if (!provenance->usage_terms.empty())
            spec.attribute("xmpRights:UsageTerms", provenance->usage_terms);
        if (!provenance->description.empty())
            spec.attribute("xmpMM:History", provenance->description);
    }
    return header;
}

Result<std::vector<std::uint8_t>> encoded_file(const Photo& photo, Format format, const WriteOptions& options,
                                               const fs::path& file) {
    const auto failed = [&](const std::string& reason) {
        return tl::unexpected(Error{
            ErrorKind::Output,
            fmt::format("{} cannot be written in this format; choose another suffix such as .png or .tif.",
                        file.string()),
            reason});
    };
    C2C_TRY(Encodable picture, prepare(photo, format, options));
    ExrHeader header;
    if (format == Format::Exr) {
        header = exr_header(photo, options, picture);
        picture.exr = &header;
    }
    auto encoded = encode(picture, format);
    if (!encoded)
        return failed(encoded.error());
    if (format == Format::Exr)
        return std::move(*encoded);

    std::vector<std::uint8_t> thumbnail;
    if (options.keep_metadata && has_thumbnail(photo.metadata))
        thumbnail = make_thumbnail(photo);
    const Metadata metadata = edited_metadata(photo, options, thumbnail);
    if (!metadata.exif.empty() || !metadata.iptc.empty() || !metadata.xmp.empty()) {
        encoded = embed_metadata(*encoded, metadata);
        if (!encoded)
            return failed(encoded.error());
    }
    if (format == Format::WebP && !picture.icc.empty()) // the others have it from their encoder
        return webp_with_profile(*encoded, picture.icc, !picture.alpha.empty(), photo.width(),
                                 photo.height());
    return std::move(*encoded);
}

Result<void> write_bytes(const std::vector<std::uint8_t>& bytes, const fs::path& temporary,
                         const fs::path& file) {
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    int error = descriptor < 0 ? errno : 0;
    for (std::size_t done = 0; done < bytes.size() && !error;) {
        const ssize_t count = ::write(descriptor, bytes.data() + done, bytes.size() - done);
        if (count >= 0)
            done += std::size_t(count);
        else if (errno != EINTR)
            error = errno;
    }
    if (descriptor >= 0 && ::close(descriptor) != 0 && !error)
        error = errno;
    if (error)
        return fail(ErrorKind::Output, "{} cannot be written ({}); {}.", file.string(), std::strerror(error),
                    error == ENOSPC || error == EDQUOT ? "free some space or choose another folder"
                                                       : "choose another place");
    return {};
}

} // namespace

Result<void> write_photo(const Photo& photo, const fs::path& file, const WriteOptions& options) {
    try {
        const std::optional<Format> format = format_of(file);
        if (!format)
            return fail(ErrorKind::Output,
                        "{} has no suffix of a format that can be written; use .jpg, .png, .tif, "
                        ".webp or .exr.",
                        file.string());
        std::error_code ignored;
        if (!photo.source.empty() && fs::equivalent(photo.source, file, ignored))
            return fail(ErrorKind::Output,
                        "{} is the photo itself, which is never overwritten; give another name.",
                        file.string());
        if (photo.color.empty())
            return fail(ErrorKind::Internal, "{} cannot be written, because there are no pixels.",
                        file.string());
        // Encoding comes last that can be spared: an existing name is found by write_atomically first.
        return write_atomically(file, options.overwrite, [&](const fs::path& temporary) -> Result<void> {
            C2C_TRY(const auto bytes, encoded_file(photo, *format, options, file));
            return write_bytes(bytes, temporary, file);
        });
    } catch (const std::bad_alloc&) {
        return fail(ErrorKind::Device, "There is not enough memory to write {}; close other programs.",
                    file.string());
    } catch (const std::exception& error) {
        return tl::unexpected(
            Error{ErrorKind::Output,
                  fmt::format("{} cannot be written; choose another name or format.", file.string()),
                  error.what()});
    }
}

} // namespace c2c
