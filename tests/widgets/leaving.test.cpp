// What leaves the window says what it is, and what the window left in the cache does not stay there.
#include "tests/widgets/rig.h"
#include "ui/widgets/drag_out.h"
#include "ui/widgets/export_dialog.h"
#include "ui/widgets/files.h"
#include "ui/widgets/info_panels.h"
#include "ui/widgets/sequence_dialog.h"

#include <QClipboard>
#include <QMenuBar>

#include <fstream>

using namespace c2c;
using namespace c2c::ui;
using test::wait_for;
using test::WindowRig;
namespace fs = std::filesystem;

namespace {

bool says(const QWidget& place, const QString& text) {
    const auto labels = place.findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
        return label->isVisibleTo(&place) && label->text().contains(text);
    });
}

void research_model(WindowRig& w) {
    w.rig.script->research_only = true;
    w.rig.session.load_model({.folder = "/research"});
    REQUIRE(wait_for([&] { return w.rig.session.model() && w.rig.session.model()->folder == "/research"; }));
    REQUIRE(wait_for([&] { return w.rig.session.settled(); }));
}

} // namespace

TEST_CASE("A picture of a model for research says so wherever it leaves the window", "[leaving]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    const QString research = QStringLiteral("is for research only");
    const auto copy = [&] {
        QGuiApplication::clipboard()->clear();
        QTest::keyClick(w.window.get(), Qt::Key_C, Qt::ControlModifier);
        REQUIRE(wait_for([&] { return !QGuiApplication::clipboard()->image().isNull(); }));
    };
    ExportDialog exports(w.rig.session);
    SequenceDialog sequence(w.rig.session);
    copy();
    REQUIRE(w.window->messages().count() == 0);
    REQUIRE_FALSE(says(exports, research));
    REQUIRE_FALSE(says(sequence, research));

    research_model(w);
    REQUIRE(says(exports, research));
    REQUIRE(says(sequence, research));
    copy();
    REQUIRE(w.window->messages().count() == 1);
    REQUIRE(w.window->messages().text().contains(research));
    copy(); // once is enough
    REQUIRE(w.window->messages().count() == 1);
    emit w.window->findChild<DragOut*>()->dragged();
    REQUIRE(w.window->messages().count() == 2);
}

TEST_CASE("What is dragged out keeps of the metadata what the settings say", "[leaving]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    auto* handle = w.window->findChild<DragOut*>();
    const auto take = [&] {
        const int before = w.rig.script->count("export");
        QTest::mousePress(handle, Qt::LeftButton);
        REQUIRE(wait_for([&] { return w.rig.script->count("export") > before; }));
        QTest::mouseRelease(handle, Qt::LeftButton);
        REQUIRE(wait_for([&] { return !w.rig.session.export_state().running(); }));
        return w.rig.script->exported();
    };
    REQUIRE(take().keep_metadata);
    REQUIRE_FALSE(take().keep_gps);
    REQUIRE(fs::exists(cache_folder() / "dragged" / "man_38_age070.jpg"));
    QSettings().setValue(QStringLiteral("export/gps"), true);
    REQUIRE(take().keep_gps);
    QSettings().setValue(QStringLiteral("export/metadata"), false);
    REQUIRE_FALSE(take().keep_metadata);
    REQUIRE_FALSE(take().keep_gps);
}

TEST_CASE("The cache keeps what is new or still in use, and nothing else", "[leaving]") {
    WindowRig w;
    const auto put = [&](const fs::path& file, int days) {
        fs::create_directories(file.parent_path());
        std::ofstream(file) << "a picture";
        fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(24 * days));
        return file;
    };
    const auto of = [](const fs::path& photo) {
        SessionFile session;
        session.photo = photo;
        return session;
    };
    const fs::path pasted = cache_folder() / "pasted", dragged = cache_folder() / "dragged";
    const fs::path fresh = put(pasted / "fresh.png", 2), old = put(pasted / "old.png", 8),
                   recent = put(pasted / "recent.png", 100), in_session = put(pasted / "session.png", 100),
                   recoverable = put(pasted / "recoverable.png", 100), gone = put(dragged / "gone.jpg", 9),
                   others = put(cache_folder() / "prompts" / "bank", 400);
    REQUIRE(write_session(of(in_session), w.home / "kept.c2c"));
    REQUIRE(Recovery(w.home / "recovery").keep(of(recoverable)));
    QSettings().setValue(QStringLiteral("recent"),
                         QStringList{text_of(recent), text_of(w.home / "kept.c2c"), QStringLiteral("/gone")});
    w.window->tidy_cache();
    REQUIRE(wait_for([&] { return !fs::exists(old) && !fs::exists(gone); }));
    for (const fs::path& file : {fresh, recent, in_session, recoverable, others})
        REQUIRE(fs::exists(file));
}

TEST_CASE("A session that is saved takes a photo from the clipboard out of the cache", "[leaving]") {
    WindowRig w;
    fs::create_directories(cache_folder() / "pasted");
    fs::copy_file(test::photo("man_38.jpg"), cache_folder() / "pasted" / "pasted_1.jpg");
    SessionFile session;
    session.photo = cache_folder() / "pasted" / "pasted_1.jpg";
    test::TempDir folder;
    for (int twice = 0; twice < 2; ++twice) // saved again, the copy is there
        REQUIRE(keep_session(session, folder / "mine.c2c"));
    const auto kept = read_session(folder / "mine.c2c");
    REQUIRE(kept);
    REQUIRE(kept->photo == folder / "pasted_1.jpg");
    REQUIRE(fs::exists(kept->photo));
    session.photo = test::photo("man_38.jpg"); // any other stays where it is
    REQUIRE(keep_session(session, folder / "other.c2c"));
    REQUIRE(read_session(folder / "other.c2c")->photo == test::photo("man_38.jpg"));
    fs::remove(cache_folder() / "pasted" / "pasted_1.jpg");
    session.photo = cache_folder() / "pasted" / "pasted_2.jpg"; // it is gone
    REQUIRE_FALSE(keep_session(session, folder / "gone.c2c"));
}

TEST_CASE("The photo panel tells what the camera noted, as plain text, and no more than that", "[leaving]") {
    WindowRig w;
    PhotoPanel panel(w.rig.session);
    w.rig.script->describes = [](PhotoInfo& info) {
        info.metadata = info.place = true;
        info.camera = QStringLiteral("<b>Camera</b> 5");
        info.exposure = QStringLiteral("1/125 s, F2.8");
        info.taken = QDateTime({2020, 2, 3}, {10, 11});
    };
    REQUIRE(w.open(test::photo("man_38.jpg")));
    REQUIRE(says(panel, QStringLiteral("<b>Camera</b> 5")));
    REQUIRE(says(panel, QStringLiteral("1/125\u00a0s, F2.8")));
    REQUIRE(says(panel, QStringLiteral("GPS position stored")));
    REQUIRE(says(panel, panel.locale().toString(QDateTime({2020, 2, 3}, {10, 11}), QLocale::ShortFormat)));
    REQUIRE_FALSE(says(panel, QStringLiteral("Lens"))); // nothing is known of it
    for (const QLabel* label : panel.findChildren<QLabel*>())
        if (label->text().startsWith(QLatin1Char('<')))
            REQUIRE(label->textFormat() == Qt::PlainText);
    w.rig.script->describes = nullptr;
    REQUIRE(w.open(test::photo("girl_14.jpg")));
    REQUIRE_FALSE(says(panel, QStringLiteral("Camera")));
    REQUIRE_FALSE(says(panel, QStringLiteral("Place")));
}

TEST_CASE("The sample is called one only when it was not opened by its name", "[leaving]") {
    qputenv("C2C_MODELS", C2C_SOURCE_DIR "/models");
    WindowRig w;
    for (const QAction* title : w.window->menuBar()->actions())
        for (QAction* action : title->menu()->actions())
            if (action->text().contains(QStringLiteral("sample")))
                action->trigger();
    REQUIRE(wait_for([&] { return w.rig.session.settled(); }));
    REQUIRE(says(*w.window, QStringLiteral("A sample")));
    const fs::path sample = w.rig.session.picture()->info.path;
    w.window->open({sample});
    REQUIRE(wait_for([&] { return says(*w.window, text_of(sample.filename())); }));
    REQUIRE_FALSE(says(*w.window, QStringLiteral("A sample")));
    qunsetenv("C2C_MODELS");
}
