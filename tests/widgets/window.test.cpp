#include "tests/widgets/rig.h"
#include "ui/widgets/export_dialog.h"
#include "ui/widgets/files.h"
#include "ui/widgets/photo_rail.h"
#include "ui/widgets/section.h"
#include "ui/widgets/status_panel.h"

#include <QClipboard>
#include <QDropEvent>
#include <QMimeData>

#include <fstream>

using namespace c2c;
using namespace c2c::ui;
using test::wait_for;
using test::WindowRig;

TEST_CASE("The window goes by keys alone", "[window]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    Session& session = w.rig.session;
    const auto key = [&](Qt::Key code, Qt::KeyboardModifiers modifiers = {}) {
        QTest::keyClick(w.window->focusWidget() ? w.window->focusWidget() : w.window.get(), code, modifiers);
    };
    key(Qt::Key_Left);
    REQUIRE(session.age() == 69);
    key(Qt::Key_Right, Qt::ShiftModifier);
    REQUIRE(session.age() == 79);
    key(Qt::Key_Right, Qt::AltModifier);
    REQUIRE(session.age() == Approx(79.1));
    key(Qt::Key_Home);
    REQUIRE(session.age() == session.look().source_age);
    key(Qt::Key_A);
    QTest::keyClicks(w.window->focusWidget(), QStringLiteral("33"));
    key(Qt::Key_Return);
    REQUIRE(session.age() == 33);
    key(Qt::Key_W);
    REQUIRE(w.window->canvas().compare() == Compare::Wipe);
    key(Qt::Key_S);
    REQUIRE(w.window->canvas().compare() == Compare::Side);
    key(Qt::Key_S);
    REQUIRE(w.window->canvas().compare() == Compare::Off);
    key(Qt::Key_1);
    REQUIRE(w.window->canvas().zoom() == Approx(1));
    key(Qt::Key_Z, Qt::ControlModifier);
    REQUIRE(wait_for([&] { return session.age() == session.look().source_age; }));
}

TEST_CASE("Moving the slider scrubs, with one undo step, a click on the strip jumps", "[window]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    Session& session = w.rig.session;
    AgeStrip& strip = w.window->strip();
    const int y = strip.height() - 36;
    const auto x = [&](double age) { return QPoint(static_cast<int>(strip.x_of(age)), y); };
    QTest::mousePress(&strip, Qt::LeftButton, {}, x(70));
    for (int age = 70; age >= 40; --age)
        QTest::mouseMove(&strip, x(age));
    QTest::mouseRelease(&strip, Qt::LeftButton, {}, x(40));
    REQUIRE(session.age() == 40);
    REQUIRE(session.undo_stack().count() == 1);
    REQUIRE(wait_for([&] { return session.thumbnails().size() > 20; }));
    QTest::mouseClick(&strip, Qt::LeftButton, {}, QPoint(static_cast<int>(strip.x_of(20)), y - 40));
    REQUIRE(session.age() == 20);
    QTest::mouseClick(&strip, Qt::LeftButton, Qt::ShiftModifier,
                      QPoint(static_cast<int>(strip.x_of(60)), y - 40));
    REQUIRE(session.age() == 20);
    REQUIRE(w.window->canvas().compare() == Compare::Wipe); // 60 is A now
}

TEST_CASE("The window asks for no more than its zoom shows", "[window]") {
    test::WindowRig w;
    REQUIRE(w.open(test::photo("man_28_1800px.jpg")));
    auto& canvas = *w.window->findChild<Canvas*>();
    const auto level_of_first = [&](double age) {
        w.rig.shown.clear();
        w.rig.session.set_age(age);
        REQUIRE(wait_for([&] { return w.rig.session.settled(); }));
        return made_level(w.rig.shown.front()->levels, 0);
    };
    REQUIRE(level_for(canvas.zoom()) > 0);
    REQUIRE(level_of_first(40.5) == level_for(canvas.zoom()));
    canvas.actual_size();
    REQUIRE(level_of_first(41.5) == 0);
}

TEST_CASE("Files and folders dropped are opened, what is no photo is told and leaves the window usable",
          "[window]") {
    WindowRig w;
    test::TempDir folder;
    for (int i = 1; i <= 12; ++i)
        std::filesystem::copy_file(test::photo("man_38.jpg"), folder / ("img" + std::to_string(i) + ".jpg"));
    std::ofstream(folder / "notes.txt") << "no photo";
    std::ofstream(folder / "img0.jpg") << "garbage with a photo's name";
    const auto photos = photos_in({folder.path()});
    REQUIRE(photos.size() == 13);
    REQUIRE(photos[2].filename() == "img2.jpg"); // before img10
    w.window->open({folder.path()});             // begins with the garbage
    REQUIRE(wait_for([&] { return w.window->messages().count() == 1; }));
    REQUIRE(w.window->messages().text().contains(QStringLiteral("img0.jpg")));
    REQUIRE(w.open(folder / "img7.jpg"));
    test::TempDir empty;
    w.window->open({empty.path()});
    REQUIRE(wait_for([&] { return w.window->messages().count() == 2; }));
}

TEST_CASE("The export dialog names files as they will be, and writes them", "[window]") {
    WindowRig w;
    test::TempDir folder;
    std::filesystem::copy_file(test::photo("man_38.jpg"), folder / "portrait.jpg");
    REQUIRE(w.open(folder / "portrait.jpg"));
    ExportDialog dialog(w.rig.session);
    auto plan = dialog.plan();
    REQUIRE(plan.problem.isEmpty());
    REQUIRE(plan.files.size() == 1);
    REQUIRE(plan.files[0].second == folder / "portrait_age070.jpg");
    const auto edits = dialog.findChildren<QLineEdit*>();
    const auto pattern = std::find_if(
        edits.begin(), edits.end(), [](QLineEdit* edit) { return edit->text().contains(QLatin1Char('{')); });
    REQUIRE(pattern != edits.end());
    REQUIRE(dialog.options().size == ExportSize{});
    const auto boxes = dialog.findChildren<QComboBox*>();
    const auto by = std::find_if(boxes.begin(), boxes.end(), [](QComboBox* box) {
        return box->findData(int(ExportSize::By::LongEdge)) == 1 && box->count() == 3;
    });
    REQUIRE(by != boxes.end());
    (*by)->setCurrentIndex(1);
    REQUIRE(dialog.options().size == ExportSize{ExportSize::By::LongEdge, 2048});
    (*pattern)->setText(QStringLiteral("{stem}.{ext}")); // would be the source
    REQUIRE_FALSE(dialog.plan().problem.isEmpty());
    (*pattern)->setText(QStringLiteral("{stem}_{age}.{ext}"));
    dialog.findChildren<QRadioButton*>()[1]->setChecked(true); // 5 to 85 every 10
    plan = dialog.plan();
    REQUIRE(plan.files.size() == 9);
    REQUIRE(plan.files.back().second == folder / "portrait_85.jpg");
    for (QPushButton* button : dialog.findChildren<QPushButton*>())
        if (button->property("primary").toBool())
            button->click();
    REQUIRE(wait_for([&] { return w.rig.session.export_state().done == 9; }));
    REQUIRE(std::filesystem::exists(folder / "portrait_5.jpg"));
    REQUIRE_FALSE(dialog.plan().problem.isEmpty()); // now they are there
}

TEST_CASE("The meters' colours know the meters' own errors", "[window]") {
    REQUIRE(judge_age(50, 43) == Verdict::Good);
    REQUIRE(judge_age(50, 60) == Verdict::Fair);
    REQUIRE(judge_age(50, 20) == Verdict::Poor);
    REQUIRE(judge_age(90, 60) == Verdict::None);
    REQUIRE(judge_age(70, 80) == Verdict::None); // "80+"
    REQUIRE(judge_identity(.7) == Verdict::Good);
    REQUIRE(judge_identity(.2) == Verdict::Poor);
}

// The pictures of this case are for a person: C2C_SCREENSHOTS=FOLDER keeps them.
TEST_CASE("The window is drawn at every size, theme and comparison", "[window]") {
    struct Look {
        const char* name;
        QSize size;
        Theme theme;
        Compare compare;
        const char* photo;
        int faces;
    };
    const Look look =
        GENERATE(Look{"dark", {1280, 820}, Theme::Dark, Compare::Off, "man_38.jpg", 1},
                 Look{"light_wipe", {1280, 820}, Theme::Light, Compare::Wipe, "woman_55.jpg", 1},
                 Look{"small_side", {1024, 700}, Theme::Dark, Compare::Side, "man_60_1800px.jpg", 1},
                 Look{"group", {1400, 900}, Theme::Dark, Compare::Off, "group_of_four.jpg", 4},
                 Look{"empty", {1280, 820}, Theme::Dark, Compare::Off, "", 1});
    WindowRig w(look.size, look.faces);
    apply_theme(*qApp, look.theme);
    w.window->set_compare(look.compare);
    if (*look.photo) {
        REQUIRE(w.open(test::photo(look.photo)));
        REQUIRE(wait_for([&] { return w.rig.session.thumbnails().size() >= 21; }));
    }
    const QImage shot = w.window->grab().toImage();
    REQUIRE(shot.size() == look.size);
    if (const char* folder = std::getenv("C2C_SCREENSHOTS"))
        REQUIRE(shot.save(QStringLiteral("%1/%2.png").arg(QLatin1String(folder), QLatin1String(look.name))));
}

TEST_CASE("Closing keeps what was set, and the next start offers it, while pictures are written it asks once",
          "[window]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    Look look = w.rig.session.look();
    look.seed = 77;
    w.rig.session.set_look(look, {});
    REQUIRE(wait_for([&] { return w.rig.session.settled(); }));
    REQUIRE(w.rig.session.unsaved().size() == 1);
    w.rig.script->export_ms = 20'000;
    w.rig.session.export_ages({{40, w.home / "a.png"}, {50, w.home / "b.png"}}, {});
    REQUIRE_FALSE(w.window->close());
    REQUIRE(w.window->messages().count() == 1);
    w.rig.session.cancel_export();
    look.seed = 78; // what was given to the export needs no keeping, this does
    w.rig.session.set_look(look, {});
    REQUIRE(w.window->close());
    w.window.reset();

    ui::Recovery next(w.home / "recovery");
    const auto found = next.found();
    REQUIRE(found.size() == 1);
    REQUIRE(found[0].kept);
    REQUIRE(found[0].session.look.seed == 78);
    REQUIRE(found[0].session.photo == test::photo("man_38.jpg"));
}

TEST_CASE("A folder of 500 mixed files: the strip fills, what is no photo is told, the window stays usable",
          "[window]") {
    WindowRig w;
    test::TempDir folder;
    const char* photos[] = {"man_38.jpg", "girl_14.jpg", "woman_24.jpg"};
    std::size_t listed = 0;
    for (int i = 0; i < 500; ++i) {
        const std::string name = fmt::format("file{}", i);
        if (i % 5 == 0) { // links: what is tested is the number
            std::filesystem::create_symlink(test::photo(photos[i / 5 % 3]), folder / (name + ".jpg"));
        } else if (i % 5 == 1) {
            std::ofstream(folder / (name + ".png")) << "garbage with a photo's name " << i;
        } else if (i % 5 == 2) {
            std::ofstream(folder / (name + ".jpg")); // empty
        } else {
            std::ofstream(folder / (name + (i % 2 ? ".txt" : ".xmp"))) << "no photo";
            continue;
        }
        ++listed;
    }
    std::filesystem::create_directory(folder / "folder.jpg");
    w.window->open({folder.path()});
    auto* rail = w.window->findChild<PhotoRail*>();
    REQUIRE(wait_for([&] { return w.rig.session.settled(); })); // the first is a photo
    REQUIRE(rail->isVisible());
    REQUIRE(static_cast<std::size_t>(rail->count()) == listed);
    REQUIRE(w.window->messages().count() == 0);
    const auto thumbnail = [&](int row) { return rail->item(row)->icon().pixmap(84, 84).toImage(); };
    const QImage blank = thumbnail(1);                                   // of garbage
    REQUIRE(wait_for([&] { return thumbnail(297) != blank; }, 120'000)); // the last photo
    int there = 0;
    for (int row = 0; row < rail->count(); ++row)
        there += thumbnail(row) != blank;
    REQUIRE(there == 100);

    rail->setCurrentRow(151); // garbage: one sentence, and the photo before stays
    REQUIRE(wait_for([&] { return w.window->messages().count() == 1; }));
    REQUIRE(w.window->messages().text().contains(QStringLiteral("file251.png")));
    REQUIRE(w.rig.session.picture()->info.path == folder / "file0.jpg");
    for (int row = 0; row < 300; row += 3) // held down, the arrow key goes through them
        rail->setCurrentRow(row);
    REQUIRE(wait_for([&] {
        return w.rig.session.picture()->info.path == folder / "file495.jpg" && w.rig.session.settled();
    }));
    REQUIRE(w.window->messages().count() == 1);
}

TEST_CASE("A picture that is dropped or pasted without a file is a photo as any other", "[window]") {
    WindowRig w;
    QImage image(400, 300, QImage::Format_RGB32);
    image.fill(Qt::darkCyan);
    QMimeData mime;
    mime.setImageData(image);
    const auto drop = [&](QMimeData& data) {
        QDragEnterEvent enter({200, 200}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(w.window.get(), &enter);
        QDropEvent event(QPointF(200, 200), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(w.window.get(), &event);
        return enter.isAccepted();
    };
    REQUIRE(drop(mime));
    REQUIRE(wait_for([&] { return w.rig.session.settled(); }));
    REQUIRE(w.rig.session.picture()->srgb.pixelColor(5, 5) == QColor(Qt::darkCyan));
    // What is made of it is not proposed to go into our cache.
    ExportDialog dialog(w.rig.session);
    REQUIRE(dialog.plan().problem.isEmpty());
    REQUIRE(dialog.plan().files[0].first == w.rig.session.age());
    REQUIRE(dialog.plan().files[0].second.parent_path() != w.rig.session.picture()->info.path.parent_path());
    QMimeData page;
    page.setUrls({QUrl(QStringLiteral("https://example.org/"))});
    REQUIRE(drop(page));
    REQUIRE(w.window->messages().count() == 1);
}

TEST_CASE("What is copied is settled, however soon it is asked for", "[window]") {
    WindowRig w;
    w.rig.script->settle_ms = 60;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    w.rig.session.set_age(12);
    REQUIRE_FALSE(w.rig.session.settled());
    QGuiApplication::clipboard()->clear();
    QTest::keyClick(w.window.get(), Qt::Key_C, Qt::ControlModifier);
    REQUIRE(wait_for([&] { return !QGuiApplication::clipboard()->image().isNull(); }));
    const Box& box = w.rig.session.faces()[0].face.box;
    REQUIRE(QGuiApplication::clipboard()->image().pixelColor(int(box.x) + 20, int(box.y) + 20) ==
            QColor(test::FakeEngine::color(12, Pass::Settled, 0)));
}

TEST_CASE("The export dialog follows the photo, says what is lost, and stops on Escape", "[window]") {
    WindowRig w;
    test::TempDir first, second;
    std::filesystem::copy_file(test::photo("man_38.jpg"), first / "one.jpg");
    std::filesystem::copy_file(test::photo("girl_14.jpg"), second / "two.jpg");
    REQUIRE(w.open(first / "one.jpg"));
    ExportDialog dialog(w.rig.session);
    dialog.show();
    REQUIRE(dialog.plan().files[0].second.parent_path() == first.path());
    w.rig.script->content_credentials = true;
    REQUIRE(w.open(second / "two.jpg"));
    REQUIRE(dialog.plan().files[0].second.parent_path() == second.path());
    const auto labels = dialog.findChildren<QLabel*>();
    REQUIRE(std::any_of(labels.begin(), labels.end(), [](QLabel* label) {
        return label->isVisible() && label->text().contains(QStringLiteral("Content Credentials"));
    }));
    w.rig.script->export_ms = 20'000;
    QPushButton* start = nullptr;
    for (QPushButton* button : dialog.findChildren<QPushButton*>())
        if (button->property("primary").toBool())
            start = button;
    start->click();
    REQUIRE(w.rig.session.export_state().running());
    QTest::keyClick(&dialog, Qt::Key_Escape);
    REQUIRE_FALSE(w.rig.session.export_state().running());
    REQUIRE_FALSE(dialog.isVisible());
}

TEST_CASE("The picture above the pointer stays while the strip fills", "[window]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    AgeStrip& strip = w.window->strip();
    const QPoint at(static_cast<int>(strip.x_of(70)), strip.height() - 76);
    QTest::mouseMove(&strip, at);
    const auto shown = [&] {
        int widgets = 0;
        for (const QWidget* child : w.window->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly))
            widgets += child->isVisible() && child->testAttribute(Qt::WA_TransparentForMouseEvents);
        return widgets == 1;
    };
    REQUIRE(wait_for([&] { return shown(); }));
    emit w.rig.session.thumbnail_added(690);
    REQUIRE(shown());
    emit w.rig.session.thumbnails_reset();
    REQUIRE(shown());
}

TEST_CASE("A folded part of the panel is folded at the next start too", "[window]") {
    WindowRig w;
    const auto section = [&](const char* name) { return w.window->findChild<Section*>(QLatin1String(name)); };
    REQUIRE(section("protect")->open());
    REQUIRE_FALSE(section("photo")->open());
    section("protect")->set_open(false);
    section("photo")->set_open(true);
    REQUIRE(w.window->close());
    w.window = std::make_unique<MainWindow>(w.rig.session, w.home / "recovery");
    REQUIRE_FALSE(section("protect")->open());
    REQUIRE(section("photo")->open());
}

TEST_CASE("An export into a place that cannot be written to says one sentence", "[window]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    ExportDialog dialog(w.rig.session);
    for (QLineEdit* edit : dialog.findChildren<QLineEdit*>())
        if (edit->text().startsWith(QLatin1Char('/')))
            edit->setText(QStringLiteral("/proc"));            // read-only for root too
    dialog.findChildren<QRadioButton*>()[1]->setChecked(true); // nine ages
    REQUIRE(dialog.plan().problem.isEmpty());
    for (QPushButton* button : dialog.findChildren<QPushButton*>())
        if (button->property("primary").toBool())
            button->click();
    REQUIRE(wait_for([&] { return w.rig.session.export_state().failed == 9; }));
    REQUIRE(w.window->messages().count() == 1);
    REQUIRE(w.window->messages().text().contains(QStringLiteral("/proc/")));
    w.rig.session.set_age(33);
    REQUIRE(wait_for([&] { return w.rig.session.settled(); }));
}

TEST_CASE("The strip's first and last picture are whole at any width", "[window]") {
    AgeStrip strip;
    for (const int width : {320, 800, 1300, 1700, 3500, 6000}) {
        strip.resize(width, 100);
        QApplication::sendPostedEvents();
        INFO(width << " wide, " << strip.height() << " high");
        const double cell = strip.height() - 36 - 18 - 8; // as resizeEvent has it
        REQUIRE(strip.x_of(0) >= cell / 2);
        REQUIRE(strip.x_of(100) + cell / 2 <= width);
        REQUIRE(strip.age_at(strip.x_of(37)) == Approx(37));
    }
}

TEST_CASE("What is painted shows, also once it is an edit, and goes with undo", "[window]") {
    WindowRig w;
    REQUIRE(w.open(test::photo("man_38.jpg")));
    Canvas& canvas = w.window->canvas();
    canvas.actual_size();
    const QPoint from = canvas.rect().center(), to = from + QPoint(60, 0);
    QTest::keyClick(&canvas, Qt::Key_B);
    const auto red = [&] { return canvas.grab().toImage().pixelColor(from + QPoint(30, 0)).red(); };
    const int before = red();
    QTest::mousePress(&canvas, Qt::LeftButton, {}, from);
    QTest::mouseMove(&canvas, to);
    const int painted = red();
    REQUIRE(painted > before + 10);
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, to);
    REQUIRE(w.rig.session.look().protect.strokes.size() == 1);
    REQUIRE(wait_for([&] { return w.rig.session.settled(); }));
    REQUIRE(std::abs(red() - painted) < 3);
    QTest::mousePress(&canvas, Qt::LeftButton, {}, from + QPoint(0, 80)); // a second one is under way
    w.rig.session.undo_stack().undo();
    REQUIRE(wait_for([&] { return red() == before; }));
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, from + QPoint(0, 80));
    REQUIRE(w.rig.session.look().protect.strokes.size() == 1);
}
