#include "core/image/describe.h"

#include <exiv2/exiv2.hpp>
#include <lcms2.h>

#include <algorithm>
#include <memory>

namespace c2c {
namespace {

/// The tag as exiv2 words it, on one line. Nothing where exiv2 has only the number to show, in brackets.
std::string words(const Exiv2::ExifData& exif, Exiv2::ExifData::const_iterator tag) {
    constexpr std::size_t longest = 100; // a file may hold anything
    if (tag == exif.end())
        return {};
    std::string text = tag->print(&exif).substr(0, longest);
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 127; }, ' ');
    text.erase(0, text.find_first_not_of(' '));
    text.erase(text.find_last_not_of(' ') + 1);
    return text.starts_with('(') ? std::string() : text;
}

} // namespace

std::string profile_in_words(const Photo& photo) {
    if (photo.icc.empty())
        return photo.linear ? "none (taken as scene-linear)" : "none (taken as sRGB)";
    const std::unique_ptr<void, decltype(&cmsCloseProfile)> profile(
        cmsOpenProfileFromMem(photo.icc.data(), static_cast<cmsUInt32Number>(photo.icc.size())),
        cmsCloseProfile);
    char text[256] = {};
    if (!profile ||
        cmsGetProfileInfoASCII(profile.get(), cmsInfoDescription, "en", "US", text, sizeof text) == 0)
        return "damaged";
    return text;
}

std::string digital_source_type(const Metadata& metadata) {
    if (metadata.xmp.empty())
        return {};
    try {
        Exiv2::XmpData xmp;
        if (Exiv2::XmpParser::decode(xmp, metadata.xmp) != 0)
            return {};
        const auto entry = xmp.findKey(Exiv2::XmpKey("Xmp.iptcExt.DigitalSourceType"));
        if (entry == xmp.end())
            return {};
        const std::string address = entry->toString();
        return address.substr(address.rfind('/') + 1);
    } catch (const Exiv2::Error&) {
        return {};
    }
}

Taken taken(const Metadata& metadata) {
    Taken taken;
    taken.place = metadata.xmp.find("GPSLatitude") != metadata.xmp.npos;
    if (metadata.exif.empty())
        return taken;
    try {
        Exiv2::ExifData exif;
        Exiv2::ExifParser::decode(exif, metadata.exif.data(), std::uint32_t(metadata.exif.size()));
        taken.place |= exif.findKey(Exiv2::ExifKey("Exif.GPSInfo.GPSLatitude")) != exif.end();
        const std::string make = words(exif, Exiv2::make(exif)), model = words(exif, Exiv2::model(exif));
        // Most models begin with their maker: "Canon" makes the "Canon EOS 5D".
        taken.camera =
            make.empty() || model.starts_with(make) ? model : make + (model.empty() ? "" : " " + model);
        taken.lens = words(exif, Exiv2::lensName(exif));
        taken.date = words(exif, exif.findKey(Exiv2::ExifKey("Exif.Photo.DateTimeOriginal")));
        const std::string iso = words(exif, Exiv2::isoSpeed(exif));
        for (const std::string& part :
             {words(exif, Exiv2::exposureTime(exif)), words(exif, Exiv2::fNumber(exif)),
              iso.empty() ? iso : "ISO " + iso, words(exif, Exiv2::focalLength(exif))})
            if (!part.empty())
                taken.exposure += (taken.exposure.empty() ? "" : ", ") + part;
    } catch (const Exiv2::Error&) { // what was understood before is there
    }
    return taken;
}

} // namespace c2c
