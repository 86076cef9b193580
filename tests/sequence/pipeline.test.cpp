#include "core/sequence/pipeline.h"
#include "tests/support.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>

using namespace c2c;
using c2c::test::value;
using namespace std::chrono_literals;

namespace {

/// Counts how many frames are alive at once.
struct Live {
    explicit Live(std::atomic<int>& n, std::atomic<int>& peak) : count(n) {
        const int now = ++count;
        for (int seen = peak; now > seen && !peak.compare_exchange_weak(seen, now);)
            ;
    }
    Live(const Live&) = delete;
    Live& operator=(const Live&) = delete;
    ~Live() { --count; }
    std::atomic<int>& count;
};

} // namespace

TEST_CASE("every item goes through all stages and is committed in order") {
    for (std::size_t encoders : {1, 3}) {
        std::vector<std::size_t> order;
        const auto caller = std::this_thread::get_id();
        std::atomic<bool> infer_here = true;
        value(run_pipeline(
            200, [](std::size_t i) -> Result<int> { return static_cast<int>(i) * 2; },
            [&](std::size_t, int a) -> Result<std::string> {
                infer_here = infer_here && std::this_thread::get_id() == caller;
                return std::to_string(a);
            },
            [](std::size_t i, const std::string& b) -> Result<std::string> {
                if (i % 7 == 0)
                    std::this_thread::sleep_for(1ms); // later ones overtake it
                return b + "!";
            },
            [&](std::size_t i, const std::string& c) -> Result<void> {
                CHECK(c == std::to_string(2 * i) + "!");
                order.push_back(i);
                return {};
            },
            {.queued = 2, .encoders = encoders}));
        REQUIRE(order.size() == 200);
        CHECK(std::is_sorted(order.begin(), order.end()));
        CHECK(infer_here);
    }
    value(run_pipeline(
        0, [](std::size_t) -> Result<int> { return 0; }, [](std::size_t, int a) -> Result<int> { return a; },
        [](std::size_t, int a) -> Result<int> { return a; },
        [](std::size_t, int) -> Result<void> { return {}; }));
}

TEST_CASE("a slow encoder holds the decoder back: memory does not grow with the frames") {
    for (const int count : {20, 120}) {
        std::atomic<int> live = 0, peak = 0;
        value(run_pipeline(
            static_cast<std::size_t>(count),
            [&](std::size_t) -> Result<std::unique_ptr<Live>> { return std::make_unique<Live>(live, peak); },
            [](std::size_t, std::unique_ptr<Live> a) -> Result<std::unique_ptr<Live>> { return a; },
            [](std::size_t, const std::unique_ptr<Live>&) -> Result<int> {
                std::this_thread::sleep_for(1ms);
                return 0;
            },
            [](std::size_t, int) -> Result<void> { return {}; }, {.queued = 2, .encoders = 2}));
        CHECK(live == 0);
        CHECK(peak <= 1 + 2 + 1 + 2 + 2); // in a stage or a queue
    }
}

TEST_CASE("stages overlap") {
    // Three stages that must be inside at the same moment: without overlap this never ends.
    std::atomic<int> inside = 0;
    std::atomic<bool> met = false;
    const auto meet = [&] {
        ++inside;
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (!met && std::chrono::steady_clock::now() < until) {
            met = met || inside == 3;
            std::this_thread::yield();
        }
        --inside;
    };
    value(run_pipeline(
        3,
        [&](std::size_t i) -> Result<int> {
            if (i == 2)
                meet();
            return 0;
        },
        [&](std::size_t i, int) -> Result<int> {
            if (i == 1)
                meet();
            return 0;
        },
        [&](std::size_t i, int) -> Result<int> {
            if (i == 0)
                meet();
            return 0;
        },
        [](std::size_t, int) -> Result<void> { return {}; }));
    CHECK(met);
}

TEST_CASE("the first error of any stage ends the run, and what was committed stays") {
    for (const int stage : {0, 1, 2, 3}) {
        std::size_t committed = 0;
        const auto at = [&](int which, std::size_t i) -> Result<int> {
            if (which == stage && i == 5)
                return fail(ErrorKind::Output, "stage {} failed.", which);
            return 0;
        };
        const auto result = run_pipeline(
            1000, [&](std::size_t i) { return at(0, i); }, [&](std::size_t i, int) { return at(1, i); },
            [&](std::size_t i, int) { return at(2, i); },
            [&](std::size_t i, int) -> Result<void> {
                C2C_CHECK(at(3, i));
                committed = i + 1;
                return {};
            },
            {.queued = 2, .encoders = 2});
        REQUIRE_FALSE(result);
        CHECK(result.error().text == fmt::format("stage {} failed.", stage));
        CHECK(committed <= 5);
        if (stage == 3)
            CHECK(committed == 5);
    }
}

TEST_CASE("an exception in a stage becomes an error") {
    const auto pass = [](std::size_t, int a) -> Result<int> { return a; };
    const auto commit = [](std::size_t, int) -> Result<void> { return {}; };
    const auto memory = run_pipeline(
        3, [](std::size_t) -> Result<int> { throw std::bad_alloc(); }, pass, pass, commit);
    REQUIRE_FALSE(memory);
    CHECK(memory.error().kind == ErrorKind::Device);
    const auto other = run_pipeline(
        3, [](std::size_t) -> Result<int> { return 1; }, pass,
        [](std::size_t, int) -> Result<int> { throw std::runtime_error("why"); }, commit);
    REQUIRE_FALSE(other);
    CHECK(other.error().detail == "why");
}

TEST_CASE("a stop ends the run soon, wherever the stages wait") {
    std::stop_source source;
    std::atomic<int> decoded = 0;
    const auto result = run_pipeline(
        1'000'000,
        [&](std::size_t) -> Result<int> {
            if (++decoded == 20)
                source.request_stop();
            return 0;
        },
        [](std::size_t, int a) -> Result<int> { return a; },
        [](std::size_t, int a) -> Result<int> { return a; },
        [](std::size_t, int) -> Result<void> { return {}; }, {}, source.get_token());
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Cancelled);
    CHECK(decoded < 40);
}
