// A session saved in the window and replayed by the command line: the same pixels.
#include "core/image/read.h"
#include "tests/app/cli.h"
#include "tests/session/waiting.h"
#include "ui/engine/studio_engine.h"

using namespace c2c;
using namespace c2c::ui;

namespace {

struct RealSession {
    Session session{[]() -> Result<std::unique_ptr<Engine>> { return make_studio_engine(); },
                    {.fill = false}};

    bool settled() {
        return test::wait_for([&] { return session.settled(); }, 300'000);
    }
    void export_now(const std::filesystem::path& file, const ExportOptions& options) {
        session.export_ages({{session.age(), file}}, options);
        REQUIRE(test::wait_for([&] { return !session.export_state().running(); }, 300'000));
        REQUIRE(session.export_state().done == 1);
    }
};

void require_equal(const std::filesystem::path& a, const std::filesystem::path& b) {
    const Photo x = test::value(read_photo(a)), y = test::value(read_photo(b));
    INFO(a << " " << b);
    REQUIRE(x.width() == y.width());
    REQUIRE(x.color.data == y.color.data);
}

} // namespace

TEST_CASE("A session is replayed to the pixels that the window exports", "[engine][replay]") {
    test::TempDir folder;
    RealSession real;
    Session& session = real.session;
    session.open(test::photo("group_of_four.jpg"));
    REQUIRE(real.settled());
    session.choose_face(2); // and not the first: the box says which
    session.set_age(71.5);
    Look look = session.look();
    look.amount = 1.3;
    look.replace = true;
    look.grey_background = true;
    look.seed = 4711;
    look.source_age = 33.3;
    look.protect.eyes = true;
    const Box& box = session.faces()[2].face.box;
    look.protect.strokes = {{box.width / 6, .5, false, {{box.x + box.width / 2, box.y + box.height / 2}}}};
    session.set_look(look, {});
    REQUIRE(real.settled());
    const ExportOptions options{.delta = true, .matte = true};
    real.export_now(folder / "window.png", options);
    test::value(session.save(folder / "work.c2c"));

    const test::Run run = test::cli(folder, "replay work.c2c -o replayed.png --delta --matte --json");
    INFO(run.err);
    REQUIRE(run.code == 0);
    REQUIRE(run.out.find("\"age\":71.5") != std::string::npos);
    require_equal(folder / "window.png", folder / "replayed.png");
    require_equal(folder / "window_delta.exr", folder / "replayed_delta.exr");
    require_equal(folder / "window_matte.png", folder / "replayed_matte.png");
    const Photo photo = test::value(read_photo(session.picture()->info.path));
    REQUIRE(test::value(read_photo(folder / "replayed.png")).color.data != photo.color.data);
    // The change outside the face is nothing at all, inside it is signed.
    const Photo delta = test::value(read_photo(folder / "replayed_delta.exr"));
    REQUIRE(delta.color.at(0, 0) == 0);
    REQUIRE(*std::min_element(delta.color.data.begin(), delta.color.data.end()) < -.02f);

    SECTION("smaller, at other ages, and not over what is there") {
        const ExportOptions small{.size = {ExportSize::By::LongEdge, 300}};
        real.export_now(folder / "small.png", small);
        REQUIRE(test::cli(folder, "replay work.c2c -o s{age}.png --ages 20,71.5 --long-edge 300").code == 0);
        require_equal(folder / "small.png", folder / "s71.5.png");
        const Photo half = test::value(read_photo(folder / "s20.png"));
        REQUIRE(std::max(half.width(), half.height()) == 300);
        test::check_refused(folder, "replay work.c2c -o small.png", 6, "small.png");
    }
    SECTION("a session whose face or photo is gone is told") {
        SessionFile moved = session.snapshot();
        moved.face_box->x += 3 * moved.face_box->width;
        moved.face_box->y = 0;
        moved.face_box->height = 20;
        test::value(write_session(moved, folder / "moved.c2c"));
        test::check_refused(folder, "replay moved.c2c", 4, "moved.c2c");
        moved.photo = folder / "gone.jpg";
        test::value(write_session(moved, folder / "gone.c2c"));
        test::check_refused(folder, "replay gone.c2c", 3, "gone.jpg");
        test::check_refused(folder, "replay nowhere.c2c", 3, "nowhere.c2c");
    }
}

TEST_CASE("Sizes of an export", "[replay]") {
    REQUIRE(scaled_size(3000, 2000, {}) == PixelSize{3000, 2000});
    REQUIRE(scaled_size(3000, 2000, {ExportSize::By::LongEdge, 1280}) == PixelSize{1280, 853});
    REQUIRE(scaled_size(2000, 3000, {ExportSize::By::Percent, 50}) == PixelSize{1000, 1500});
    REQUIRE(scaled_size(10, 2, {ExportSize::By::Percent, 1}) == PixelSize{1, 1});
}
