#include "app/cli/replay.h"

#include "app/cli/progress_bar.h"
#include "app/cli/report.h"
#include "core/aging/ages.h"
#include "core/image/read.h"
#include "core/replay/still.h"
#include "core/sequence/names.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <set>

namespace c2c::cli {
namespace {

namespace fs = std::filesystem;

std::string suffix_for(const Photo& photo, const fs::path& source) {
    static const std::set<std::string> writable = {"jpg", "jpeg", "png", "tif", "tiff", "webp", "exr"};
    std::string suffix = source.extension().string();
    suffix.erase(0, 1);
    for (char& c : suffix)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (writable.contains(suffix))
        return suffix;
    return photo.format == "jpeg" ? "jpg" : "png"; // HEIC and raw are read, not written
}

/// The names of a session's pictures, checked before a network runs.
Result<std::vector<fs::path>> outputs_of(const ReplayFlags& flags, const SessionFile& session,
                                         const std::vector<double>& ages, const std::string& ext) {
    std::vector<NameFields> fields;
    for (const double age : ages)
        fields.push_back({.stem = session.photo.stem().string(),
                          .ext = ext,
                          .age = age,
                          .face = static_cast<int>(session.look.face) + 1});
    const std::vector<fs::path> sources = {session.photo};
    C2C_TRY(auto names, plan_names(flags.output, NameUse::Still, fields, sources));
    for (const fs::path& name : names)
        if (std::error_code ignored; !flags.options.overwrite && fs::exists(name, ignored))
            return fail(ErrorKind::Output, "{} exists already; give another name with -o, or --overwrite.",
                        name.string());
    return names;
}

void tell(const ReplayFlags& flags, const fs::path& file, const SessionFile& session, double age,
          const fs::path& output, const ModelInfo& model) {
    if (flags.json) {
        using nlohmann::ordered_json;
        const ordered_json line = {{"session", file.string()},
                                   {"source", session.photo.string()},
                                   {"output", output.string()},
                                   {"age", age},
                                   {"source_age", session.look.source_age},
                                   {"seed", session.look.seed},
                                   {"model", model.name},
                                   {"model_hash", model.hash},
                                   {"device", model.device},
                                   {"precision", model.precision}};
        std::puts(line.dump(-1, ' ', false, ordered_json::error_handler_t::replace).c_str());
    } else {
        fmt::print("{}  {:.0f} to {}\n", output.string(), session.look.source_age, shortest(age));
    }
    std::fflush(stdout);
}

/// The studio of the model in use; sessions of one model share it.
class Studios {
  public:
    explicit Studios(const EngineFlags& flags) : flags_(flags) {}

    Result<Studio*> of(const SessionFile& session) {
        EngineFlags flags = flags_;
        if (flags.model.empty())
            flags.model = session.model;
        if (!studio_ || flags.model != model_) {
            C2C_TRY(const StudioOptions options, studio_options(flags));
            studio_.reset(); // two models at once may not fit
            C2C_TRY(studio_, Studio::create(options));
            model_ = flags.model;
        }
        return &*studio_;
    }
    bool research_only() {
        const auto model = studio_ ? studio_->model() : Result<ModelInfo>(cancelled());
        return model && !model->commercial_use;
    }

  private:
    EngineFlags flags_;
    fs::path model_;
    std::optional<Studio> studio_;
};

Result<int> replay(const ReplayFlags& flags, const fs::path& file, Studios& studios, ProgressBar& bar,
                   const StopToken& stop) {
    C2C_TRY(SessionFile session, read_session(file));
    std::vector<double> ages = {session.age};
    if (!flags.ages.empty()) {
        C2C_TRY(ages, parse_ages(flags.ages));
    }
    C2C_TRY(Studio* const studio, studios.of(session));
    bar.update(.1, "finding faces");
    C2C_TRY(Photo photo, read_photo(session.photo));
    C2C_TRY(const auto names, outputs_of(flags, session, ages, suffix_for(photo, session.photo)));
    C2C_TRY(const auto scene, studio->scene(std::move(photo), stop));
    std::vector<Box> boxes;
    for (const SceneFace& face : scene->faces)
        boxes.push_back(face.face.box);
    const auto face = session_face(boxes, session);
    if (!face)
        return fail(ErrorKind::NoFace,
                    "The face of {} is not found in {} any more; open the session in the window and choose "
                    "the face again.",
                    file.string(), session.photo.string());
    C2C_TRY(const ModelInfo model, studio->model());
    bar.update(.3, "preparing");
    C2C_TRY(auto subject, studio->subject(scene, *face, subject_settings(session.look), stop));
    if (!session.look.protect.empty()) {
        C2C_TRY(subject, protected_subject(*subject, session.look.protect));
    }
    for (std::size_t i = 0; i < ages.size(); ++i) {
        bar.update(.4 + .6 * double(i) / double(ages.size()), fmt::format("age {}", shortest(ages[i])));
        C2C_TRY(const AgedCrop aged, studio->age(*subject, ages[i], Stage::Settled, stop));
        C2C_CHECK(export_still(*subject, aged, session.look, model, names[i], flags.options,
                               "Cradle2Cane " C2C_VERSION, stop));
        bar.clear();
        tell(flags, file, session, ages[i], names[i], model);
    }
    return static_cast<int>(ages.size());
}

} // namespace

CLI::App* add_replay(CLI::App& app, ReplayFlags& flags) {
    CLI::App* command =
        app.add_subcommand("replay", "Makes the pictures that sessions of the window (.c2c) describe");
    command->add_option("sessions", flags.sessions, "Sessions, saved in the window or by hand")
        ->required()
        ->type_name("FILE.c2c");
    command
        ->add_option("-o,--output", flags.output, "Name of each result: {stem} {age} {age:03} {face} {ext}")
        ->capture_default_str();
    command->add_option("--age,--ages", flags.ages, "Other ages than the session's: 70, 30,72 or 5:85:10")
        ->type_name("AGES");
    command->add_flag("--overwrite", flags.options.overwrite, "Replace files that exist (never the photo)");
    command->add_option("--quality", flags.options.jpeg_quality, "JPEG and WebP quality")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command->add_option("--bits", flags.options.bits, "8 or 16 bits a channel (0: as the photo)")
        ->check(CLI::IsMember({0, 8, 16}))
        ->capture_default_str();
    auto* percent = command->add_option("--percent", flags.percent, "Size in per cent of the photo's")
                        ->check(CLI::Range(1.0, 400.0));
    command->add_option("--long-edge", flags.long_edge, "Size: pixels of the longer side")
        ->check(CLI::Range(16, 65'535))
        ->excludes(percent);
    command->add_flag("--delta", flags.options.delta, "The change alone beside it, as ..._delta.exr");
    command->add_flag("--matte", flags.options.matte, "The matte beside it, as ..._matte.png");
    command->add_flag("--strip-metadata", flags.strip_metadata,
                      "Leave EXIF, IPTC and XMP out (provenance stays)");
    command->add_flag("--strip-gps", flags.strip_gps, "Leave the place out of the metadata");
    command->add_flag("--json", flags.json, "One line of JSON a result");
    return command;
}

int run_replay(ReplayFlags flags, StopToken stop) {
    flags.options.keep_metadata = !flags.strip_metadata;
    flags.options.keep_gps = !flags.strip_gps;
    if (flags.percent)
        flags.options.size = {ExportSize::By::Percent, *flags.percent};
    if (flags.long_edge)
        flags.options.size = {ExportSize::By::LongEdge, double(*flags.long_edge)};
    Studios studios(flags.engine);
    ProgressBar bar(!flags.json);
    int written = 0;
    std::vector<Error> errors;
    for (std::size_t i = 0; i < flags.sessions.size(); ++i) {
        bar.file(i, flags.sessions.size(), flags.sessions[i].filename().string());
        const auto done = replay(flags, flags.sessions[i], studios, bar, stop);
        bar.clear();
        if (done) {
            written += *done;
            continue;
        }
        complain(done.error());
        errors.push_back(done.error());
        if (done.error().kind == ErrorKind::Cancelled)
            return static_cast<int>(ErrorKind::Cancelled);
    }
    if (written > 0 && studios.research_only())
        std::fprintf(stderr, "Note: the model is licensed for research only; its pictures are not for "
                             "commercial use.\n");
    if (errors.empty())
        return 0;
    return static_cast<int>(flags.sessions.size() == 1 ? errors.front().kind : ErrorKind::Partial);
}

} // namespace c2c::cli
