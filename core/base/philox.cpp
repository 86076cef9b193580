#include "core/base/philox.h"

#include <cmath>
#include <numbers>

namespace c2c {

void philox4x32_10(const std::uint32_t counter[4], const std::uint32_t key[2], std::uint32_t out[4]) {
    std::uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
    std::uint32_t k[2] = {key[0], key[1]};
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c[0];
        const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c[2];
        const auto hi0 = static_cast<std::uint32_t>(p0 >> 32), lo0 = static_cast<std::uint32_t>(p0);
        const auto hi1 = static_cast<std::uint32_t>(p1 >> 32), lo1 = static_cast<std::uint32_t>(p1);
        const std::uint32_t next[4] = {hi1 ^ c[1] ^ k[0], lo1, hi0 ^ c[3] ^ k[1], lo0};
        for (int i = 0; i < 4; ++i)
            c[i] = next[i];
        k[0] += 0x9E3779B9;
        k[1] += 0xBB67AE85;
    }
    for (int i = 0; i < 4; ++i)
        out[i] = c[i];
}

std::vector<float> normal_noise(std::uint64_t seed, std::uint32_t stream, std::size_t count) {
    const std::uint32_t key[2] = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
    std::vector<float> noise(count);
    for (std::size_t i = 0; i < count; i += 4) {
        const std::uint32_t counter[4] = {static_cast<std::uint32_t>(i / 4),
                                          static_cast<std::uint32_t>((i / 4) >> 32), stream, 0};
        std::uint32_t words[4];
        philox4x32_10(counter, key, words);
        for (int pair = 0; pair < 2; ++pair) {
            // Box-Muller on (0, 1]: the shift by a half keeps the logarithm finite.
            const double u = (words[2 * pair] + 0.5) / 4294967296.0;
            const double v = (words[2 * pair + 1] + 0.5) / 4294967296.0;
            const double radius = std::sqrt(-2.0 * std::log(u));
            const double angle = 2.0 * std::numbers::pi * v;
            const std::size_t at = i + 2 * static_cast<std::size_t>(pair);
            if (at < count)
                noise[at] = static_cast<float>(radius * std::cos(angle));
            if (at + 1 < count)
                noise[at + 1] = static_cast<float>(radius * std::sin(angle));
        }
    }
    return noise;
}

} // namespace c2c
