#include "tests/session/waiting.h"
#include "ui/session/fill_order.h"

using namespace c2c;
using namespace c2c::ui;
using test::Rig;
using test::wait_for;

TEST_CASE("A dropped photo is shown, its face aged as a draft, then settled, then measured", "[session]") {
    Rig rig;
    QStringList order;
    QObject::connect(&rig.session, &Session::photo_changed, [&] { order << QStringLiteral("photo"); });
    QObject::connect(&rig.session, &Session::faces_changed, [&] {
        if (rig.session.has_face())
            order << QStringLiteral("faces");
    });
    REQUIRE(rig.open());
    REQUIRE(order == QStringList{QStringLiteral("photo"), QStringLiteral("faces")});
    REQUIRE(rig.shown.size() == 2);
    REQUIRE(rig.shown[0]->pass == Pass::Draft);
    REQUIRE(rig.shown[1]->pass == Pass::Settled);
    REQUIRE(rig.session.look().source_age == 38);
    REQUIRE(wait_for([&] { return rig.session.shown()->meters.has_value(); }));
    REQUIRE(*rig.session.shown()->meters->age == rig.session.age() - 3);
    REQUIRE(rig.failures.empty());
}

TEST_CASE("An age that was settled before is shown at once, without the engine", "[session]") {
    Rig rig;
    REQUIRE(rig.open());
    rig.session.set_age(20);
    REQUIRE(wait_for([&] { return rig.session.settled() && rig.session.shown()->meters; }));
    rig.script->forget();
    rig.session.set_age(70);
    REQUIRE(rig.session.settled()); // no event loop in between
    REQUIRE(rig.session.shown()->job.age == 70);
    REQUIRE(rig.script->count("draft") + rig.script->count("settle") == 0);
    REQUIRE(rig.session.shown()->job.number == rig.session.last_job());
}

TEST_CASE("One drag is one step of undo, and settles at rest", "[session]") {
    Rig rig;
    REQUIRE(rig.open());
    const int before = rig.session.undo_stack().count();
    rig.script->forget();
    rig.session.begin_drag();
    for (int age = 60; age > 40; --age) {
        rig.session.set_age(age);
        QCoreApplication::processEvents();
    }
    REQUIRE(rig.script->count("settle") == 0);
    REQUIRE(wait_for([&] { return rig.session.settled(); })); // the hand is still down, but rests
    rig.session.end_drag();
    REQUIRE(rig.session.undo_stack().count() == before + 1);
    rig.session.undo_stack().undo();
    REQUIRE(rig.session.age() == 70);
    REQUIRE(rig.session.settled());
    rig.session.undo_stack().redo();
    REQUIRE(rig.session.age() == 41);
}

TEST_CASE("A drag that comes back to where it began leaves no step", "[session]") {
    Rig rig;
    REQUIRE(rig.open());
    rig.session.begin_drag();
    rig.session.set_age(50);
    rig.session.set_age(70);
    rig.session.end_drag();
    REQUIRE(rig.session.undo_stack().count() == 0);
}

TEST_CASE("Each look has its own frames, and undo brings them back without work", "[session]") {
    Rig rig;
    REQUIRE(rig.open());
    Look look = rig.session.look();
    look.amount = 1.5;
    rig.session.set_look(look, QStringLiteral("Amount"));
    REQUIRE_FALSE(rig.session.settled());
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
    REQUIRE(rig.session.thumbnails().size() == 1);
    rig.script->forget();
    rig.session.undo_stack().undo();
    REQUIRE(rig.session.settled());
    REQUIRE(rig.session.look().amount == 1);
    REQUIRE(rig.script->count("draft") == 0);
}

TEST_CASE("A face keeps what was set for it while another is worked on", "[session]") {
    auto script = std::make_shared<test::Script>();
    script->faces = 3;
    Rig rig({.rest_ms = 30, .fill = false}, script);
    REQUIRE(rig.open());
    REQUIRE(rig.session.faces().size() == 3);
    Look look = rig.session.look();
    look.source_age = 51;
    rig.session.set_look(look, QStringLiteral("Own age"));
    rig.session.choose_face(2);
    REQUIRE(rig.session.shown() == nullptr); // the other face's picture is not left on the screen
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
    REQUIRE(rig.shown.back()->levels[0].pixel(60, 60) ==
            test::FakeEngine::color(rig.session.age(), Pass::Settled, 2));
    REQUIRE(rig.session.look().source_age == 38);
    rig.session.choose_face(0);
    REQUIRE(rig.session.look().source_age == 51);
    rig.session.choose_face(7); // there is none: nothing happens
    REQUIRE(rig.session.look().face == 0);
}

TEST_CASE("An age is made for what the view shows, and what is settled then whole", "[session]") {
    Rig rig({.rest_ms = 30, .fill = false});
    rig.session.set_zoom(.2);
    REQUIRE(rig.open());
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
    rig.shown.clear();
    rig.session.set_age(40);
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
    REQUIRE(rig.shown.size() == 3);
    const Frame &draft = *rig.shown[0], &settled = *rig.shown[1], &whole = *rig.shown[2];
    REQUIRE(draft.pass == Pass::Draft);
    REQUIRE(settled.pass == Pass::Settled);
    for (const Frame* frame : {&draft, &settled}) {
        REQUIRE(frame->levels.size() == pyramid_levels);
        REQUIRE(frame->levels[1].isNull());
        REQUIRE_FALSE(frame->levels[2].isNull()); // a quarter of the size is the least that fills the screen
        REQUIRE_FALSE(frame->whole());
        REQUIRE(frame->rect.width == whole.rect.width);
        REQUIRE(frame->levels[2].size() == whole.levels[2].size());
        REQUIRE(frame->thumbnail.pixelColor(80, 80).red() == 80); // twice the age, see FakeEngine
    }
    REQUIRE(whole.pass == Pass::Settled);
    REQUIRE(whole.srgb.size() == QSize(whole.rect.width, whole.rect.height));
    REQUIRE(rig.session.cached(40)->whole());

    rig.session.set_zoom(1);
    rig.shown.clear();
    rig.session.set_age(41);
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
    REQUIRE(rig.shown.size() == 2);
    REQUIRE(rig.shown[0]->whole());
}

TEST_CASE("Idle time fills the strip outward from the age, fives first", "[session]") {
    Rig rig({.rest_ms = 30, .idle_ms = 5, .fill = true});
    REQUIRE(rig.open());
    REQUIRE(wait_for([&] { return rig.session.thumbnails().size() >= 30; }));
    std::vector<int> ages;
    for (const auto& call : rig.script->calls())
        if (call.what == "settle" && !call.stopped)
            ages.push_back(static_cast<int>(call.age));
    REQUIRE(ages[0] == 70); // the one on the screen
    REQUIRE(ages[1] == 65);
    REQUIRE(ages[2] == 75);
    REQUIRE(ages[20] == 0);
    REQUIRE(ages[21] == 69);
    REQUIRE(wait_for([&] { return rig.session.thumbnails().size() == 101; }));
}

TEST_CASE("Filling stops where the memory given to it ends", "[session]") {
    Rig rig({.cache_bytes = 3'000'000, .idle_ms = 5, .fill = true});
    REQUIRE(rig.open());
    bool idle = false;
    QObject::connect(&rig.session, &Session::activity_changed, [&](Task task) { idle = task == Task::None; });
    REQUIRE(wait_for([&] { return idle && !rig.session.cache().has_room(); }));
    REQUIRE(rig.session.cache().bytes() <= 3'000'000);
    REQUIRE(rig.session.cache().size() > 1);
    REQUIRE(rig.session.cached(70)); // what is on the screen is not what left
}

TEST_CASE("A file that is no photo leaves the one before in use", "[session]") {
    Rig rig;
    REQUIRE(rig.open());
    const PicturePtr before = rig.session.picture();
    rig.session.open(std::string(C2C_SOURCE_DIR) + "/CMakeLists.txt");
    REQUIRE(wait_for([&] { return !rig.failures.empty(); }));
    REQUIRE(rig.failures[0].task == Task::Open);
    REQUIRE(rig.session.picture() == before);
    rig.session.set_age(33);
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
}

TEST_CASE("Of many files dropped at once the last is shown", "[session]") {
    Rig rig;
    rig.script->open_ms = 5;
    std::string last;
    for (int i = 0; i < 30; ++i)
        rig.session.open(last = "synthetic" + std::to_string(i));
    rig.session.open("garbage"); // does not exist
    rig.session.open(last);
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
    REQUIRE(rig.session.picture()->info.path == last);
    REQUIRE(rig.failures.empty());
}

TEST_CASE("A photo without a face is shown and said to have none", "[session]") {
    auto script = std::make_shared<test::Script>();
    script->faces = 0;
    Rig rig({.fill = true}, script);
    rig.session.open("synthetic");
    REQUIRE(wait_for([&] { return !rig.failures.empty(); }));
    REQUIRE(rig.failures[0].error.kind == ErrorKind::NoFace);
    REQUIRE(rig.session.picture());
    rig.session.set_age(20); // no face, no work, no crash
    REQUIRE(rig.session.shown() == nullptr);
}

TEST_CASE("A model that goes away while filling is told once, and the window goes on", "[session]") {
    auto script = std::make_shared<test::Script>();
    auto broken = std::make_shared<std::atomic<bool>>(false);
    script->fails = [broken](const test::Script::Call& call) -> std::optional<Error> {
        if (*broken && call.what == "settle")
            return Error{ErrorKind::Model, "The model is gone.", {}};
        return std::nullopt;
    };
    Rig rig({.idle_ms = 5, .fill = true}, script);
    REQUIRE(rig.open());
    *broken = true;
    REQUIRE(wait_for([&] { return !rig.failures.empty(); }));
    for (int i = 0; i < 30; ++i)
        wait_for([] { return true; }), QCoreApplication::processEvents();
    REQUIRE(rig.failures.size() == 1);
    *broken = false;
    rig.session.set_age(12.3);
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
}

TEST_CASE("An engine that cannot start is told, not waited for", "[session]") {
    std::vector<Failure> failures;
    Session session([]() -> Result<std::unique_ptr<Engine>> { return fail(ErrorKind::Model, "No engine."); });
    QObject::connect(&session, &Session::failed,
                     [&](const Failure& failure) { failures.push_back(failure); });
    session.open("synthetic");
    REQUIRE(wait_for([&] { return failures.size() >= 2; }));
    REQUIRE(failures[0].error.text == "No engine.");
}

TEST_CASE("A model change throws the old model's frames away", "[session]") {
    Rig rig;
    REQUIRE(rig.open());
    rig.session.load_model({"/models/other"});
    REQUIRE(wait_for(
        [&] { return rig.session.model() && rig.session.model()->name == QStringLiteral("other"); }));
    REQUIRE(rig.session.cache().size() == 0);
    REQUIRE(wait_for([&] { return rig.session.cache().size() == 1; }));
}

TEST_CASE("A session saved and opened again is the same work", "[session]") {
    test::TempDir folder;
    const auto photo = folder / "synthetic.png";
    Rig rig;
    REQUIRE(rig.open(photo.string()));
    Look look = rig.session.look();
    look.amount = .6;
    look.seed = 42;
    look.protect.strokes = {{10, .5, false, {{1, 1}, {5, 5}}}};
    rig.session.set_look(look, QStringLiteral("Look"));
    rig.session.set_age(55.5);
    test::value(rig.session.save(folder / "work.c2c"));

    Rig again;
    REQUIRE(again.open((folder / "work.c2c").string()));
    REQUIRE(again.session.edit() == rig.session.edit());
    REQUIRE(again.session.picture()->info.path == photo);
}

TEST_CASE("Exports are made in order, counted, and can be cancelled", "[session]") {
    test::TempDir folder;
    Rig rig;
    REQUIRE(rig.open());
    rig.session.export_ages({{20, folder / "20.jpg"}, {80, folder / "80.jpg"}}, {});
    REQUIRE(wait_for([&] { return !rig.session.export_state().running(); }));
    REQUIRE(rig.session.export_state().done == 2);
    REQUIRE(std::filesystem::exists(folder / "80.jpg"));

    rig.session.export_ages({{1, folder / "missing/1.jpg"}, {2, folder / "2.jpg"}}, {});
    REQUIRE(wait_for([&] { return !rig.session.export_state().running(); }));
    REQUIRE(rig.session.export_state().failed == 1); // the rest of a batch goes on
    REQUIRE(std::filesystem::exists(folder / "2.jpg"));
    REQUIRE(rig.failures.size() == 1);

    rig.script->export_ms = 10'000;
    rig.session.export_ages({{30, folder / "30.jpg"}, {31, folder / "31.jpg"}}, {});
    REQUIRE(wait_for([&] { return rig.session.inference().exporting(); }));
    rig.session.cancel_export();
    rig.session.set_age(44);
    REQUIRE(wait_for([&] { return rig.session.settled(); }));
    REQUIRE_FALSE(std::filesystem::exists(folder / "30.jpg"));
    REQUIRE(rig.failures.size() == 1);
}

TEST_CASE("A look is kept until all of its export is written", "[session]") {
    test::TempDir folder;
    test::Rig rig;
    REQUIRE(rig.open());
    Look look = rig.session.look();
    look.amount = 1.5;
    rig.session.set_look(look, {});
    const auto exported = [&](const char* name) {
        rig.session.export_ages({{20, folder / name}}, {});
        return test::wait_for([&] { return !rig.session.export_state().running(); });
    };
    REQUIRE(exported("missing/20.jpg"));
    REQUIRE(rig.session.unsaved().size() == 1);

    rig.script->export_ms = 10'000;
    rig.session.export_ages({{20, folder / "20.jpg"}}, {});
    REQUIRE(test::wait_for([&] { return rig.session.inference().exporting(); }));
    rig.session.cancel_export();
    REQUIRE(rig.session.unsaved().size() == 1);

    rig.script->export_ms = 0;
    REQUIRE(exported("20.jpg"));
    REQUIRE(rig.session.unsaved().empty());
}

TEST_CASE("The fill order covers every year once", "[session]") {
    auto keys = fill_order(33.4);
    REQUIRE(keys.size() == 101);
    REQUIRE(keys[0] == 350);
    REQUIRE(keys[1] == 300);
    REQUIRE(keys[21] == 330); // fives are done; 35 is one of them
    std::sort(keys.begin(), keys.end());
    REQUIRE(std::unique(keys.begin(), keys.end()) == keys.end());
}

TEST_CASE("A photo and a model asked for during an export follow after it, the export is whole",
          "[session]") {
    test::TempDir folder;
    test::Rig rig;
    REQUIRE(rig.open());
    rig.script->export_ms = 60;
    std::vector<Task> told;
    QObject::connect(&rig.session, &Session::deferred, [&](Task task) { told.push_back(task); });
    rig.session.export_ages({{40, folder / "a"}, {50, folder / "b"}, {60, folder / "c"}}, {});
    rig.session.open("synthetic_other.png");
    rig.session.load_model({"/models/other"});
    REQUIRE(told == std::vector<Task>{Task::Open, Task::Model});
    REQUIRE(rig.session.picture()->info.path == "synthetic.png");
    REQUIRE(test::wait_for([&] {
        return rig.session.picture()->info.path == "synthetic_other.png" && rig.session.settled() &&
               rig.session.model()->hash == QStringLiteral("other");
    }));
    for (const char* name : {"a", "b", "c"})
        REQUIRE(std::filesystem::exists(folder / name));
    REQUIRE(rig.script->count("export") == 3);
}

TEST_CASE("Whoever comes back to a photo finds it as it was left", "[session]") {
    test::Rig rig;
    REQUIRE(rig.open("synthetic_a.png"));
    Look look = rig.session.look();
    look.amount = 1.5;
    rig.session.set_look(look, {});
    rig.session.set_age(12);
    REQUIRE(rig.open("synthetic_b.png"));
    REQUIRE(rig.session.look().amount == 1);
    REQUIRE(rig.session.unsaved().size() == 1); // of the photo that was left
    REQUIRE(rig.open("synthetic_a.png"));
    REQUIRE(rig.session.look() == look);
    REQUIRE(rig.session.age() == 12);
    rig.session.mark_saved(rig.session.snapshot());
    REQUIRE(rig.session.unsaved().empty());
}

TEST_CASE("A model of the settings that is gone gives way to the built-in one", "[session]") {
    test::Rig rig;
    rig.session.load_model({"/gone"}); // as the program does at its start
    REQUIRE(test::wait_for([&] { return !rig.failures.empty() && rig.session.model(); }));
    REQUIRE(rig.session.model_choice().folder.empty());
}
