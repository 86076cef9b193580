#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace c2c {

/// What a pickle describes, as plain data. A call is kept as the callee's name and its arguments: nothing is
/// ever run or imported.
struct PickleValue {
    enum class Kind { None, Bool, Int, Float, Text, Tuple, List, Dict, Global, Call, Persistent };
    Kind kind = Kind::None;
    std::int64_t number = 0; ///< Bool, Int
    double real = 0;         ///< Float
    std::string text;        ///< Text; Global and Call: "module.name"
    /// Tuple, List; Dict: key, value, key, value…; Call: the arguments; Persistent: the id alone.
    std::vector<const PickleValue*> items;
};

/// The values refer to each other, also in circles, so all of them live and die together.
struct Pickle {
    std::deque<PickleValue> values;
    const PickleValue* root = nullptr;
};

/// Reads the opcodes of protocols 2 to 5 that plain data need (Python's pickletools lists them).
/// `allowed_globals` are the only names that may appear; collections.OrderedDict becomes a Dict. The error is
/// the reason in a few words: "os.system is not allowed", "it ends too early".
tl::expected<Pickle, std::string> read_pickle(std::span<const std::byte> bytes,
                                              std::span<const std::string_view> allowed_globals);

} // namespace c2c
