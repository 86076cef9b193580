#pragma once

#include "core/image/photo.h"

#include <string>

namespace c2c {

/// The profile's own description ("Adobe RGB (1998)"), or why there is none, in words.
std::string profile_in_words(const Photo& photo);

/// The IPTC DigitalSourceType that the XMP states, without its address
/// ("compositeWithTrainedAlgorithmicMedia"); empty when it states none.
std::string digital_source_type(const Metadata& metadata);

/// What the camera noted (EXIF), in words; empty where it noted nothing.
struct Taken {
    std::string camera, lens; ///< "Canon EOS 5D", "EF50mm f/1.8"
    std::string date;         ///< "2020:02:02 10:11:12" by the camera's clock
    std::string exposure;     ///< "1/125 s, F2.8, ISO 400, 50.0 mm"
    bool place = false;       ///< it has coordinates; they are not read
};
Taken taken(const Metadata& metadata);

} // namespace c2c
