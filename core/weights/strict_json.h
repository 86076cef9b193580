#pragma once

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace c2c {

/// An object from JSON text that comes from a stranger: a key given twice is an error, because readers differ
/// in which of the two they believe. The error is the reason in a few words.
inline tl::expected<nlohmann::json, std::string> parse_strict_json(std::string_view text) {
    std::vector<std::set<std::string>> keys; // of the objects that are open
    const auto watch = [&keys](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
        using Event = nlohmann::json::parse_event_t;
        if (event == Event::object_start)
            keys.emplace_back();
        else if (event == Event::object_end)
            keys.pop_back();
        else if (event == Event::key && !keys.back().insert(value.get<std::string>()).second)
            throw std::runtime_error("the key " + value.get<std::string>() + " is given twice");
        return true;
    };
    try {
        auto json = nlohmann::json::parse(text.begin(), text.end(), watch);
        if (!json.is_object())
            return tl::unexpected<std::string>("not a JSON object");
        return json;
    } catch (const nlohmann::json::exception& error) {
        return tl::unexpected(std::string("not valid JSON"));
    } catch (const std::exception& error) {
        return tl::unexpected(std::string(error.what()));
    }
}

} // namespace c2c
