// The window's program as a user starts it, on no screen: it ends well whenever it is closed.
#include "tests/app/cli.h"

#include <chrono>
#include <csignal>
#include <thread>
#include <unistd.h>

using namespace c2c;

namespace {

/// The program with a home of its own; what it says goes to files there.
class Program {
  public:
    explicit Program(const test::TempDir& home, const std::vector<std::string>& arguments) : home_(home) {
        child_ = fork();
        if (child_ != 0)
            return;
        setenv("QT_QPA_PLATFORM", "offscreen", 1);
        setenv("OMP_WAIT_POLICY", "passive", 1);
        for (const char* name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"})
            setenv(name, home.path().c_str(), 1);
        std::freopen((home / "err").c_str(), "w", stderr);
        std::vector<std::string> words = {C2C_WINDOW, "--watchdog"};
        words.insert(words.end(), arguments.begin(), arguments.end());
        std::vector<char*> argv;
        for (std::string& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        execv(argv[0], argv.data());
        _exit(99);
    }
    ~Program() {
        if (code_ < 0)
            kill(child_, SIGKILL), waitpid(child_, nullptr, 0);
    }
    bool said(const std::string& text, int seconds = 60) const {
        for (int i = 0; i < seconds * 100; ++i, pause_ms(10))
            if (test::text_of(home_ / "err").find(text) != std::string::npos)
                return true;
        return false;
    }
    /// Exit code after a request to close; 128 + signal when it was killed by one.
    int close() {
        kill(child_, SIGTERM);
        int status = 0;
        waitpid(child_, &status, 0);
        return code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    static void pause_ms(int milliseconds) {
        std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    }

  private:
    const test::TempDir& home_;
    pid_t child_ = 0;
    int code_ = -1;
};

} // namespace

TEST_CASE("The window closes cleanly while the libraries, the model and the photo are loaded", "[window]") {
    const int after = GENERATE(0, 50, 300, 1000, 2500);
    test::TempDir home;
    Program program(home, {test::photo("man_38.jpg").string(), "--age", "70"});
    REQUIRE(program.said("The window is shown"));
    Program::pause_ms(after);
    INFO("closed after " << after << " ms\n" << test::text_of(home / "err"));
    REQUIRE(program.close() == 0);
    // A good end leaves nothing to recover.
    REQUIRE(std::filesystem::is_empty(home.path() / "cradle2cane" / "recovery"));
}

TEST_CASE("A picture of the window is written, or it is said why not", "[window]") {
    test::TempDir home;
    const std::string window =
        "env QT_QPA_PLATFORM=offscreen OMP_WAIT_POLICY=passive XDG_CONFIG_HOME=. " C2C_WINDOW;
    const auto run = [&](const std::string& arguments) {
        const int status = std::system(
            ("cd " + test::quoted(home.path()) + " && " + window + " " + arguments + " 2>err").c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    };
    REQUIRE(run(test::quoted(test::photo("girl_14.jpg")) +
                " --age 60 --compare wipe --size 900x640 --screenshot a.png") == 0);
    REQUIRE(std::filesystem::file_size(home / "a.png") > 50'000);
    std::ofstream(home / "garbage.jpg") << "no picture";
    REQUIRE(run("garbage.jpg --screenshot b.png") == 3);
    REQUIRE(test::text_of(home / "err").find("garbage.jpg") != std::string::npos);
    REQUIRE(run("nowhere --screenshot b.png") == 3);
    std::filesystem::create_directory(home / "empty");
    REQUIRE(run("empty --screenshot b.png") == 3); // and does not wait for ever
    REQUIRE_FALSE(std::filesystem::exists(home / "b.png"));
}

TEST_CASE("Without a display the window says so and names the command line", "[window]") {
    const std::string display = GENERATE("-u DISPLAY", "DISPLAY=:4711"); // none, and one that is not there
    INFO(display);
    test::TempDir home;
    const std::string err = test::quoted(home / "err");
    const int status = std::system(
        ("env -u WAYLAND_DISPLAY -u QT_QPA_PLATFORM " + display + " " C2C_WINDOW " 2>" + err).c_str());
    REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 2));
    REQUIRE(test::text_of(home / "err").find("cradle2cane-cli portrait.jpg --age 70") != std::string::npos);
}
