#pragma once

#include "ui/session/inference.h"

namespace c2c {

/// Loads libc2c_engine, which holds the networks, from beside the program or from <prefix>/lib/cradle2cane.
/// To be called on the inference thread: it takes some tenths of a second.
Result<std::unique_ptr<ui::Engine>> load_engine();

} // namespace c2c
