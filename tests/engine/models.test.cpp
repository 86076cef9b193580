// The real engine and its model: one that goes away while it is used, one of another kind, and back.
#include "core/base/files.h"
#include "tests/app/cli.h"
#include "tests/session/waiting.h"
#include "ui/engine/studio_engine.h"

using namespace c2c;
using namespace c2c::ui;

namespace {

constexpr int long_ms = 300'000;

struct RealRig {
    Session session{[]() -> Result<std::unique_ptr<Engine>> { return make_studio_engine(); },
                    {.fill = false}};
    std::vector<Failure> failures;

    RealRig() {
        QObject::connect(&session, &Session::failed,
                         [this](const Failure& failure) { failures.push_back(failure); });
    }
    std::string failed() const { ///< what, for the test's report
        std::string texts;
        for (const Failure& failure : failures)
            texts += failure.error.text + " " + failure.error.detail + "\n";
        return texts;
    }
    bool settles_at(double age) {
        session.set_age(age);
        return test::wait_for([&] { return session.settled(); }, long_ms);
    }
    bool loads(const ModelChoice& choice) {
        session.load_model(choice);
        const std::size_t before = failures.size();
        return test::wait_for([&] { return session.model_choice() == choice || failures.size() > before; },
                              long_ms);
    }
    bool open(const char* photo) {
        session.open(test::photo(photo));
        return test::wait_for([&] { return session.settled(); }, long_ms);
    }
};

QImage shown(const Session& session) {
    return session.shown()->srgb;
}

} // namespace

TEST_CASE("A model folder that disappears while it is used: one sentence, and the work goes on",
          "[engine][models]") {
    test::TempDir home;
    const std::filesystem::path folder = home / "mine";
    std::filesystem::copy(models_dir() / "nano", folder, std::filesystem::copy_options::recursive);
    RealRig rig;
    REQUIRE(rig.loads({folder}));
    REQUIRE(rig.open("woman_24.jpg"));
    REQUIRE(rig.failed() == "");

    std::filesystem::remove_all(folder);
    REQUIRE(rig.settles_at(25)); // it is in memory
    REQUIRE(rig.failed() == "");
    ModelChoice again{folder, "cpu", "fp32"}; // read anew
    REQUIRE(rig.loads(again));
    REQUIRE(rig.failures.size() == 1);
    REQUIRE(rig.failures[0].error.text.find(folder.string()) != std::string::npos);
    REQUIRE(rig.session.model_choice().folder == folder); // the one before
    REQUIRE(rig.settles_at(33));
    rig.session.export_ages({{33, home / "a.png"}}, {});
    REQUIRE(test::wait_for([&] { return !rig.session.export_state().running(); }, long_ms));
    REQUIRE(rig.session.export_state().done == 1);
    REQUIRE(rig.loads({}));
    REQUIRE(rig.settles_at(44));
    REQUIRE(rig.failures.size() == 1);
}

TEST_CASE("Another kind of model while a photo is open, and back: the first pixels come again",
          "[engine][models]") {
    test::TempDir home;
    REQUIRE(test::cli(home, "models random tiny --tiny").code == 0);
    RealRig rig;
    REQUIRE(rig.open("woman_24.jpg"));
    REQUIRE(rig.settles_at(60));
    const QImage nano = shown(rig.session);
    const QString nano_hash = rig.session.model()->hash;
    REQUIRE(rig.session.cache().size() > 1);

    REQUIRE(rig.loads({home / "tiny"}));
    REQUIRE(
        test::wait_for([&] { return rig.session.settled() && rig.session.cache().size() == 1; }, long_ms));
    REQUIRE(rig.failed() == "");
    REQUIRE(rig.session.model()->hash != nano_hash);
    REQUIRE(shown(rig.session) != nano);
    REQUIRE(rig.settles_at(20));

    rig.session.load_model({}); // while an age is asked for
    rig.session.set_age(60);
    REQUIRE(test::wait_for(
        [&] { return rig.session.model_choice() == ModelChoice{} && rig.session.settled(); }, long_ms));
    REQUIRE(shown(rig.session) == nano);
    REQUIRE(rig.failed() == "");
}

TEST_CASE("The real engine says in one sentence that it cannot write", "[engine][models]") {
    RealRig rig;
    REQUIRE(rig.open("woman_24.jpg"));
    rig.session.export_ages({{20, "/proc/20.png"}, {30, "/proc/30.png"}}, {});
    REQUIRE(test::wait_for([&] { return !rig.session.export_state().running(); }, long_ms));
    REQUIRE(rig.failures.size() == 1);
    REQUIRE(rig.failures[0].error.kind == ErrorKind::Output);
    REQUIRE(rig.failures[0].error.text.find("/proc/20.png") != std::string::npos);
    REQUIRE(rig.settles_at(33));
}

TEST_CASE("Loading a model can be stopped, the one before is as it was", "[engine][models]") {
    RealRig rig;
    REQUIRE(rig.open("woman_24.jpg"));
    rig.session.load_model({models_dir() / "nano"});
    REQUIRE(test::wait_for([&] { return rig.session.inference().loading_model(); }, long_ms));
    rig.session.cancel();
    // It may have been quicker; then it is there.
    REQUIRE(test::wait_for(
        [&] { return !rig.failures.empty() || !rig.session.model_choice().folder.empty(); }, long_ms));
    if (!rig.failures.empty())
        REQUIRE(rig.failures[0].error.kind == ErrorKind::Cancelled);
    REQUIRE(rig.settles_at(33));
}
