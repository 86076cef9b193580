#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace c2c {

struct LevelWeight {
    std::size_t level = 0;
    double weight = 1;
};

/// Adaptive noise injection (paper 3.2): the level of an age gap is the first whose max_gap is not below it.
/// Within crossfade/2 years of a threshold the two levels share the weight smoothly, so that a slider does
/// not pop there; 0 is the paper's step. One or two levels, weights summing to 1; max_gaps rise, gaps are in
/// years.
std::vector<LevelWeight> adani_levels(std::span<const double> max_gaps, double gap, double crossfade);

} // namespace c2c
