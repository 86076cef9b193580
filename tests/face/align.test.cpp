#include "core/face/align.h"
#include "tests/support.h"

using namespace c2c;

TEST_CASE("a warp and its inverse cancel", "[align]") {
    const Warp warp{{1.7, -0.4, 812.3, 0.4, 1.7, -55.9}};
    for (const Point p : {Point{0, 0}, Point{223, 0}, Point{17.25, 200.5}}) {
        const Point back = warp.inverse().apply(warp.apply(p));
        REQUIRE(back.x == Approx(p.x).margin(1e-9));
        REQUIRE(back.y == Approx(p.y).margin(1e-9));
    }
}
