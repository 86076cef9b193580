#include "app/cradle2cane/screenshot.h"

#include "ui/session/fill_order.h"
#include "ui/widgets/age_strip.h"
#include "ui/widgets/files.h"

#include <QCoreApplication>
#include <QPixmap>

#include <cstdio>

namespace c2c {
namespace {

constexpr int step_ms = 20;
constexpr int longest_fill_ms = 20'000;    ///< a large model does not fill its strip for a picture
constexpr int longest_settle_ms = 600'000; ///< the slowest CPU with the largest model takes less

} // namespace

Screenshot::Screenshot(ui::Session& session, ui::MainWindow& window, std::filesystem::path file)
    : session_(session), window_(window), file_(std::move(file)) {
    connect(&timer_, &QTimer::timeout, this, &Screenshot::look);
    connect(&session_, &ui::Session::failed, this, [](const ui::Failure& failure) {
        if (failure.error.kind == ErrorKind::Cancelled)
            return;
        std::fprintf(stderr, "%s\n", failure.error.text.c_str());
        QCoreApplication::exit(static_cast<int>(failure.error.kind));
    });
    since_start_.start();
    timer_.start(step_ms);
}

void Screenshot::look() {
    if (!session_.settled() || !session_.model()) {
        since_settled_.invalidate();
        if (since_start_.elapsed() < longest_settle_ms)
            return;
        std::fprintf(stderr, "The age has not settled within %d minutes; is the machine busy?\n",
                     longest_settle_ms / 60'000);
        return QCoreApplication::exit(static_cast<int>(ErrorKind::Device));
    }
    if (!since_settled_.isValid())
        since_settled_.start();
    const auto complete = [this] {
        const auto& ready = session_.thumbnails();
        for (int age = 0; age <= 100; age += window_.strip().cell_step())
            if (!ready.contains(ui::age_key(age)))
                return false;
        return session_.shown()->meters.has_value() && window_.compare_ready();
    };
    if (since_settled_.elapsed() >= longest_fill_ms || complete())
        save();
}

void Screenshot::save() {
    timer_.stop();
    if (window_.grab().save(ui::text_of(file_)))
        return QCoreApplication::exit(0);
    std::fprintf(stderr, "%s cannot be written; choose a .png in a folder that can be written to.\n",
                 file_.c_str());
    QCoreApplication::exit(static_cast<int>(ErrorKind::Output));
}

} // namespace c2c
