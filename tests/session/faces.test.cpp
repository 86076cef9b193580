// Faces come in two steps: the large ones before anything else, the others when there is time.
#include "tests/session/waiting.h"
#include "tests/support.h"

using namespace c2c;
using namespace c2c::ui;
using test::Rig;
using test::wait_for;

namespace {

std::vector<std::string> order(const test::Script& script) {
    std::vector<std::string> what;
    for (const auto& call : script.calls())
        if (!call.stopped && call.what != "model")
            what.push_back(call.what);
    return what;
}

} // namespace

TEST_CASE("The first face's age settles before the small faces are looked for, and stays", "[faces]") {
    Rig rig;
    rig.script->small_faces = 2;
    int changes = 0;
    QObject::connect(&rig.session, &Session::faces_changed, [&] { ++changes; });
    rig.session.open("synthetic.png");
    REQUIRE(wait_for([&] { return rig.session.faces().size() == 3; }));
    const auto called = order(*rig.script);
    REQUIRE(called == std::vector<std::string>{"open", "faces", "draft", "settle", "measure", "more faces"});
    REQUIRE(rig.session.settled());
    REQUIRE(rig.session.look().face == 0);
    REQUIRE(rig.session.faces()[0].age == 38);
    REQUIRE(changes == 3); // none of the new photo, the first ones, all
    rig.session.choose_face(2);
    REQUIRE(wait_for([&] { return rig.session.settled() && rig.session.shown()->job.look.face == 2; }));
}

TEST_CASE("An age asked for interrupts the search for small faces, which goes on afterwards", "[faces]") {
    Rig rig;
    rig.script->small_faces = 1;
    rig.script->more_faces_ms = 150;
    bool searching = false;
    QObject::connect(&rig.session, &Session::activity_changed,
                     [&](Task task, double) { searching |= task == Task::MoreFaces; });
    rig.session.open("synthetic.png");
    REQUIRE(wait_for([&] { return searching; }));
    rig.session.set_age(33);
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
    REQUIRE(rig.session.faces().size() == 1);
    REQUIRE(wait_for([&] { return rig.session.faces().size() == 2; }));
    REQUIRE(rig.session.settled());
    REQUIRE(rig.failures.empty());
}

TEST_CASE("The small faces are not looked for before the window rests", "[faces]") {
    Rig rig({.rest_ms = 30, .idle_ms = 1'000'000, .fill = false});
    rig.script->small_faces = 1;
    bool idle = false;
    QObject::connect(&rig.session, &Session::activity_changed,
                     [&](Task task, double) { idle = task == Task::None; });
    for (const double age : {20.0, 30.0}) {
        REQUIRE((rig.session.picture() || rig.open()));
        rig.session.set_age(age);
        REQUIRE(wait_for([&] { return rig.session.settled() && rig.session.shown()->meters && idle; }));
    }
    REQUIRE(rig.script->count("more faces") == 0);
}

TEST_CASE("Another photo ends the search, and one that cannot be opened only puts it off", "[faces]") {
    Rig rig;
    rig.script->small_faces = 1;
    rig.script->more_faces_ms = 100;
    REQUIRE(rig.open("synthetic one"));
    rig.session.open("no such file");
    REQUIRE(wait_for([&] { return !rig.failures.empty(); }));
    REQUIRE(wait_for([&] { return rig.session.faces().size() == 2; }));
    REQUIRE(rig.open("synthetic two"));
    REQUIRE(rig.session.faces().size() == 1);
    REQUIRE(rig.open("synthetic three"));
    REQUIRE(wait_for([&] { return rig.session.faces().size() == 2; }));
    REQUIRE(rig.session.picture()->info.path == "synthetic three");
}

TEST_CASE("When only small faces are there, they are found at once", "[faces]") {
    Rig rig;
    rig.script->faces = 0;
    rig.script->small_faces = 1;
    REQUIRE(rig.open());
    REQUIRE(rig.failures.empty());
    REQUIRE(rig.session.has_face());
}

TEST_CASE("A photo that was left at a small face comes back to it", "[faces]") {
    Rig rig;
    rig.script->small_faces = 2;
    REQUIRE(rig.open("synthetic one"));
    REQUIRE(wait_for([&] { return rig.session.faces().size() == 3; }));
    rig.session.choose_face(2);
    Look look = rig.session.look();
    look.amount = .5;
    rig.session.set_look(look, QStringLiteral("Amount"));
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
    REQUIRE(rig.open("synthetic two"));
    REQUIRE(rig.session.look().face == 0);
    REQUIRE(rig.open("synthetic one"));
    REQUIRE(rig.session.look().face == 2);
    REQUIRE(rig.session.look().amount == .5);
}
