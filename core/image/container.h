#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace c2c {

/// What the bytes of a file say before any library decodes them.
struct Container {
    std::string format;     ///< as in Photo::format; empty: not a picture that we know
    bool cut_short = false; ///< JPEG without EOI, PNG without IEND, a strip, box or chunk past the end
    bool cmyk = false;      ///< JPEG of four components
    bool content_credentials = false; ///< C2PA manifest store (JUMBF) found
};

/// Input errors: missing, a folder, empty, not permitted. Decoders forgive a cut file and paint the rest
/// grey, so its end is looked for here.
Result<Container> inspect_container(const std::filesystem::path& file);

} // namespace c2c
