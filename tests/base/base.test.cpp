#include "core/base/files.h"
#include "core/base/philox.h"
#include "core/base/sha256.h"
#include "tests/support.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <fstream>

using namespace c2c;
namespace fs = std::filesystem;

TEST_CASE("Philox gives the known answers of Random123") {
    // kat_vectors of the Random123 distribution, philox4x32 10 rounds.
    std::uint32_t out[4];
    const std::uint32_t zero[4] = {}, zero_key[2] = {};
    philox4x32_10(zero, zero_key, out);
    CHECK(out[0] == 0x6627e8d5);
    CHECK(out[1] == 0xe169c58d);
    CHECK(out[2] == 0xbc57ac4c);
    CHECK(out[3] == 0x9b00dbd8);
    const std::uint32_t pi[4] = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
    const std::uint32_t pi_key[2] = {0xa4093822, 0x299f31d0};
    philox4x32_10(pi, pi_key, out);
    CHECK(out[0] == 0xd16cfe09);
    CHECK(out[1] == 0x94fdcceb);
    CHECK(out[2] == 0x5001e420);
    CHECK(out[3] == 0x24126ea1);
}

TEST_CASE("Noise is normal, repeats by seed and differs by stream") {
    const auto noise = normal_noise(7, 1, 100'001);
    double sum = 0, squares = 0;
    for (float x : noise) {
        sum += x;
        squares += double(x) * x;
    }
    const double mean = sum / double(noise.size());
    CHECK(std::abs(mean) < 0.01);
    CHECK(std::abs(squares / double(noise.size()) - 1) < 0.02);
    CHECK(normal_noise(7, 1, 100'001) == noise);
    CHECK(normal_noise(7, 2, 100'001) != noise);
    CHECK(normal_noise(8, 1, 100'001) != noise);
    const auto shorter = normal_noise(7, 1, 10);
    CHECK(std::equal(shorter.begin(), shorter.end(), noise.begin()));
}

TEST_CASE("SHA-256 of a file is what sha256sum prints") {
    const auto hash =
        test::value(sha256_file(fs::path(C2C_SOURCE_DIR) / "models/nano/text_features.safetensors"));
    CHECK(hash == "55d9ae1ae24d8173acc1396d1cd608158576e2aac1a7966490d4eb47e2639f2f");
    const auto missing = sha256_file("/nowhere/file");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().text.find("/nowhere/file") != std::string::npos);
}

TEST_CASE("An atomic write leaves the whole file or nothing") {
    test::TempDir dir;
    const auto write = [](const char* text) {
        return [text](const fs::path& temporary) -> Result<void> {
            std::ofstream(temporary) << text;
            return {};
        };
    };
    const auto target = dir / "picture.png";
    test::value(write_atomically(target, Overwrite::No, write("first")));

    SECTION("an existing file is kept unless asked") {
        const auto second = write_atomically(target, Overwrite::No, write("second"));
        REQUIRE_FALSE(second);
        CHECK(second.error().kind == ErrorKind::Output);
        test::value(write_atomically(target, Overwrite::Yes, write("third")));
        std::string text;
        std::ifstream(target) >> text;
        CHECK(text == "third");
    }
    SECTION("a failure half-way leaves the old file and no other") {
        const auto failed =
            write_atomically(target, Overwrite::Yes, [](const fs::path& temporary) -> Result<void> {
                std::ofstream(temporary) << "half";
                return cancelled();
            });
        REQUIRE_FALSE(failed);
        CHECK(failed.error().kind == ErrorKind::Cancelled);
        std::string text;
        std::ifstream(target) >> text;
        CHECK(text == "first");
    }
    CHECK(std::distance(fs::directory_iterator(dir.path()), {}) == 1);
    const auto nowhere = write_atomically(dir / "no/such/folder.png", Overwrite::No, write("x"));
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().kind == ErrorKind::Output);
}
