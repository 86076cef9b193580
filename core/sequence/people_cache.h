#pragma once

#include "core/sequence/people.h"

#include <optional>
#include <string>

namespace c2c {

/// The people of a plate as JSON, for STEM.tracks.json; `key` says of which source they are.
std::string people_text(const People& people, const std::string& key);
/// Nothing when the text is of another source, of another number of frames, or not whole.
std::optional<People> people_from(const std::string& text, const std::string& key, std::size_t frames);

} // namespace c2c
