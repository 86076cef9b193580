#include "tests/nn/tensors.h"

#include "core/nn/random_weights.h"
#include "core/nn/winograd.h"

#include <limits>

using namespace c2c;
using namespace c2c::nn;
using c2c::test::relative_difference;

namespace {

// F(4x4, 3x3)'s own rounding on random numbers is 3e-6 to 1.2e-5; networks are held to 1e-4.
constexpr double kWinogradClose = 3e-5;

struct Case {
    std::int64_t batch, in, out, height, width;
};

/// In doubles, so that only the fast way's own error is seen.
at::Tensor exact(const Weights& w, const at::Tensor& x, const ConvExtras& extras) {
    at::Tensor picture = x.to(at::kDouble);
    if (extras.doubled)
        picture = at::upsample_nearest2d(picture, {x.size(2) * 2, x.size(3) * 2});
    at::Tensor out =
        at::conv2d(picture, w.tensor("weight").to(at::kDouble), w.tensor("bias").to(at::kDouble), 1, 1);
    if (extras.residual)
        out = out + extras.residual->to(at::kDouble);
    return (extras.relu ? out.relu() : out).to(at::kFloat);
}

} // namespace

TEST_CASE("Winograd's convolution is the convolution, at every size and with its extras", "[winograd]") {
    if (!winograd_supported())
        return;
    at::manual_seed(1);
    for (const Case c :
         {Case{1, 64, 64, 28, 28}, Case{2, 16, 96, 13, 19}, Case{1, 32, 3, 30, 26}, Case{3, 48, 40, 5, 4},
          Case{1, 128, 32, 1, 1}, Case{1, 64, 192, 112, 98}, Case{1, 16, 16, 3, 150}}) {
        const Weights plain = random_weights({{"weight", {c.out, c.in, 3, 3}}, {"bias", {c.out}}}, 3);
        const Weights w = with_winograd(plain);
        REQUIRE(w.has("winograd"));
        for (const bool doubled : {false, true})
            for (const bool extra : {false, true}) {
                INFO(c.in << "→" << c.out << ", " << c.height << "x" << c.width << ", doubled " << doubled
                          << ", extras " << extra);
                const int scale = doubled ? 2 : 1;
                const at::Tensor x = at::randn({c.batch, c.in, c.height, c.width});
                const at::Tensor residual = at::randn({c.batch, c.out, c.height * scale, c.width * scale});
                const ConvExtras extras{
                    .doubled = doubled, .residual = extra ? &residual : nullptr, .relu = extra};
                CHECK(relative_difference(winograd_conv3x3(w, x, extras), exact(w, x, extras)) <
                      kWinogradClose);
                CHECK(relative_difference(conv3x3(plain, x, extras), exact(w, x, extras)) < 1e-5);
            }
    }
}

TEST_CASE("Winograd's convolution reads slices of larger tensors and keeps NaN", "[winograd]") {
    if (!winograd_supported())
        return;
    at::manual_seed(1);
    const Weights w = with_winograd(random_weights({{"weight", {32, 16, 3, 3}}, {"bias", {32}}}, 5));
    const at::Tensor wide = at::randn({1, 40, 20, 20}).contiguous(at::MemoryFormat::ChannelsLast);
    at::Tensor part = wide.slice(1, 3, 19).slice(2, 1, 20); // neither aligned nor dense
    CHECK(relative_difference(winograd_conv3x3(w, part, {}), exact(w, part, {})) < kWinogradClose);
    part[0][0][9][9] = std::numeric_limits<float>::quiet_NaN();
    CHECK(at::isnan(winograd_conv3x3(w, part, {.relu = true})).any().item<bool>());
}
