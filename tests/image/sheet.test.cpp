#include "tests/image/make.h"

#include "core/image/resample.h"
#include "core/image/sheet.h"

using namespace c2c;
using namespace c2c::test;

TEST_CASE("Resampling keeps the mean, cropping the pixels") {
    const Image image = gradient(120, 80);
    const auto mean = [](const Image& of) {
        double sum = 0;
        for (float v : of.data)
            sum += v;
        return sum / double(of.data.size());
    };
    CHECK(mean(resize_area(image, 30, 20)) == Approx(mean(image)).margin(1e-5));
    CHECK(mean(resize_linear(image, 240, 160)) == Approx(mean(image)).margin(2e-3));
    CHECK(resize_cubic(image, 7, 9).width == 7);
    CHECK(fit_within(image, 60).height == 40);
    CHECK(fit_within(image, 500).width == 120);
    const Image part = crop(image, {100, 70, 50, 50});
    REQUIRE(part.width == 20);
    REQUIRE(part.height == 10);
    CHECK(part.at(3, 4, 1) == image.at(103, 74, 1));
    CHECK(crop(image, {500, 500, 10, 10}).empty());
}

TEST_CASE("A contact sheet shows every picture and its label") {
    std::vector<SheetCell> cells;
    for (int i = 0; i < 5; ++i)
        cells.push_back(
            {Image(100, 60, i % 2 ? 1 : 3, 0.1f * float(i + 1)), i == 3 ? "" : std::to_string(10 * i)});
    const Image sheet = contact_sheet(cells, {3, 512, 10});
    CHECK(sheet.width == 10 + 3 * 110);
    CHECK(sheet.channels == 3);
    for (int i = 0; i < 5; ++i) {
        const int x = 10 + i % 3 * 110 + 50, y = 10 + i / 3 * ((sheet.height - 10) / 2) + 30;
        CHECK(sheet.at(x, y, 2) == 0.1f * float(i + 1));
    }
    float brightest = 0; // the label's ink below the first picture
    for (int y = 71; y < 84; ++y)
        for (int x = 10; x < 110; ++x)
            brightest = std::max(brightest, sheet.at(x, y, 0));
    CHECK(brightest > 0.5f);
    CHECK(contact_sheet({}).empty());
}
