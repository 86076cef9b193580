#pragma once

#include <vector>

namespace c2c::ui {

/// Ages are kept to a tenth of a year.
int age_key(double age);
double age_of_key(int key);
inline double rounded(double age) {
    return age_of_key(age_key(age));
}

/// Keys of all whole ages 0..100 in the order in which idle time fills the strip: outward from `age`, first
/// those that are multiples of five, then the rest.
std::vector<int> fill_order(double age);

} // namespace c2c::ui
