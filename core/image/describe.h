#pragma once

#include "core/image/photo.h"

#include <string>

namespace c2c {

/// The profile's own description ("Adobe RGB (1998)"), or why there is none, in words.
std::string profile_in_words(const Photo& photo);

/// The IPTC DigitalSourceType that the XMP states, without its address
/// ("compositeWithTrainedAlgorithmicMedia"); empty when it states none.
std::string digital_source_type(const Metadata& metadata);

} // namespace c2c
