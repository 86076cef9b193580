#pragma once

#include "tests/support.h"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace c2c::test {

struct Run {
    int code = -1;
    std::string out, err;
};

inline std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

inline std::string quoted(const std::filesystem::path& file) {
    return "'" + file.string() + "'";
}

/// The program as a user starts it: in a folder, through a shell. `arguments` are in the shell's words.
inline Run cli(const TempDir& dir, const std::string& arguments) {
    TempDir logs;
    const std::string command = "cd " + quoted(dir.path()) + " && " C2C_CLI " " + arguments + " >" +
                                quoted(logs / "out") + " 2>" + quoted(logs / "err") + " </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(logs / "out"), text_of(logs / "err")};
}

/// An error as a user should meet it: its code, one sentence that names what is wrong, nothing written.
inline void check_refused(const TempDir& dir, const std::string& arguments, int code,
                          const std::string& named) {
    const auto files = [&] {
        return std::distance(std::filesystem::recursive_directory_iterator(dir.path()), {});
    };
    const auto before = files();
    const Run run = cli(dir, arguments);
    INFO(arguments << "\n" << run.out << run.err);
    CHECK(run.code == code);
    CHECK(run.out.empty());
    CHECK(run.err.find(named) != std::string::npos);
    CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
    CHECK(files() == before);
}

} // namespace c2c::test
