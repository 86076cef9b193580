#pragma once

#include "ui/session/engine.h"

namespace c2c::ui {

/// The engine on the core's Studio: the same way of a pixel that the command line goes.
std::unique_ptr<Engine> make_studio_engine();

} // namespace c2c::ui
