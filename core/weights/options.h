#pragma once

// For the .cpp files of this room and of core/nn: a published config.json read with its library's defaults.

#include "core/weights/mapped_file.h"
#include "core/weights/strict_json.h"

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace c2c {

/// Leaves the reading of a config from any depth; read_options turns it into a Model error.
struct Unsupported : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The keys of a JSON object. A value of another kind than asked for, or out of any sane range, throws
/// Unsupported; a missing or null one is the default.
class Options {
  public:
    explicit Options(const nlohmann::json& object) : object_(object) {}

    bool has(const char* key) const { return object_.contains(key) && !object_[key].is_null(); }

    std::int64_t whole(const char* key, std::int64_t otherwise) const {
        return has(key) ? whole(object_[key], key) : otherwise;
    }
    double number(const char* key, double otherwise) const {
        require(!has(key) || object_[key].is_number(), key, "is not a number");
        return has(key) ? object_[key].get<double>() : otherwise;
    }
    bool flag(const char* key, bool otherwise) const {
        require(!has(key) || object_[key].is_boolean(), key, "is neither true nor false");
        return has(key) ? object_[key].get<bool>() : otherwise;
    }
    std::string word(const char* key, const char* otherwise) const {
        require(!has(key) || object_[key].is_string(), key, "is not a word");
        return has(key) ? object_[key].get<std::string>() : otherwise;
    }
    /// Of a list of words; "" where there is none.
    std::string first_word(const char* key) const {
        const bool some = has(key) && object_[key].is_array() && !object_[key].empty();
        return some && object_[key][0].is_string() ? object_[key][0].get<std::string>() : std::string();
    }
    std::vector<std::int64_t> wholes(const char* key) const {
        require(has(key) && object_[key].is_array() && !object_[key].empty(), key,
                "is not a list of numbers");
        std::vector<std::int64_t> list;
        for (const auto& item : object_[key])
            list.push_back(whole(item, key));
        return list;
    }
    /// The object below a key, or this one where there is none.
    Options below(const char* key) const {
        return object_.contains(key) && object_[key].is_object() ? Options(object_[key]) : *this;
    }
    static void require(bool holds, const std::string& key, const char* what) {
        if (!holds)
            throw Unsupported(key + " " + what);
    }

  private:
    static std::int64_t whole(const nlohmann::json& value, const char* key) {
        require(value.is_number_integer() && value >= 0 && value <= 10'000'000, key,
                "is not a whole number in range");
        return value.get<std::int64_t>();
    }
    const nlohmann::json& object_;
};

/// read_options(file, [](const Options& o) { return Config{o.whole("width", 512)}; })
template <class Make>
auto read_options(const std::filesystem::path& file, Make&& make)
    -> Result<std::invoke_result_t<Make, const Options&>> {
    C2C_TRY(const MappedFile mapped, map_file(file));
    const auto json =
        parse_strict_json({reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size()});
    if (!json)
        return fail(ErrorKind::Model, "{} cannot be read ({}); download it again.", file.string(),
                    json.error());
    try {
        return make(Options(*json));
    } catch (const std::exception& error) {
        return fail(ErrorKind::Model, "{}: {}; this model cannot be used.", file.string(), error.what());
    }
}

} // namespace c2c
