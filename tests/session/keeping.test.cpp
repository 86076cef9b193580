// What is kept, told and given up: unsaved work, failed exports, models that are slow or short of memory.
#include "tests/session/waiting.h"

using namespace c2c;
using namespace c2c::ui;

TEST_CASE("An age alone is work to be kept, the age a photo opens with is not", "[session]") {
    test::TempDir folder;
    test::Rig rig;
    REQUIRE(rig.open((folder / "synthetic.png").string()));
    REQUIRE(rig.session.unsaved().empty());
    rig.session.set_age(41);
    REQUIRE(rig.session.unsaved().size() == 1);
    REQUIRE(rig.session.unsaved()[0].age == 41);
    rig.session.undo_stack().undo();
    REQUIRE(rig.session.unsaved().empty());
    rig.session.set_age(42);
    test::value(rig.session.save(folder / "work.c2c"));
    REQUIRE(rig.session.unsaved().empty());
    rig.session.set_age(43);
    REQUIRE(rig.open("synthetic_b.png"));
    REQUIRE(rig.session.unsaved().size() == 1); // of the photo that was left
}

TEST_CASE("Of an export that fails throughout one sentence is told, and how many failed", "[session]") {
    test::Rig rig;
    REQUIRE(rig.open());
    rig.session.export_ages({{20, "/proc/20.jpg"}, {30, "/proc/30.jpg"}, {40, "/proc/40.jpg"}}, {});
    REQUIRE(test::wait_for([&] { return !rig.session.export_state().running(); }));
    REQUIRE(rig.session.export_state().failed == 3);
    REQUIRE(rig.failures.size() == 1);
    rig.session.export_ages({{20, "/proc/20.jpg"}}, {}); // another export is told again
    REQUIRE(test::wait_for([&] { return rig.failures.size() == 2; }));
}

TEST_CASE("A model that takes too long can be stopped: the one before stays, or the built-in one comes",
          "[session]") {
    auto script = std::make_shared<test::Script>();
    script->model_ms = 60'000;
    test::Rig rig({.rest_ms = 30, .idle_ms = 10, .fill = false}, script);
    rig.session.load_model({"/models/large"});
    REQUIRE(test::wait_for([&] { return rig.session.inference().loading_model(); }));
    script->model_ms = 0;
    rig.session.cancel();
    REQUIRE(test::wait_for([&] { return rig.session.model().has_value(); }));
    REQUIRE(rig.session.model_choice().folder.empty());

    REQUIRE(rig.open());
    script->model_ms = 60'000;
    rig.failures.clear();
    rig.session.load_model({"/models/large"});
    REQUIRE(test::wait_for([&] { return rig.session.inference().loading_model(); }));
    rig.session.cancel();
    REQUIRE(test::wait_for([&] { return !rig.failures.empty(); }));
    REQUIRE(rig.failures[0].error.kind == ErrorKind::Cancelled);
    REQUIRE(rig.session.model()->name == QStringLiteral("fake"));
    rig.session.set_age(12);
    REQUIRE(test::wait_for([&] { return rig.session.settled(); }));
}

TEST_CASE("What a model gives up for want of memory is told while it works", "[session]") {
    test::Rig rig;
    REQUIRE(rig.open());
    REQUIRE(rig.session.model()->memory.isEmpty());
    bool changed = false;
    QObject::connect(&rig.session, &Session::model_changed, [&] { changed = true; });
    rig.script->short_of_memory = true;
    rig.session.set_age(12);
    REQUIRE(test::wait_for([&] { return changed; }));
    REQUIRE(rig.session.model()->memory == QStringLiteral("Memory is short."));
}

TEST_CASE("Thumbnails of looks long left do not pile up", "[session]") {
    test::Rig rig;
    REQUIRE(rig.open());
    for (int step = 0; step < 30; ++step) {
        Look look = rig.session.look();
        look.amount = .5 + step * .01;
        rig.session.set_look(look, {});
        REQUIRE(test::wait_for([&] { return rig.session.settled(); }));
    }
    REQUIRE(rig.session.thumbnails().size() == 1);
    const std::size_t kept = rig.session.thumbnail_looks();
    REQUIRE(kept <= 9);
}
