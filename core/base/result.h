#pragma once

#include <fmt/format.h>
#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace c2c {

/// What went wrong, by who can mend it. The values are the exit codes of cradle2cane-cli.
enum class ErrorKind {
    Internal = 1,
    Usage = 2,
    Input = 3,
    NoFace = 4,
    Model = 5,
    Output = 6,
    Device = 7, ///< memory or device
    Partial = 8,
    Cancelled = 130,
};

struct Error {
    ErrorKind kind = ErrorKind::Internal;
    std::string text;   ///< one plain sentence for the user: what, which file, what to do
    std::string detail; ///< for the log and "copy diagnostics"; may be empty
};

template <class T> using Result = tl::expected<T, Error>;

/// `return fail(ErrorKind::Input, "{} is empty; choose another photo.", path)`
template <class... Args>
[[nodiscard]] tl::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> text, Args&&... args) {
    return tl::unexpected<Error>(Error{kind, fmt::format(text, std::forward<Args>(args)...), {}});
}

[[nodiscard]] inline tl::unexpected<Error> cancelled() {
    return tl::unexpected<Error>(Error{ErrorKind::Cancelled, "Cancelled.", {}});
}

} // namespace c2c

#define C2C_CONCAT_(a, b) a##b
#define C2C_CONCAT(a, b) C2C_CONCAT_(a, b)
#define C2C_TRY_(temporary, declaration, expression)                                                         \
    auto temporary = (expression);                                                                           \
    if (!temporary)                                                                                          \
        return tl::unexpected(std::move(temporary).error());                                                 \
    declaration = *std::move(temporary)

/// C2C_TRY(auto photo, read_photo(path)); assigns the value, or returns the error to our caller.
#define C2C_TRY(declaration, expression)                                                                     \
    C2C_TRY_(C2C_CONCAT(c2c_result_, __COUNTER__), declaration, expression)

/// C2C_CHECK(write(...)); the same for a Result<void>.
#define C2C_CHECK(expression)                                                                                \
    do {                                                                                                     \
        if (auto c2c_checked = (expression); !c2c_checked)                                                   \
            return tl::unexpected(std::move(c2c_checked).error());                                           \
    } while (false)
