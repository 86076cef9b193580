#pragma once

#include "core/base/result.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <random>
#include <string>

namespace c2c::test {

inline std::filesystem::path data(const std::string& name) {
    return std::filesystem::path(C2C_TEST_DATA) / name;
}
inline std::filesystem::path photo(const std::string& name) {
    return data("photos") / name;
}

/// The value, or a failed test that shows the error's text.
template <class T> T value(Result<T> result) {
    if (!result)
        FAIL(result.error().text << " " << result.error().detail);
    return std::move(*result);
}
inline void value(Result<void> result) {
    if (!result)
        FAIL(result.error().text << " " << result.error().detail);
}

/// A folder that goes with the test.
class TempDir {
  public:
    TempDir() {
        std::string pattern = (std::filesystem::temp_directory_path() / "c2c_test_XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

} // namespace c2c::test
