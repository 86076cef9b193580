// The window's engine on the embedded model: what the session relies on.
#define CATCH_CONFIG_EXTERNAL_INTERFACES // a listener
#include "core/image/read.h"
#include "tests/session/waiting.h"
#include "tests/support.h"
#include "ui/engine/studio_engine.h"
#include "ui/session/pyramid.h"

#include <QImageReader>
#include <QPainter>

#include <cmath>
#include <fstream>

using namespace c2c;
using namespace c2c::ui;

namespace {

/// One engine for all cases: the nets are loaded once.
std::unique_ptr<Engine> shared_engine;
Engine& engine() {
    if (!shared_engine)
        shared_engine = make_studio_engine();
    return *shared_engine;
}

/// It goes before main returns: its loading thread makes statics of Torch's, which die at exit before an
/// older static would, and then are taken from under it.
struct EngineGoes : Catch::TestEventListenerBase {
    using TestEventListenerBase::TestEventListenerBase;
    void testRunEnded(const Catch::TestRunStats&) override { shared_engine.reset(); }
};

struct Opened {
    OpenedPhoto photo;
    Look look;
    std::vector<FaceEstimate> faces;
};

Opened open(const std::string& name) {
    Opened opened;
    opened.photo = test::value(engine().open(test::photo(name), {}));
    opened.faces = test::value(engine().find_faces(Faces::All, {}));
    REQUIRE_FALSE(opened.faces.empty());
    opened.look.source_age = opened.faces[0].age;
    opened.look.gender = opened.faces[0].gender;
    return opened;
}

int difference(const QImage& a, const QImage& b) {
    int most = 0;
    for (int y = 0; y < a.height(); ++y)
        for (int x = 0; x < a.width(); ++x) {
            const QRgb p = a.pixel(x, y), q = b.pixel(x, y);
            most = std::max({most, std::abs(qRed(p) - qRed(q)), std::abs(qGreen(p) - qGreen(q)),
                             std::abs(qBlue(p) - qBlue(q))});
        }
    return most;
}

double mean_difference(const QImage& a, const QImage& b) {
    REQUIRE(a.size() == b.size());
    double sum = 0;
    for (int y = 0; y < a.height(); ++y)
        for (int x = 0; x < a.width(); ++x) {
            const QRgb p = a.pixel(x, y), q = b.pixel(x, y);
            sum +=
                std::abs(qRed(p) - qRed(q)) + std::abs(qGreen(p) - qGreen(q)) + std::abs(qBlue(p) - qBlue(q));
        }
    return sum / (3.0 * a.width() * a.height());
}

/// A large photo of one large face, and four small ones in a corner.
std::filesystem::path crowded(const test::TempDir& folder) {
    const auto read = [](const char* name) {
        return QImage(QString::fromStdString(test::photo(name).string()));
    };
    QImage large(6000, 4000, QImage::Format_RGB32);
    large.fill(QColor(115, 128, 102));
    QPainter painter(&large);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawImage(2500, 800, read("man_28_1800px.jpg"));
    painter.drawImage(300, 400, read("group_of_four.jpg").scaledToWidth(700, Qt::SmoothTransformation));
    painter.end();
    const auto file = folder / "crowded.jpg";
    REQUIRE(large.save(QString::fromStdString(file.string()), "JPEG", 95));
    return file;
}

QImage part(const OpenedPhoto& photo, const Rect& rect) {
    return photo.pixels.copy(rect.x, rect.y, rect.width, rect.height);
}

} // namespace

CATCH_REGISTER_LISTENER(EngineGoes)

TEST_CASE("A photo opens with its own pixels, its facts and its face", "[engine]") {
    const Opened opened = open("man_38.jpg");
    REQUIRE(opened.photo.info.width == 892);
    REQUIRE(opened.photo.info.format == QStringLiteral("JPEG"));
    const QImage file(QString::fromStdString(test::photo("man_38.jpg").string()));
    REQUIRE(difference(opened.photo.pixels, file.convertToFormat(QImage::Format_RGB32)) <=
            4); // two JPEG decoders
    REQUIRE(opened.faces.size() == 1);
    REQUIRE(opened.faces[0].age > 28);
    REQUIRE(opened.faces[0].age < 50);
    REQUIRE(opened.faces[0].gender == Gender::Male);
}

TEST_CASE("At the own age nothing changes, elsewhere the face does, and the meters read it", "[engine]") {
    const Opened opened = open("man_38.jpg");
    const Region own =
        test::value(engine().render(opened.look, opened.look.source_age, Pass::Settled, 0, {}));
    REQUIRE(own.pixels == part(opened.photo, own.rect));

    const Region draft = test::value(engine().render(opened.look, 75, Pass::Draft, 0, {}));
    REQUIRE(draft.pass == Pass::Draft);
    const Region settled = test::value(engine().render(opened.look, 75, Pass::Settled, 0, {}));
    REQUIRE(settled.pass == Pass::Settled);
    REQUIRE(difference(settled.pixels, part(opened.photo, settled.rect)) > 20);
    REQUIRE(settled.matte.size() == QSize(settled.matte_rect.width, settled.matte_rect.height));
    REQUIRE(settled.rect.x <= settled.matte_rect.x);
    // Asked again, even for a draft, the settled one is at hand.
    const Region again = test::value(engine().render(opened.look, 75, Pass::Draft, 0, {}));
    REQUIRE(again.pass == Pass::Settled);
    REQUIRE(again.pixels == settled.pixels);

    const Meters meters = test::value(engine().measure(opened.look, 75, {}));
    REQUIRE(meters.age.has_value());
    REQUIRE(*meters.age > 30);
    REQUIRE(*meters.identity > .4);
    REQUIRE(*test::value(engine().measure(opened.look, opened.look.source_age, {})).identity ==
            Approx(1).margin(.001));
}

TEST_CASE("What is made for a small view is what the whole looks like there", "[engine]") {
    const auto [name, replace] = GENERATE(table<const char*, bool>(
        {{"man_38.jpg", false}, {"man_38.jpg", true}, {"man_28_1800px.jpg", false}}));
    Opened opened = open(name);
    opened.look.replace = replace;
    const Region whole = test::value(engine().render(opened.look, 70, Pass::Draft, 0, {}));
    const Pyramid expected = make_pyramid(whole.pixels), photo = make_pyramid(part(opened.photo, whole.rect));
    for (int level = 1; level < pyramid_levels; ++level) {
        const auto index = static_cast<std::size_t>(level);
        const Region small = test::value(engine().render(opened.look, 70, Pass::Draft, level, {}));
        INFO(name << " at level " << level);
        REQUIRE(small.level == level);
        REQUIRE(small.rect.x == whole.rect.x);
        REQUIRE(small.matte == whole.matte);
        REQUIRE(mean_difference(small.pixels, expected[index]) <
                (level < 4 ? .5 : 1.5)); // the last are 60 px wide
        REQUIRE(mean_difference(small.pixels, expected[index]) <
                .15 * mean_difference(photo[index], expected[index]));
        REQUIRE(small.pixels.pixel(0, 0) == photo[index].pixel(0, 0)); // where the mask ends it is the photo
    }
}

TEST_CASE("The meters see each face of a group in its place", "[engine]") {
    const Opened opened = open("group_of_four.jpg");
    REQUIRE(opened.faces.size() == 4);
    for (std::size_t i = 0; i < opened.faces.size(); ++i) {
        Look look = opened.look;
        look.face = i;
        look.source_age = opened.faces[i].age;
        look.gender = opened.faces[i].gender;
        const Meters own = test::value(engine().measure(look, look.source_age, {}));
        REQUIRE(*own.identity == Approx(1).margin(.001));
        REQUIRE(*test::value(engine().measure(look, 75, {})).identity <
                .99); // the aged part reached the meter
    }
}

TEST_CASE("The search for small faces goes on where an age interrupted it, and finds what one go does",
          "[engine]") {
    const test::TempDir folder;
    const auto file = crowded(folder);
    test::value(engine().open(file, {}));
    const auto whole = test::value(engine().find_faces(Faces::All, {}));
    REQUIRE(whole.size() == 5);

    test::value(engine().open(file, {}));
    const auto first = test::value(engine().find_faces(Faces::Large, {}));
    REQUIRE(first.size() == 1);
    Look look;
    look.source_age = first[0].age;
    look.gender = first[0].gender;
    // Begun anew each time it would not end: it is stopped before its second or third look.
    std::optional<std::vector<FaceEstimate>> all;
    int stopped = 0;
    while (!all && stopped < 1000) {
        std::stop_source stop;
        const std::jthread soon([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(3));
            stop.request_stop();
        });
        if (auto found = engine().find_faces(Faces::All, stop.get_token()))
            all = *std::move(found);
        else if (++stopped < 3)
            test::value(engine().render(look, 60 + stopped, Pass::Draft, 0, {}));
    }
    REQUIRE(stopped > 0);
    REQUIRE(all);
    REQUIRE(all->size() == whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        REQUIRE((*all)[i].face.box.x == whole[i].face.box.x);
        REQUIRE((*all)[i].face.landmarks[30].y == whole[i].face.landmarks[30].y);
        REQUIRE((*all)[i].age == whole[i].age);
    }
}

TEST_CASE("Amount and protected places act on the result without another pass of the networks", "[engine]") {
    const Opened opened = open("man_38.jpg");
    Look look = opened.look;
    test::value(engine().render(look, 75, Pass::Settled, 0, {}));
    look.amount = 0;
    const Region none = test::value(engine().render(look, 75, Pass::Settled, 0, {}));
    REQUIRE(none.pixels == part(opened.photo, none.rect));
    look.amount = 1;
    const Box& box = opened.faces[0].face.box;
    const double x = box.x + box.width / 2, y = box.y + box.height / 2;
    look.protect.strokes = {{box.width / 4, 1, false, {{x, y}}}};
    const Region painted = test::value(engine().render(look, 75, Pass::Settled, 0, {}));
    const QPoint centre(int(x) - painted.rect.x, int(y) - painted.rect.y);
    REQUIRE(painted.pixels.pixel(centre) == opened.photo.pixels.pixel(int(x), int(y)));
    REQUIRE(difference(painted.pixels, part(opened.photo, painted.rect)) > 10); // around it the face ages
    look.protect.strokes[0].radius = 5000;                                      // all is protected
    const Region all = test::value(engine().render(look, 75, Pass::Settled, 0, {}));
    REQUIRE(all.pixels == part(opened.photo, all.rect));
}

TEST_CASE("What is exported is what was on the screen, and says how it was made", "[engine]") {
    const Opened opened = open("man_38.jpg");
    test::TempDir folder;
    const Region settled = test::value(engine().render(opened.look, 20, Pass::Settled, 0, {}));
    ExportOptions options;
    options.delta = options.matte = true;
    test::value(engine().export_photo(opened.look, 20, folder / "young.png", options, {}));
    const QImage written = QImage(QString::fromStdString((folder / "young.png").string()));
    REQUIRE(written.size() == opened.photo.pixels.size());
    const QImage region = written.convertToFormat(QImage::Format_RGB32)
                              .copy(settled.rect.x, settled.rect.y, settled.rect.width, settled.rect.height);
    REQUIRE(difference(region, settled.pixels) <= 1);
    REQUIRE(written.pixelColor(0, 0) == opened.photo.pixels.pixelColor(0, 0)); // outside the mask
    REQUIRE(std::filesystem::exists(folder / "young_delta.exr"));
    REQUIRE(std::filesystem::exists(folder / "young_matte.png"));
    const Photo photo = test::value(read_photo(folder / "young.png"));
    REQUIRE(photo.metadata.xmp.find("compositeWithTrainedAlgorithmicMedia") != std::string::npos);
    const auto twice = engine().export_photo(opened.look, 20, folder / "young.png", {}, {});
    REQUIRE_FALSE(twice); // not over a file that is there
    REQUIRE(twice.error().kind == ErrorKind::Output);
}

TEST_CASE("Failures leave the photo and the model before in use", "[engine]") {
    const Opened opened = open("woman_24.jpg");
    test::TempDir folder;
    std::ofstream(folder / "garbage.jpg") << "no picture";
    REQUIRE_FALSE(engine().open(folder / "garbage.jpg", {}));
    const auto model = engine().load_model({folder / "nowhere"}, {}, {});
    REQUIRE_FALSE(model);
    REQUIRE(model.error().kind == ErrorKind::Model);
    REQUIRE(model.error().text.find("nowhere") != std::string::npos);
    REQUIRE(test::value(engine().render(opened.look, 60, Pass::Draft, 0, {})).pass == Pass::Draft);
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = engine().render(opened.look, 61, Pass::Settled, 0, stop.get_token());
    REQUIRE_FALSE(stopped);
    REQUIRE(stopped.error().kind == ErrorKind::Cancelled);
    REQUIRE(test::value(engine().render(opened.look, 61, Pass::Settled, 0, {})).pass == Pass::Settled);
}

TEST_CASE("The session on the real engine: a drop, a drag, an undo", "[engine][session]") {
    Session session([]() -> Result<std::unique_ptr<Engine>> { return make_studio_engine(); },
                    {.fill = false});
    session.open(test::photo("girl_14.jpg"));
    REQUIRE(test::wait_for([&] { return session.settled(); }, 300'000));
    std::vector<double> ages;
    QObject::connect(&session, &Session::frame_shown, [&](const FramePtr& frame) {
        if (frame)
            ages.push_back(frame->job.age);
    });
    session.begin_drag();
    for (int age = 30; age <= 60; age += 2) {
        session.set_age(age);
        QCoreApplication::processEvents();
    }
    session.end_drag();
    REQUIRE(test::wait_for([&] { return session.settled(); }, 300'000));
    REQUIRE(ages.back() == 60);
    REQUIRE(std::is_sorted(ages.begin(), ages.end()));
    session.undo_stack().undo();
    REQUIRE(session.settled()); // it was cached
}

TEST_CASE("The small faces of a large photo come after its first age", "[engine][session]") {
    const test::TempDir folder;
    Session session([]() -> Result<std::unique_ptr<Engine>> { return make_studio_engine(); },
                    {.fill = false});
    std::vector<std::size_t> settled_with;
    QObject::connect(&session, &Session::frame_shown, [&](const FramePtr& frame) {
        if (frame && frame->pass == Pass::Settled)
            settled_with.push_back(session.faces().size());
    });
    session.open(crowded(folder));
    REQUIRE(test::wait_for([&] { return session.faces().size() == 5; }, 300'000));
    REQUIRE(settled_with == std::vector<std::size_t>{1});
    session.choose_face(4);
    REQUIRE(test::wait_for([&] { return session.settled(); }, 300'000));
}
