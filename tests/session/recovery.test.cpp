#include "ui/session/recovery.h"
#include "tests/session/waiting.h"

#include <QProcess>

#include <csignal>
#include <fstream>
#include <unistd.h>

using namespace c2c;
using namespace c2c::ui;

namespace {

SessionFile work() {
    SessionFile session;
    session.photo = "/photos/a.jpg";
    session.age = 61.5;
    session.look.seed = 99;
    return session;
}

} // namespace

// Run by the next case in a process of its own.
TEST_CASE("child: autosaves and is killed", "[.child]") {
    Recovery recovery(std::getenv("C2C_RECOVERY"));
    for (int i = 0; i < 50; ++i)
        recovery.save(work());
    recovery.wait();
    recovery.save(work()); // killed in the middle of this one
    kill(getpid(), SIGKILL);
}

TEST_CASE("After kill -9 the session is offered, whole, after a good end it is not", "[recovery]") {
    test::TempDir folder;
    QProcess child;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("C2C_RECOVERY"), QString::fromStdString(folder.path().string()));
    child.setProcessEnvironment(environment);
    child.start(QCoreApplication::applicationFilePath(), {QStringLiteral("child: autosaves and is killed")});
    REQUIRE(child.waitForFinished());
    REQUIRE(child.exitStatus() == QProcess::CrashExit);

    Recovery recovery(folder.path());
    const auto found = recovery.found();
    REQUIRE(found.size() == 1);
    REQUIRE(found[0].session.look == work().look);
    REQUIRE(found[0].session.age == 61.5);
    REQUIRE(found[0].session.photo == "/photos/a.jpg");
    Recovery::discard(found[0]);
    REQUIRE(recovery.found().empty());
    {
        Recovery good(folder.path());
        good.save(work());
        good.wait();
        REQUIRE(recovery.found().empty()); // its program is alive
        REQUIRE(recovery.photos().contains("/photos/a.jpg"));
    }
    REQUIRE(recovery.found().empty());
    std::ofstream(folder / "torn.c2c") << "{\"cradle2cane_ses";
    REQUIRE(recovery.found().empty());
}

TEST_CASE("A place that cannot be written does not stop the work", "[recovery]") {
    Recovery recovery("/proc/nowhere");
    recovery.save(work());
    recovery.wait();
    REQUIRE(recovery.found().empty());
}
