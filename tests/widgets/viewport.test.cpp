#include "ui/widgets/viewport.h"

#include <catch2/catch.hpp>

using c2c::ui::Viewport;

TEST_CASE("Fitting shows the whole photo, centred, and does not blow up a small one", "[viewport]") {
    Viewport view;
    view.fit({4000, 2000}, {1000, 800}, 20, 4);
    REQUIRE(view.scale == Approx(.24));
    REQUIRE(view.to_view(QPointF(2000, 1000)) == QPointF(500, 400));
    view.fit({10, 10}, {1000, 800}, 20, 4);
    REQUIRE(view.scale == 4);
}

TEST_CASE("Zooming keeps what lies under the pointer", "[viewport]") {
    Viewport view;
    view.fit({4000, 2000}, {1000, 800}, 20, 4);
    const QPointF pointer(300, 350), photo = view.to_photo(pointer);
    view.zoom(view.scale * 3, pointer);
    REQUIRE(view.to_view(photo).x() == Approx(300));
    REQUIRE(view.to_view(photo).y() == Approx(350));
    view.zoom(1e9, pointer);
    REQUIRE(view.scale == 32);
}

TEST_CASE("A photo cannot be pushed out of the view", "[viewport]") {
    Viewport view;
    view.scale = 1;
    view.offset = {900, 5000};
    view.keep_inside({4000, 300}, {1000, 800});
    REQUIRE(view.offset == QPointF(0, 250)); // no gap at the left; smaller than the view: centred
    view.offset = {-9000, 0};
    view.keep_inside({4000, 300}, {1000, 800});
    REQUIRE(view.offset.x() == -3000);
}
