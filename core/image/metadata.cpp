#include "core/image/metadata.h"

#include "core/base/log.h"

#include <exiv2/exiv2.hpp>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <mutex>

namespace c2c {
namespace {

void start_exiv2() {
    static std::once_flag once;
    std::call_once(once, [] {
        // Its XMP toolkit is not safe to use from two threads without a lock of ours.
        static std::recursive_mutex mutex;
        Exiv2::XmpParser::initialize(
            [](void* data, bool lock) {
                auto& m = *static_cast<std::recursive_mutex*>(data);
                lock ? m.lock() : m.unlock();
            },
            &mutex);
        Exiv2::enableBMFF(true);
        Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
    });
}

/// Erases every entry of `data` for which `drop` is true.
template <class Data, class Drop> void erase_if(Data& data, Drop drop) {
    for (auto it = data.begin(); it != data.end();)
        it = drop(*it) ? data.erase(it) : std::next(it);
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}
bool contains(const std::string& text, const char* part) {
    return text.find(part) != text.npos;
}

/// Tags of the first directory that say how the file is laid out, and blocks kept elsewhere.
bool is_layout(const Exiv2::Exifdatum& datum) {
    const std::string group = datum.groupName();
    if (group.starts_with("SubImage") || group.starts_with("SubThumb") || group == "Image2" ||
        group == "Image3")
        return true;
    if (group != "Image")
        return false;
    const int tag = datum.tag();
    constexpr int layout[] = {0x00fe, 0x00ff, 0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x010a, 0x0111,
                              0x0115, 0x0116, 0x0117, 0x0118, 0x0119, 0x011c, 0x0120, 0x0121, 0x013d,
                              0x0140, 0x0142, 0x0143, 0x0144, 0x0145, 0x014a, 0x0152, 0x0153, 0x015b,
                              0x0200, 0x0201, 0x0202, 0x0211, 0x0212, 0x0213, 0x0214, 0x02bc, 0x828d,
                              0x828e, 0x83bb, 0x8649, 0x8773, 0x9216, 0xcd41};
    return std::find(std::begin(layout), std::end(layout), tag) != std::end(layout) || tag >= 0xc612;
}

/// EXIF with its byte order, which maker notes that nobody understands depend on.
struct Exif {
    Exiv2::ExifData tags;
    Exiv2::ByteOrder order = Exiv2::littleEndian;
};

Exif decode_exif(const std::vector<std::uint8_t>& bytes) {
    Exif exif;
    if (!bytes.empty())
        exif.order = Exiv2::ExifParser::decode(exif.tags, bytes.data(), std::uint32_t(bytes.size()));
    return exif;
}
std::vector<std::uint8_t> encode_exif(const Exif& exif) {
    Exiv2::Blob blob;
    if (!exif.tags.empty())
        Exiv2::ExifParser::encode(blob, exif.order, exif.tags);
    return blob;
}
Exiv2::XmpData decode_xmp(const std::string& packet) {
    Exiv2::XmpData xmp;
    if (!packet.empty())
        Exiv2::XmpParser::decode(xmp, packet);
    return xmp;
}
std::string encode_xmp(const Exiv2::XmpData& xmp) {
    std::string packet;
    if (!xmp.empty())
        Exiv2::XmpParser::encode(packet, xmp, Exiv2::XmpParser::useCompactFormat);
    return packet;
}

/// One damaged block must not cost the others.
void attempt(const char* what, const std::function<void()>& step) {
    try {
        step();
    } catch (const std::exception& error) {
        log_debug("{}: {}", what, error.what());
    }
}

void drop_gps(Exiv2::ExifData& exif, Exiv2::XmpData& xmp) {
    erase_if(exif, [](const auto& datum) {
        return datum.groupName() == "GPSInfo" || datum.key() == "Exif.Image.GPSTag";
    });
    erase_if(xmp, [](const auto& datum) {
        const std::string key = lower(datum.key());
        return contains(key, "gps") || contains(key, "latitude") || contains(key, "longitude");
    });
}

/// Every small picture inside still shows the old face; only the EXIF thumbnail is made anew.
void replace_previews(Exiv2::ExifData& exif, Exiv2::XmpData& xmp,
                      const std::vector<std::uint8_t>& thumbnail) {
    const bool had_thumbnail =
        exif.findKey(Exiv2::ExifKey("Exif.Thumbnail.JPEGInterchangeFormat")) != exif.end() ||
        exif.findKey(Exiv2::ExifKey("Exif.Thumbnail.StripOffsets")) != exif.end();
    erase_if(exif, [](const auto& datum) {
        const std::string key = lower(datum.key());
        return datum.groupName() == "Thumbnail" || contains(key, "preview") ||
               contains(key, "thumbnailimage") || key.ends_with(".thumbnail");
    });
    if (had_thumbnail && !thumbnail.empty())
        Exiv2::ExifThumb(exif).setJpegThumbnail(thumbnail.data(), long(thumbnail.size()));
    erase_if(xmp, [](const auto& datum) { return datum.key().starts_with("Xmp.xmp.Thumbnails"); });
}

void correct_geometry(const Photo& photo, Exiv2::ExifData& exif, Exiv2::XmpData& xmp) {
    if (!exif.empty()) {
        exif["Exif.Image.Orientation"] = std::uint16_t(1);
        exif["Exif.Photo.PixelXDimension"] = std::uint32_t(photo.width());
        exif["Exif.Photo.PixelYDimension"] = std::uint32_t(photo.height());
    }
    const std::pair<const char*, int> sizes[] = {
        {"Xmp.tiff.Orientation", 1},
        {"Xmp.tiff.ImageWidth", photo.width()},
        {"Xmp.tiff.ImageLength", photo.height()},
        {"Xmp.exif.PixelXDimension", photo.width()},
        {"Xmp.exif.PixelYDimension", photo.height()},
    };
    for (const auto& [key, value] : sizes)
        if (auto it = xmp.findKey(Exiv2::XmpKey(key)); it != xmp.end())
            it->setValue(std::to_string(value));
}

void add_provenance(const Provenance& provenance, Exiv2::ExifData& exif, Exiv2::XmpData& xmp) {
    const Timestamp now = modification_time();
    exif["Exif.Image.DateTime"] = now.exif;
    // The zone and fractions belonged to the old time.
    erase_if(exif, [](const auto& datum) {
        return datum.groupName() == "Photo" && (datum.tag() == 0x9290 || datum.tag() == 0x9010);
    });
    if (!provenance.creator_tool.empty()) {
        exif["Exif.Image.Software"] = provenance.creator_tool;
        xmp["Xmp.xmp.CreatorTool"] = provenance.creator_tool;
    }
    xmp["Xmp.xmp.ModifyDate"] = now.iso;
    xmp["Xmp.xmp.MetadataDate"] = now.iso;
    if (provenance.generated)
        xmp["Xmp.iptcExt.DigitalSourceType"] =
            "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";
    if (!provenance.usage_terms.empty()) {
        erase_if(xmp, [](const auto& datum) { return datum.key() == "Xmp.xmpRights.UsageTerms"; });
        xmp["Xmp.xmpRights.UsageTerms"] = "lang=x-default " + provenance.usage_terms;
    }
    if (!provenance.description.empty()) {
        int entry = 1;
        const auto key = [&](const char* field) {
            return fmt::format("Xmp.xmpMM.History[{}]{}", entry, field);
        };
        while (std::any_of(xmp.begin(), xmp.end(),
                           [&](const auto& datum) { return datum.key().starts_with(key("")); }))
            ++entry;
        if (entry == 1) {
            Exiv2::XmpTextValue sequence;
            sequence.setXmpArrayType(Exiv2::XmpValue::xaSeq);
            xmp.add(Exiv2::XmpKey("Xmp.xmpMM.History"), &sequence);
        }
        xmp[key("/stEvt:action")] = "edited";
        xmp[key("/stEvt:when")] = now.iso;
        xmp[key("/stEvt:softwareAgent")] = provenance.creator_tool;
        xmp[key("/stEvt:parameters")] = provenance.description;
    }
}

enum class Keep { All, Common, Provenance };

/// JPEG holds 64 KB of EXIF and of XMP. What does not fit must not cost the rest: first maker notes and large
/// values go, then all but what says how the picture was made.
void leave_out(Keep keep, Exiv2::ExifData& exif, Exiv2::XmpData& xmp) {
    erase_if(exif, [&](const auto& datum) {
        const std::string group = datum.groupName();
        if (keep == Keep::Provenance)
            return group != "Image" || datum.size() > 256;
        return (group != "Image" && group != "Photo" && group != "GPSInfo") ||
               datum.key() == "Exif.Photo.MakerNote" || datum.size() > 4096;
    });
    erase_if(xmp, [&](const auto& datum) {
        const std::string group = datum.groupName();
        const bool ours = group == "xmp" || group == "xmpRights" || group == "iptcExt";
        return datum.size() > 2048 || (keep == Keep::Provenance && !ours);
    });
}

std::unique_ptr<Exiv2::Image> open_bytes(const std::vector<std::uint8_t>& bytes) {
    return std::unique_ptr<Exiv2::Image>(
        Exiv2::ImageFactory::open(bytes.data(), long(bytes.size())).release());
}

} // namespace

FileMetadata read_metadata(const std::filesystem::path& file) {
    start_exiv2();
    FileMetadata found;
    attempt("metadata", [&] {
        const std::unique_ptr<Exiv2::Image> image(Exiv2::ImageFactory::open(file.string()).release());
        // What was read before an error is there nevertheless, the profile of a HEIC for one.
        attempt("metadata", [&] { image->readMetadata(); });
        Exif exif{image->exifData(), image->byteOrder()};
        if (exif.order == Exiv2::invalidByteOrder)
            exif.order = Exiv2::littleEndian;
        if (const auto it = exif.tags.findKey(Exiv2::ExifKey("Exif.Image.Orientation"));
            it != exif.tags.end() && it->count())
            found.orientation = int(it->toLong());
        if (image->iccProfileDefined()) {
            const Exiv2::DataBuf* profile = image->iccProfile();
            found.icc.assign(profile->pData_, profile->pData_ + profile->size_);
        }
        attempt("EXIF", [&] {
            erase_if(exif.tags, is_layout);
            found.blocks.exif = encode_exif(exif);
        });
        attempt("XMP", [&] { found.blocks.xmp = encode_xmp(image->xmpData()); });
        attempt("IPTC", [&] {
            if (image->iptcData().empty())
                return;
            const Exiv2::DataBuf iptc = Exiv2::IptcParser::encode(image->iptcData());
            found.blocks.iptc.assign(iptc.pData_, iptc.pData_ + iptc.size_);
        });
    });
    if (found.orientation < 1 || found.orientation > 8)
        found.orientation = 1;
    return found;
}

bool has_thumbnail(const Metadata& metadata) {
    bool found = false;
    start_exiv2();
    attempt("EXIF thumbnail", [&] {
        const Exiv2::ExifData exif = decode_exif(metadata.exif).tags;
        found = std::any_of(exif.begin(), exif.end(),
                            [](const auto& datum) { return datum.groupName() == "Thumbnail"; });
    });
    return found;
}

Metadata edited_metadata(const Photo& photo, const WriteOptions& options,
                         const std::vector<std::uint8_t>& thumbnail) {
    start_exiv2();
    Exif exif;
    Exiv2::XmpData xmp;
    Metadata result;
    if (options.keep_metadata) {
        attempt("EXIF", [&] { exif = decode_exif(photo.metadata.exif); });
        attempt("XMP", [&] { xmp = decode_xmp(photo.metadata.xmp); });
        result.iptc = photo.metadata.iptc;
    }
    attempt("metadata", [&] {
        if (!options.keep_gps)
            drop_gps(exif.tags, xmp);
        replace_previews(exif.tags, xmp, thumbnail);
        correct_geometry(photo, exif.tags, xmp);
        if (options.provenance)
            add_provenance(*options.provenance, exif.tags, xmp);
    });
    attempt("EXIF", [&] { result.exif = encode_exif(exif); });
    attempt("XMP", [&] { result.xmp = encode_xmp(xmp); });
    return result;
}

std::string provenance_packet(const Provenance& provenance) {
    start_exiv2();
    Exiv2::ExifData exif;
    Exiv2::XmpData xmp;
    std::string packet;
    attempt("XMP", [&] {
        add_provenance(provenance, exif, xmp);
        erase_if(xmp, [](const auto& datum) {
            return datum.key().ends_with("Date") || datum.key().ends_with("stEvt:when");
        });
        packet = encode_xmp(xmp);
    });
    return packet;
}

tl::expected<std::vector<std::uint8_t>, std::string> embed_metadata(const std::vector<std::uint8_t>& encoded,
                                                                    const Metadata& metadata) {
    start_exiv2();
    std::string reason;
    for (const Keep keep : {Keep::All, Keep::Common, Keep::Provenance}) {
        try {
            const auto image = open_bytes(encoded);
            image->readMetadata();
            Exif exif = decode_exif(metadata.exif);
            Exiv2::XmpData xmp = decode_xmp(metadata.xmp);
            Exiv2::IptcData iptc;
            if (!metadata.iptc.empty() && keep != Keep::Provenance)
                Exiv2::IptcParser::decode(iptc, metadata.iptc.data(), std::uint32_t(metadata.iptc.size()));
            if (keep != Keep::All) {
                log_warning(
                    "The photo's metadata is too large for this format: its largest parts are left out.");
                leave_out(keep, exif.tags, xmp);
            }
            image->setByteOrder(exif.order);
            image->setExifData(exif.tags);
            image->setXmpData(xmp);
            image->setIptcData(iptc);
            image->writeMetadata();
            Exiv2::BasicIo& io = image->io();
            const Exiv2::byte* bytes = io.mmap();
            return std::vector<std::uint8_t>(bytes, bytes + io.size());
        } catch (const Exiv2::Error& error) {
            reason = error.what();
        }
    }
    return tl::unexpected(reason);
}

Timestamp modification_time() {
    std::time_t seconds = std::time(nullptr);
    if (const char* given = std::getenv("SOURCE_DATE_EPOCH"); given && *given)
        seconds = std::time_t(std::strtoll(given, nullptr, 10));
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    char iso[40], exif[40];
    std::strftime(iso, sizeof iso, "%Y-%m-%dT%H:%M:%SZ", &utc);
    std::strftime(exif, sizeof exif, "%Y:%m:%d %H:%M:%S", &utc);
    return {iso, exif};
}

} // namespace c2c
