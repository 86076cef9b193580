#pragma once

// Torch's glog defines CHECK as well, and which one wins depends on the order of headers: Catch's, here,
// always.
#undef CHECK
#include <catch2/catch.hpp>
