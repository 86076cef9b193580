#pragma once

namespace c2c::nn {

/// Lets Torch take feature maps that malloc would map afresh (over 32 MB: an autoencoder at 512 pixels) in
/// pages of 2 MB where Linux has them. With pages of 4 KB a tenth of such a network's time is page faults.
void use_large_pages();

} // namespace c2c::nn
