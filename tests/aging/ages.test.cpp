#include "core/aging/ages.h"
#include "core/aging/adani.h"
#include "tests/support.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace c2c;

TEST_CASE("Ages are read as a user types them") {
    using Ages = std::vector<double>;
    CHECK(test::value(parse_ages("70")) == Ages{70});
    CHECK(test::value(parse_ages("0,100")) == Ages{0, 100});
    CHECK(test::value(parse_ages("33.4")) == Ages{33.4});
    CHECK(test::value(parse_ages("5:85:10")) == Ages{5, 15, 25, 35, 45, 55, 65, 75, 85});
    CHECK(test::value(parse_ages("30:27")) == Ages{30, 29, 28, 27});
    CHECK(test::value(parse_ages("20,40:60:10")) == Ages{20, 40, 50, 60});
    CHECK(test::value(parse_ages("0:1:0.1")).size() == 11);
    CHECK(test::value(parse_ages("0:1:0.1")).back() == Approx(1).epsilon(1e-12));
}

TEST_CASE("An age that is none is a usage error") {
    for (const char* text : {"-5", "abc", "200", "nan", "inf", "", "30,", "5:85:0", "5:85:-1", "1:2:3:4",
                             "70 ", "1e3", "5:85:1e-9", "0x10"}) {
        const auto ages = parse_ages(text);
        INFO(text);
        REQUIRE_FALSE(ages);
        CHECK(ages.error().kind == ErrorKind::Usage);
    }
}

TEST_CASE("AdaNI takes the first level whose gap is not exceeded") {
    const std::vector<double> gaps = {5, 20, 200};
    const auto level = [&](double gap) {
        const auto levels = adani_levels(gaps, gap, 0);
        REQUIRE(levels.size() == 1);
        return levels[0].level;
    };
    CHECK(level(0) == 0);
    CHECK(level(5) == 0);
    CHECK(level(5.001) == 1);
    CHECK(level(20) == 1);
    CHECK(level(20.5) == 2);
    CHECK(level(100) == 2);
}

TEST_CASE("The cross-fade goes smoothly from one level to the next") {
    const std::vector<double> gaps = {5, 20, 200};
    const auto place = [&](double gap, double years) { // the mean level: continuous when nothing pops
        double mean = 0, sum = 0;
        for (const auto& [level, weight] : adani_levels(gaps, gap, years)) {
            mean += static_cast<double>(level) * weight;
            sum += weight;
        }
        CHECK(sum == Approx(1));
        return mean;
    };
    for (const double years : {1.0, 4.0, 12.0, 40.0}) {
        CHECK(place(0, years) == 0); // the own age is not disturbed
        CHECK(place(5, years) == Approx(.5));
        CHECK(place(20, years) == Approx(1.5));
        double worst = 0;
        for (double gap = 0; gap < 60; gap += .01)
            worst = std::max(worst, std::abs(place(gap + .01, years) - place(gap, years)));
        CHECK(worst < .02 / std::min(years, 10.0));
    }
}
