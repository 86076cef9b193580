#include "tests/session/waiting.h"

using namespace c2c;
using namespace c2c::ui;
using test::Rig;
using test::wait_for;

namespace {

/// A gate that the engine's thread waits at, so that the order of things is the test's.
class Gate {
  public:
    void pass(const std::string& what) {
        std::unique_lock lock(mutex_);
        if (what != closed_)
            return;
        waiting_ = true;
        changed_.notify_all();
        changed_.wait(lock, [&] { return closed_.empty(); });
        waiting_ = false;
    }
    void close(const std::string& what) {
        const std::lock_guard lock(mutex_);
        closed_ = what;
    }
    void await() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_; });
    }
    void open() {
        const std::lock_guard lock(mutex_);
        closed_.clear();
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string closed_;
    bool waiting_ = false;
};

struct Gated {
    std::shared_ptr<Gate> gate = std::make_shared<Gate>();
    std::shared_ptr<test::Script> script = std::make_shared<test::Script>();
    Gated() {
        script->fails = [gate = gate](const test::Script::Call& call) -> std::optional<Error> {
            gate->pass(call.what);
            return std::nullopt;
        };
    }
};

} // namespace

TEST_CASE("A running draft is finished and shown, of the ages asked meanwhile only the last is made",
          "[inference]") {
    Gated gated;
    Rig rig({.rest_ms = 5, .fill = false}, gated.script);
    REQUIRE(rig.open());
    rig.shown.clear();
    gated.script->forget();
    gated.gate->close("draft");
    rig.session.set_age(10);
    gated.gate->await();
    for (const double age : {20.0, 30.0, 40.0, 50.0})
        rig.session.set_age(age);
    gated.gate->open();
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
    std::vector<double> drafts;
    for (const auto& call : gated.script->calls())
        if (call.what == "draft")
            drafts.push_back(call.age);
    REQUIRE(drafts == std::vector<double>{10, 50});
    REQUIRE(gated.script->count("settle") == 1); // 10 was not worth settling any more
    REQUIRE(rig.shown.front()->job.age == 10);
    REQUIRE(rig.shown.back()->job.age == 50);
}

TEST_CASE("A draft that comes after a newer cached age is not shown", "[inference]") {
    Gated gated;
    Rig rig({.rest_ms = 5, .fill = false}, gated.script);
    REQUIRE(rig.open()); // 70 is cached
    gated.gate->close("draft");
    rig.session.set_age(10);
    gated.gate->await();
    rig.session.set_age(70);
    REQUIRE(rig.session.settled());
    rig.shown.clear();
    gated.gate->open();
    rig.session.inference().fill({}); // something to wait for: it comes after the draft
    bool idle = false;
    QObject::connect(&rig.session, &Session::activity_changed, [&](Task task) { idle = task == Task::None; });
    REQUIRE(wait_for([&] { return idle; }));
    REQUIRE(rig.shown.empty());
    REQUIRE(rig.session.shown()->job.age == 70);
}

TEST_CASE("Settling stops when a newer age is asked for", "[inference]") {
    Rig rig;
    REQUIRE(rig.open());
    rig.script->settle_ms = 60'000; // would end the test's patience
    rig.session.set_age(10);
    REQUIRE(wait_for([&] { return rig.session.shown()->job.age == 10; })); // its draft
    rig.script->settle_ms = 0;
    rig.session.set_age(20);
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
    REQUIRE(rig.session.cached(10) == nullptr);
}

TEST_CASE("Cancel stops what runs and leaves nothing waiting", "[inference]") {
    Rig rig;
    REQUIRE(rig.open());
    rig.script->settle_ms = 60'000;
    rig.session.set_age(10);
    REQUIRE(wait_for([&] { return rig.session.shown()->job.age == 10; }));
    bool idle = false;
    QObject::connect(&rig.session, &Session::activity_changed, [&](Task task) { idle = task == Task::None; });
    rig.session.cancel();
    REQUIRE(wait_for([&] { return idle; }));
    REQUIRE_FALSE(rig.session.settled());
    REQUIRE(rig.failures.empty()); // a cancel is no error
    rig.script->settle_ms = 0;
    rig.session.set_age(11);
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
}

TEST_CASE("While the hand moves without pause drafts keep coming, in order", "[inference]") {
    Rig rig({.rest_ms = 1000, .fill = false});
    REQUIRE(rig.open());
    rig.shown.clear();
    rig.script->draft_ms = 3;
    rig.session.begin_drag();
    for (int i = 0; i < 200; ++i) {
        rig.session.set_age(i * .5);
        QCoreApplication::processEvents();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    REQUIRE(rig.shown.size() > 10);
    for (std::size_t i = 1; i < rig.shown.size(); ++i)
        REQUIRE(rig.shown[i]->job.age > rig.shown[i - 1]->job.age);
    rig.session.end_drag();
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
}

TEST_CASE("The engine may be given up in the middle of anything", "[inference]") {
    for (const char* where : {"open", "faces", "draft", "settle", "measure"}) {
        auto script = std::make_shared<test::Script>();
        script->open_ms = script->draft_ms = script->settle_ms = script->measure_ms = 20;
        auto reached = std::make_shared<std::atomic<bool>>(false);
        script->fails = [=](const test::Script::Call& call) -> std::optional<Error> {
            if (call.what == where)
                *reached = true;
            return std::nullopt;
        };
        Rig rig({.fill = true}, script);
        rig.session.open("synthetic");
        REQUIRE(wait_for([&] { return reached->load(); }));
    } // the session goes here
}
