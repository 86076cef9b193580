#pragma once

#include "core/base/result.h"

#include <string_view>
#include <vector>

namespace c2c {

/// Ages as a user types them: "70", "33.4", a list "30,72", a range "5:85:10" (first:last:step, both ends
/// included when the step meets them). Each in 0..100; anything else is a Usage error that says what would be
/// right.
Result<std::vector<double>> parse_ages(std::string_view text);

} // namespace c2c
