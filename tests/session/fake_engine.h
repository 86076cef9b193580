#pragma once

#include "ui/session/engine.h"
#include "ui/session/pyramid.h"

#include <QFile>
#include <QImageReader>
#include <QPainter>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace c2c::test {

/// What a test tells the fake engine to do, and what the engine was asked; outlives the engine.
struct Script {
    struct Call {
        std::string what; ///< "open", "faces", "more faces", "draft", "settle", "measure", "export", "model"
        double age = 0;
        bool stopped = false;
    };

    std::atomic<int> draft_ms = 0, settle_ms = 0, measure_ms = 0, open_ms = 0, export_ms = 0, model_ms = 0;
    std::atomic<int> faces = 1, small_faces = 0, more_faces_ms = 0;
    std::atomic<bool> short_of_memory = false, content_credentials = false, research_only = false;
    std::function<std::optional<Error>(const Call&)> fails; ///< set before the engine runs
    std::function<void(ui::PhotoInfo&)> describes;          ///< set before a photo is opened

    ExportOptions exported() const { ///< how the last picture was
        const std::lock_guard lock(mutex_);
        return exported_;
    }
    void set_exported(const ExportOptions& options) {
        const std::lock_guard lock(mutex_);
        exported_ = options;
    }

    std::vector<Call> calls() const {
        const std::lock_guard lock(mutex_);
        return calls_;
    }
    int count(const std::string& what) const {
        int n = 0;
        for (const Call& call : calls())
            n += call.what == what && !call.stopped;
        return n;
    }
    void record(Call call) {
        const std::lock_guard lock(mutex_);
        calls_.push_back(std::move(call));
    }
    void forget() {
        const std::lock_guard lock(mutex_);
        calls_.clear();
    }

  private:
    mutable std::mutex mutex_;
    std::vector<Call> calls_;
    ExportOptions exported_;
};

/// Ages by tinting the face: red is the age, green the pass, blue the face, so that a test can read from a
/// shown frame what it was made for. Photos named "synthetic…" are made up; others are read from disk.
class FakeEngine : public ui::Engine {
  public:
    explicit FakeEngine(std::shared_ptr<Script> script) : script_(std::move(script)) {}

    static QRgb color(double age, ui::Pass pass, std::size_t face) {
        return qRgb(static_cast<int>(age * 2), pass == ui::Pass::Draft ? 100 : 200,
                    static_cast<int>(face) * 50);
    }

    Result<ui::ModelSummary> load_model(const ui::ModelChoice& choice, const Progress& progress,
                                        const StopToken& stop) override {
        report(progress, .5, "loading");
        C2C_CHECK(pretend("model", 0, script_->model_ms, stop));
        if (choice.folder == "/gone")
            return fail(ErrorKind::Model, "There is no model in /gone; choose another folder.");
        ui::ModelSummary model;
        model.folder = choice.folder;
        model.name = choice.folder.empty() ? QStringLiteral("fake") : QStringLiteral("other");
        model.hash = model.name;
        model.commercial_use = !script_->research_only;
        return model;
    }

    Result<ui::OpenedPhoto> open(const std::filesystem::path& photo, const StopToken& stop) override {
        C2C_CHECK(pretend("open", 0, script_->open_ms, stop));
        ui::OpenedPhoto opened;
        opened.info.path = photo;
        opened.info.content_credentials = script_->content_credentials;
        if (photo.filename().string().starts_with("synthetic")) {
            opened.pixels = QImage(640, 480, QImage::Format_RGB32);
            opened.pixels.fill(Qt::gray);
        } else {
            QImageReader reader(QFile::decodeName(photo.c_str()));
            opened.pixels = reader.read().convertToFormat(QImage::Format_RGB32);
            if (opened.pixels.isNull())
                return fail(ErrorKind::Input, "{} is not a picture; choose another file.", photo.string());
        }
        if (script_->describes)
            script_->describes(opened.info);
        opened.info.width = opened.pixels.width();
        opened.info.height = opened.pixels.height();
        pixels_ = opened.pixels;
        return opened;
    }

    Result<std::vector<ui::FaceEstimate>> find_faces(Faces which, const StopToken& stop) override {
        const bool all = which == Faces::All;
        C2C_CHECK(pretend(all ? "more faces" : "faces", 0, all ? script_->more_faces_ms.load() : 0, stop));
        std::vector<ui::FaceEstimate> faces;
        const int count = script_->faces, small = all || count == 0 ? script_->small_faces.load() : 0;
        const double width = pixels_.width() / std::max(count, 1);
        for (int i = 0; i < count; ++i) {
            ui::FaceEstimate face;
            const double side = .45 * std::min(width, double(pixels_.height()));
            face.face.box = {i * width + (width - side) / 2, .45 * pixels_.height() - side / 2, side, side};
            face.age = 38;
            faces.push_back(face);
        }
        for (int i = 0; i < small; ++i)
            faces.push_back({.face = {.box = {10.0 + 40 * i, 10, 30, 30}}, .age = 20});
        boxes_ = faces;
        return faces;
    }

    Result<ui::Region> render(const Look& look, double age, ui::Pass pass, int level,
                              const StopToken& stop) override {
        const bool draft = pass == ui::Pass::Draft;
        C2C_CHECK(
            pretend(draft ? "draft" : "settle", age, draft ? script_->draft_ms : script_->settle_ms, stop));
        if (look.face >= boxes_.size())
            return fail(ErrorKind::NoFace, "There is no face {}.", look.face);
        const Box& box = boxes_[look.face].face.box;
        ui::Region region;
        region.pass = pass;
        const Rect changed{static_cast<int>(box.x), static_cast<int>(box.y), static_cast<int>(box.width),
                           static_cast<int>(box.height)};
        region.level = level;
        region.rect = ui::pyramid_rect(changed, pixels_.size());
        region.pixels = ui::part_at_level(pixels_, region.rect, region.level);
        QPainter painter(&region.pixels);
        painter.scale(1.0 / (1 << region.level), 1.0 / (1 << region.level));
        painter.fillRect(changed.x - region.rect.x, changed.y - region.rect.y, changed.width, changed.height,
                         QColor(color(age, pass, look.face)));
        region.matte_rect = changed;
        region.matte = QImage(changed.width, changed.height, QImage::Format_Grayscale8);
        region.matte.fill(255);
        return region;
    }

    Result<ui::Meters> measure(const Look&, double age, const StopToken& stop) override {
        C2C_CHECK(pretend("measure", age, script_->measure_ms, stop));
        return ui::Meters{age - 3, .8};
    }

    Result<void> export_photo(const Look&, double age, const std::filesystem::path& target,
                              const ExportOptions& options, const StopToken& stop) override {
        script_->set_exported(options);
        C2C_CHECK(pretend("export", age, script_->export_ms, stop));
        QFile file(QFile::decodeName(target.c_str()));
        if (!file.open(QIODevice::WriteOnly))
            return fail(ErrorKind::Output, "{} cannot be written.", target.string());
        file.write("settled");
        return {};
    }

    QString model_memory() override {
        return script_->short_of_memory ? QStringLiteral("Memory is short.") : QString();
    }

  private:
    Result<void> pretend(const std::string& what, double age, int milliseconds, const StopToken& stop) {
        Script::Call call{what, age, false};
        if (script_->fails)
            if (auto error = script_->fails(call))
                return tl::unexpected(*error);
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
        while (milliseconds > 0 && std::chrono::steady_clock::now() < end && !stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::microseconds(500));
        // A draft is one network call: it has no check inside.
        call.stopped = stop.stop_requested();
        script_->record(call);
        if (call.stopped)
            return cancelled();
        return {};
    }

    std::shared_ptr<Script> script_;
    QImage pixels_;
    std::vector<ui::FaceEstimate> boxes_;
};

} // namespace c2c::test
