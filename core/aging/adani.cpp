#include "core/aging/adani.h"

#include <algorithm>

namespace c2c {

std::vector<LevelWeight> adani_levels(std::span<const double> max_gaps, double gap, double crossfade) {
    std::size_t level = 0;
    while (level + 1 < max_gaps.size() && gap > max_gaps[level])
        ++level;
    for (std::size_t i = 0; i + 1 < max_gaps.size(); ++i) {
        // Neighbouring fades must not meet, and the own age (gap 0) always has the first level alone.
        const double below = i == 0 ? max_gaps[0] : (max_gaps[i] - max_gaps[i - 1]) / 2;
        const double above = (max_gaps[i + 1] - max_gaps[i]) / 2;
        const double half = std::min({crossfade / 2, below, above});
        const double t = half > 0 ? (gap - max_gaps[i] + half) / (2 * half) : -1;
        if (t > 0 && t < 1) {
            const double weight = t * t * (3 - 2 * t);
            return {{i, 1 - weight}, {i + 1, weight}};
        }
    }
    return {{level, 1.0}};
}

} // namespace c2c
