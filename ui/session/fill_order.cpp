#include "ui/session/fill_order.h"

#include <algorithm>
#include <cmath>

namespace c2c::ui {

int age_key(double age) {
    return static_cast<int>(std::lround(std::clamp(age, 0.0, 100.0) * 10));
}

double age_of_key(int key) {
    return key / 10.0;
}

std::vector<int> fill_order(double age) {
    std::vector<int> keys;
    for (int year = 0; year <= 100; ++year)
        keys.push_back(year * 10);
    const int here = age_key(age);
    std::stable_sort(keys.begin(), keys.end(), [here](int a, int b) {
        const bool fine_a = a % 50 != 0, fine_b = b % 50 != 0;
        return fine_a != fine_b ? fine_b : std::abs(a - here) < std::abs(b - here);
    });
    return keys;
}

} // namespace c2c::ui
