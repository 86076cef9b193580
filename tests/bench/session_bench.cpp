// Drives the real session as a hand would and prints medians: bench_session [PHOTO]. Without a photo it takes
// one of 3 megapixels, then one of 24 made around it. No limits are asserted here; the figures depend on the
// machine.
#include "tests/session/screen.h"
#include "tests/session/waiting.h"
#include "ui/engine/studio_engine.h"
#include "ui/session/watchdog.h"
#include "ui/widgets/canvas.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QMouseEvent>
#include <QPainter>
#include <QProcess>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace c2c;
using namespace c2c::ui;

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

double since(Clock::time_point start) {
    return milliseconds(Clock::now() - start);
}

/// Back as soon as it is so; test::wait_for rests in between.
void until(const std::function<bool()>& done) {
    while (!done())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
}

double median(std::vector<double> values) {
    if (values.empty())
        return 0;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
}

/// Of one frame, as the core measured it.
double networks(const Frame& frame) {
    double sum = 0;
    for (const auto& [stage, seconds] : frame.seconds)
        sum += seconds;
    return sum * 1e3;
}

/// From asking for an age to the painted canvas, and what of it is not the networks'.
struct Waits {
    std::vector<double> all, beyond;

    void add(double wait, double networks) {
        all.push_back(wait);
        beyond.push_back(wait - networks);
    }
    void print(const char* what) const {
        std::printf(
            "%-16s %7.0f ms from the request, %.0f beyond the networks (at most %.0f, median of %zu)\n", what,
            median(all), median(beyond), *std::max_element(beyond.begin(), beyond.end()), all.size());
    }
};

void print_worst_stall(const char* when) {
    const Watchdog::Stall& worst = Watchdog::instance().worst();
    std::printf("worst stall      %7.1f ms (%.1f ms of work) in %s, %s\n", worst.milliseconds,
                worst.cpu_milliseconds, worst.what.c_str(), when);
}

/// From the start of the program to its window on the screen (here: none), as its log says.
double window_shown(const test::TempDir& home) {
    QProcess program;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"})
        environment.insert(QLatin1String(name), QString::fromStdString(home.path().string()));
    program.setProcessEnvironment(environment);
    program.setReadChannel(QProcess::StandardError);
    const auto start = Clock::now();
    program.start(QStringLiteral(C2C_WINDOW), {QStringLiteral("--watchdog")});
    QByteArray said;
    while (!said.contains("The window is shown") && program.waitForReadyRead(20'000))
        said += program.readAll();
    const double shown = since(start);
    program.terminate();
    program.waitForFinished(20'000);
    return shown;
}

/// A portrait as a camera takes it: `photo` in the middle of 6000 x 4000 pixels.
std::filesystem::path enlarged(const std::filesystem::path& photo, const test::TempDir& folder) {
    const QImage face(QString::fromStdString(photo.string()));
    QImage large(6000, 4000, QImage::Format_RGB32);
    QPainter painter(&large);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawImage(large.rect(), face, QRect(0, 0, 200, 200)); // what is behind the head
    painter.drawImage((large.width() - face.width()) / 2, (large.height() - face.height()) / 2, face);
    painter.end();
    const auto file = folder / "large.jpg";
    large.save(QString::fromStdString(file.string()), "JPEG", 92);
    return file;
}

/// Knows what is on the screen, and since when.
class WatchedCanvas : public Canvas {
  public:
    FramePtr painted;
    Clock::time_point when;
    int paints = 0;

  protected:
    void paintEvent(QPaintEvent* event) override {
        Canvas::paintEvent(event);
        painted = frame();
        when = Clock::now();
        ++paints;
    }
};

void send(Canvas& canvas, QEvent::Type type, QPointF at) {
    const auto button = type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton;
    QMouseEvent event(type, at, canvas.mapToGlobal(at), button, Qt::LeftButton, {});
    QCoreApplication::sendEvent(&canvas, &event);
}

/// Of the first touch and of one further move, each to the painted canvas.
std::pair<double, double> brush(Canvas& canvas) {
    canvas.set_protect({});
    canvas.set_brush(Brush{});
    canvas.repaint();
    auto start = Clock::now();
    send(canvas, QEvent::MouseButtonPress, {600, 400});
    canvas.repaint();
    const double first = since(start);
    std::vector<double> moves;
    for (int x = 605; x < 700; x += 5) {
        start = Clock::now();
        send(canvas, QEvent::MouseMove, QPointF(x, 410));
        canvas.repaint();
        moves.push_back(since(start));
    }
    send(canvas, QEvent::MouseButtonRelease, {700, 410});
    canvas.set_brush(std::nullopt);
    return {first, median(moves)};
}

void drive(const std::filesystem::path& photo) {
    Session session([]() -> Result<std::unique_ptr<Engine>> { return make_studio_engine(); },
                    {.fill = false});
    WatchedCanvas canvas;
    canvas.resize(1200, 800);
    canvas.show();
    QObject::connect(&canvas, &Canvas::zoom_changed, &session, &Session::set_zoom);
    QObject::connect(&session, &Session::photo_changed, &canvas,
                     [&] { canvas.set_picture(session.picture()); });
    QObject::connect(&session, &Session::frame_shown, &canvas,
                     [&](const FramePtr& frame) { canvas.set_frame(frame); });
    QObject::connect(&session, &Session::failed, &canvas, [](const Failure& failure) {
        std::fprintf(stderr, "%s\n", failure.error.text.c_str());
        std::exit(1);
    });
    until([&] { return session.model().has_value(); });
    Watchdog::instance().reset();
    canvas.paints = 0;
    Clock::time_point start = Clock::now();
    session.open(photo);
    until([&] { return session.picture() && canvas.paints > 0; });
    const QSize size = session.picture()->srgb.size();
    std::printf("photo visible    %7.0f ms  (%d x %d)\n", since(start), size.width(), size.height());
    until([&] { return canvas.painted != nullptr; });
    std::printf("first draft      %7.0f ms after the drop\n", since(start));
    until([&] { return session.settled(); });
    std::printf("first settled    %7.0f ms\n", since(start));
    print_worst_stall("of all this");

    double pass1 = 0; // of the networks, for the age that is asked for
    const auto draft_of = [&](double age, Waits& waits) {
        const std::uint64_t before = session.shown()->job.number;
        start = Clock::now();
        session.set_age(age);
        until([&] { return canvas.painted && canvas.painted->job.number > before; });
        pass1 = networks(*canvas.painted);
        waits.add(milliseconds(canvas.when - start), pass1);
    };
    const auto both_of = [&](std::initializer_list<double> ages, const char* draft, const char* settled) {
        Waits drafts, both;
        for (const double age : ages) {
            draft_of(age, drafts);
            until([&] { return canvas.painted->pass == Pass::Settled; });
            both.add(milliseconds(canvas.when - start), pass1 + networks(*canvas.painted));
            until([&] { return session.shown()->meters.has_value(); });
        }
        drafts.print(draft);
        both.print(settled);
    };
    until([&] { return session.shown()->meters.has_value(); });
    both_of({22, 31, 47, 53, 64, 79, 81, 90}, "draft", "settled");
    canvas.actual_size();
    both_of({23, 32, 48, 54, 65, 80, 82, 91}, "draft, 100 %", "settled, 100 %");
    canvas.fit();

    // At rest the small faces of a large photo are looked for; each of these ages comes in the middle of
    // that.
    Waits interrupting;
    bool searching = false;
    const auto watching = QObject::connect(&session, &Session::activity_changed, &canvas,
                                           [&](Task task, double) { searching = task == Task::MoreFaces; });
    const bool large = std::max(size.width(), size.height()) > 2000;
    for (double age = 24.5; large && age < 30; ++age) {
        if (!test::wait_for([&] { return searching; }, 3000))
            break; // all are found
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        draft_of(age, interrupting);
        until([&] { return session.shown()->meters.has_value(); });
    }
    QObject::disconnect(watching);
    if (!interrupting.all.empty())
        interrupting.print("draft, at search");
    std::vector<double> cached;
    for (const double age : {22, 31, 47, 53, 64, 79, 81, 90}) {
        start = Clock::now();
        session.set_age(age);
        canvas.repaint();
        cached.push_back(since(start));
    }
    std::printf("cached age       %7.1f ms to the painted canvas\n", median(cached));

    int shown = 0;
    QObject::connect(&session, &Session::frame_shown, &canvas, [&](const FramePtr&) { ++shown; });
    Watchdog::instance().reset();
    start = Clock::now();
    session.begin_drag();
    for (int i = 0; since(start) < 5000; ++i) {
        session.set_age(40.05 + i % 300 * .1);
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
        std::this_thread::sleep_for(std::chrono::milliseconds(8));
    }
    std::printf("drafts a second  %7.1f while the hand moves\n", shown / (since(start) / 1000));
    session.end_drag();
    print_worst_stall("of the drag");
    const auto [first, further] = brush(canvas);
    std::printf("brush            %7.1f ms at the first touch, %.1f ms a move\n", first, further);
    const ScreenColor screen = *ScreenColor::create(test::swapped_screen(), "a screen");
    const auto converted = [&](const Pyramid& levels) {
        const auto begin = Clock::now();
        for (const QImage& level : levels)
            screen.shown(level);
        return since(begin);
    };
    std::printf("screen profile   %7.0f ms more for the photo, %.1f ms for a frame\n\n",
                converted(session.picture()->levels), converted(session.shown()->levels));
}

} // namespace

int main(int argc, char** argv) {
    setenv("QT_QPA_PLATFORM", "offscreen", 0);
    Watched<QApplication> application(argc, argv);
    apply_theme(application, Theme::Dark);
    Watchdog::instance().enable(true);
    test::TempDir folder;
    std::vector<double> shown;
    for (int i = 0; i < 5; ++i)
        shown.push_back(window_shown(folder));
    std::printf("window shown     %7.0f ms after the program's start (median of %zu)\n\n", median(shown),
                shown.size());
    if (argc > 1) {
        drive(argv[1]);
        return 0;
    }
    const auto photo = test::photo("man_28_1800px.jpg");
    drive(photo);
    drive(enlarged(photo, folder));
    return 0;
}
