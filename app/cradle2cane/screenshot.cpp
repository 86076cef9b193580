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
constexpr int longest_fill_ms = 60'000; ///< a large model does not fill its strip for a picture

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
    timer_.start(step_ms);
}

void Screenshot::look() {
    if (!session_.settled() || !session_.shown()->meters || !session_.model())
        return;
    waited_ms_ += step_ms;
    const auto& ready = session_.thumbnails();
    for (int age = 0; age <= 100 && waited_ms_ < longest_fill_ms; age += window_.strip().cell_step())
        if (!ready.contains(ui::age_key(age)))
            return;
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
