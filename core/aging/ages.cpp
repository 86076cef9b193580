#include "core/aging/ages.h"

#include <charconv>
#include <cmath>

namespace c2c {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos)
            return parts;
        text.remove_prefix(at + 1);
    }
}

Result<double> parse_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return fail(ErrorKind::Usage, "\"{}\" is not a number; give ages as 70, 30,72 or 5:85:10.", text);
    return value;
}

Result<double> parse_age(std::string_view text) {
    C2C_TRY(const double age, parse_number(text));
    if (age < 0 || age > 100)
        return fail(ErrorKind::Usage, "Age {} is out of range; ages go from 0 to 100.", text);
    return age == 0 ? 0.0 : age; // -0 prints as "-0"
}

} // namespace

Result<std::vector<double>> parse_ages(std::string_view text) {
    std::vector<double> ages;
    for (const std::string_view item : split(text, ',')) {
        const auto range = split(item, ':');
        if (range.size() == 1) {
            C2C_TRY(const double age, parse_age(item));
            ages.push_back(age);
            continue;
        }
        if (range.size() > 3)
            return fail(ErrorKind::Usage,
                        "\"{}\" is not a range of ages; write first:last:step, as in 5:85:10.", item);
        C2C_TRY(const double first, parse_age(range[0]));
        C2C_TRY(const double last, parse_age(range[1]));
        double step = 1;
        if (range.size() == 3) {
            C2C_TRY(step, parse_number(range[2]));
        }
        if (step <= 0)
            return fail(ErrorKind::Usage, "The step between ages in \"{}\" must be above 0.", item);
        const double count = std::floor(std::abs(last - first) / step + 1e-9);
        if (count > 10'000)
            return fail(ErrorKind::Usage, "\"{}\" asks for {:.0f} ages; 10,000 is the most.", item,
                        count + 1);
        const double direction = last < first ? -step : step;
        for (int i = 0; i <= static_cast<int>(count); ++i)
            ages.push_back(first + i * direction); // not accumulated: 0.1 steps must not drift
    }
    return ages;
}

} // namespace c2c
