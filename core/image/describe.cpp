#include "core/image/describe.h"

#include <exiv2/exiv2.hpp>
#include <lcms2.h>

#include <memory>

namespace c2c {

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

} // namespace c2c
