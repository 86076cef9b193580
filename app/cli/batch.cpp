#include "app/cli/batch.h"

#include "app/cli/report.h"
#include "core/base/files.h"
#include "core/face/embedder.h"
#include "core/face/protect.h"
#include "core/image/color.h"
#include "core/image/read.h"
#include "core/image/resample.h"
#include "core/image/sheet.h"
#include "core/image/write.h"
#include "core/sequence/names.h"
#include "core/weights/safetensors.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <numeric>

namespace fs = std::filesystem;

namespace c2c::cli {
namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Chosen {
    std::size_t index = 0; ///< in scene.faces
    int number = 1;        ///< from the left
    std::shared_ptr<const Subject> subject;
    PortraitSettings portrait;
    std::vector<float> identity; ///< of the face as it is
};

/// What one face changed of the photo.
struct Piece {
    Patch patch;
    Image delta, mask; ///< empty unless asked for
};

Result<std::vector<Chosen>> choose_faces(const Scene& scene, const FaceChoice& choice,
                                         const fs::path& input) {
    if (scene.faces.empty())
        return fail(ErrorKind::NoFace,
                    "No face was found in {}; try a photo where one is larger or turned to the camera.",
                    input.string());
    const auto order = left_to_right(scene.faces);
    std::vector<Chosen> chosen;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const bool wanted =
            choice.kind == FaceChoice::Kind::All ||
            (choice.kind == FaceChoice::Kind::Largest && order[i] == 0) ||
            (choice.kind == FaceChoice::Kind::Number && choice.number == static_cast<int>(i) + 1);
        if (wanted)
            chosen.push_back({order[i], static_cast<int>(i) + 1, nullptr, {}, {}});
    }
    if (chosen.empty())
        return fail(ErrorKind::NoFace,
                    "{} has {} face(s), so there is no face {}; see cradle2cane-cli info {}.", input.string(),
                    scene.faces.size(), choice.number, input.string());
    return chosen;
}

std::string output_suffix(const Photo& photo) {
    static const std::map<std::string, std::string> suffixes = {
        {"jpeg", "jpg"}, {"png", "png"}, {"tiff", "tif"}, {"webp", "webp"}, {"openexr", "exr"}};
    const auto known = suffixes.find(photo.format);
    return known == suffixes.end() ? "png" : known->second; // camera raw and HEIC cannot be written
}

class PhotoJob {
  public:
    PhotoJob(Studio& studio, const BatchPlan& plan, const fs::path& input, ProgressBar& bar,
             const StopToken& stop)
        : studio_(studio), plan_(plan), flags_(plan.flags), input_(input), bar_(bar), stop_(stop) {}

    BatchOutcome run() {
        if (const auto done = flags_.aligned ? run_aligned() : run_photo(); !done)
            outcome_.errors.push_back(done.error());
        return std::move(outcome_);
    }

  private:
    Result<Photo> read() {
        const auto start = Clock::now();
        C2C_TRY(Photo photo, read_photo(input_, {.max_pixels = flags_.max_pixels}));
        seconds_["read"] = since(start);
        if (photo.has_content_credentials) {
            bar_.clear();
            fmt::print(stderr, "Note: {} carries content credentials (C2PA); they do not survive an edit.\n",
                       input_.string());
        }
        return photo;
    }

    PortraitSettings portrait_settings(const SceneFace* face) const {
        PortraitSettings settings;
        settings.source_age = flags_.source_age.value_or(face ? face->age : 30);
        settings.gender = flags_.gender ? (*flags_.gender == "female" ? Gender::Female : Gender::Male)
                          : face        ? face->gender
                                        : Gender::Male;
        settings.seed = flags_.seed;
        settings.crossfade = flags_.aligned ? 0 : flags_.crossfade;
        settings.prompt = flags_.prompt;
        settings.noise = plan_.noise;
        return settings;
    }

    Result<void> run_photo() {
        C2C_TRY(Photo photo, read());
        const std::string ext = output_suffix(photo);
        C2C_CHECK(plan_outputs(ext));
        auto start = Clock::now();
        bar_.update(0.1, "finding faces");
        C2C_TRY(const auto scene, studio_.scene(std::move(photo), stop_));
        seconds_["faces"] = since(start);
        C2C_TRY(auto chosen, choose_faces(*scene, plan_.faces, input_));
        C2C_TRY(const RegionMask protect, read_protect(scene->photo));

        bar_.update(0.2, "preparing");
        start = Clock::now();
        for (Chosen& face : chosen) {
            face.portrait = portrait_settings(&scene->faces[face.index]);
            const SubjectSettings settings{face.portrait, flags_.background == "grey", protect};
            C2C_TRY(face.subject, studio_.subject(scene, face.index, settings, stop_));
            C2C_TRY(const FaceView view, face_view(*face.subject, scene->photo));
            C2C_TRY(face.identity, plan_.meters->identity_vector(view.srgb, view.face));
        }
        seconds_["portrait"] = since(start);

        Photo working = scene->photo;
        std::vector<SheetCell> cells;
        for (std::size_t i = 0; i < plan_.ages.size(); ++i) {
            if (stop_.stop_requested())
                return cancelled();
            bar_.update(0.3 + 0.7 * double(i) / double(plan_.ages.size()),
                        fmt::format("age {}", shortest(plan_.ages[i])));
            const auto done = run_age(*scene, chosen, working, i, cells);
            if (done)
                continue;
            if (done.error().kind == ErrorKind::Cancelled || done.error().kind == ErrorKind::Model)
                return tl::unexpected(done.error());
            outcome_.errors.push_back(done.error());
        }
        return flags_.sheet ? write_sheet(std::move(cells), *scene) : Result<void>{};
    }

    /// Ages every chosen face to one age, writes the photo, and leaves `working` as it was.
    Result<void> run_age(const Scene& scene, const std::vector<Chosen>& chosen, Photo& working,
                         std::size_t which, std::vector<SheetCell>& cells) {
        const double age = plan_.ages[which];
        ResultLine line = start_line(age);
        std::vector<Piece> pieces;
        for (const Chosen& face : chosen) {
            C2C_TRY(const AgedCrop aged,
                    studio_.age(*face.subject, age, flags_.draft ? Stage::Draft : Stage::Settled, stop_));
            for (const auto& [stage, seconds] : aged.seconds)
                line.seconds[stage] += seconds;
            const auto start = Clock::now();
            const PasteMode mode = flags_.mode == "replace" ? PasteMode::Replace : PasteMode::KeepDetail;
            Patch patch = compose(*face.subject, aged, flags_.amount / 100, mode);
            line.seconds["paste"] += since(start);
            pieces.push_back({std::move(patch), {}, {}});
            if (!flags_.delta.empty())
                pieces.back().delta = compose_delta(*face.subject, aged, flags_.amount / 100, mode);
            if (!flags_.matte.empty())
                pieces.back().mask = face.subject->paste.mask;
        }
        auto start = Clock::now();
        for (const Piece& piece : pieces)
            apply(piece.patch, working);
        line.seconds["paste"] += since(start);
        const auto restore = [&] {
            for (const Piece& piece : pieces)
                copy_rect(scene.photo, piece.patch.rect, working);
        };
        start = Clock::now();
        Result<void> written;
        if (flags_.sheet) {
            if (const auto view = face_view(*chosen.front().subject, working))
                cells.push_back({fit_within(view->srgb, 384), fmt::format("{}", shortest(age))});
        } else {
            written = write(working, outputs_[which], line.model);
            if (written)
                written = write_extras(scene.photo, pieces, which);
        }
        line.seconds["write"] = since(start);
        if (!written) {
            restore();
            return written;
        }
        start = Clock::now();
        for (const Chosen& face : chosen) {
            const SceneFace& source = scene.faces[face.index];
            const auto meters = measure(face, working);
            if (!meters) {
                restore();
                return tl::unexpected(meters.error());
            }
            line.faces.push_back({face.number, source.face.box, face.portrait.source_age,
                                  flags_.source_age.has_value(), face.portrait.gender,
                                  flags_.gender.has_value(), *meters});
        }
        line.seconds["meters"] = since(start);

        restore();
        if (!flags_.sheet) {
            line.output = outputs_[which];
            finish(line);
        }
        return {};
    }

    Result<void> run_aligned() {
        C2C_TRY(Photo photo, read());
        C2C_CHECK(plan_outputs(output_suffix(photo)));
        C2C_TRY(const ColorTransform color, ColorTransform::create(photo));
        const Image crop = color.to_srgb(photo.color);
        const SubjectSettings settings{portrait_settings(nullptr), false, {}};
        if (!flags_.source_age)
            return fail(ErrorKind::Usage, "--aligned looks for no face, so give the age on {} with --from.",
                        input_.string());
        C2C_TRY(const auto subject, studio_.aligned_subject(crop, settings, stop_));
        for (std::size_t i = 0; i < plan_.ages.size(); ++i) {
            C2C_TRY(const AgedCrop aged, studio_.age(*subject, plan_.ages[i],
                                                     flags_.draft ? Stage::Draft : Stage::Settled, stop_));
            ResultLine line = start_line(plan_.ages[i]);
            line.seconds.insert(aged.seconds.begin(), aged.seconds.end());
            line.output = outputs_[i];
            Photo out;
            out.color = aged.network;
            out.depth = photo.depth;
            out.source = photo.source;
            C2C_CHECK(write(out, outputs_[i], line.model));
            finish(line);
        }
        return {};
    }

    /// Names are checked before the network runs: a clash at the end would waste the work.
    Result<void> plan_outputs(const std::string& ext) {
        const std::string pattern =
            flags_.sheet && flags_.output == AgeFlags{}.output ? "./{stem}_sheet.jpg" : flags_.output;
        std::vector<NameFields> fields;
        for (const double age : plan_.ages) {
            NameFields name{.stem = input_.stem().string(), .ext = ext, .age = age};
            if (plan_.faces.kind == FaceChoice::Kind::Number)
                name.face = plan_.faces.number;
            fields.push_back(std::move(name));
            if (flags_.sheet)
                break;
        }
        const std::vector<fs::path> sources = {input_};
        C2C_TRY(outputs_, plan_names(pattern, NameUse::Still, fields, sources));
        for (const fs::path& output : outputs_)
            if (std::error_code ignored; !flags_.overwrite && fs::exists(output, ignored))
                return fail(ErrorKind::Output,
                            "{} exists already; give another name with -o, or --overwrite.", output.string());
        return {};
    }

    Result<RegionMask> read_protect(const Photo& photo) const {
        if (flags_.protect.empty())
            return RegionMask{};
        C2C_TRY(const Photo mask, read_photo(flags_.protect, {.max_pixels = flags_.max_pixels}));
        if (mask.width() != photo.width() || mask.height() != photo.height())
            return fail(ErrorKind::Input,
                        "The mask {} is {}x{} and the photo {}x{}; they must be of one size.",
                        flags_.protect.string(), mask.width(), mask.height(), photo.width(), photo.height());
        return protect_picture(mask.color);
    }

    /// The meters of a face in an aged photo.
    Result<FaceMeters> measure(const Chosen& face, const Photo& aged) {
        C2C_TRY(const FaceView view, face_view(*face.subject, aged));
        FaceMeters figures;
        C2C_TRY(figures.age, plan_.meters->read_back_age(view.srgb, view.face));
        C2C_TRY(const auto vector, plan_.meters->identity_vector(view.srgb, view.face));
        figures.identity = cosine(face.identity, vector);
        return figures;
    }

    Result<void> write(const Photo& photo, const fs::path& file, const ModelInfo& model) {
        WriteOptions options;
        options.overwrite = flags_.overwrite ? Overwrite::Yes : Overwrite::No;
        options.jpeg_quality = flags_.quality;
        options.keep_metadata = !flags_.strip_metadata;
        options.keep_gps = !flags_.strip_gps && !flags_.strip_metadata;
        options.provenance = provenance(model, flags_.seed);
        if (stop_.stop_requested())
            return cancelled();
        return write_photo(photo, file, options);
    }

    Result<void> write_extras(const Photo& photo, const std::vector<Piece>& pieces, std::size_t which) {
        const auto extra = [&](const std::string& pattern, const Image& image) -> Result<void> {
            const NameFields fields{.stem = input_.stem().string(), .ext = "exr", .age = plan_.ages[which]};
            Photo out;
            out.color = image;
            out.depth = image.channels == 1 ? Depth::U16 : Depth::F32;
            out.source = photo.source;
            out.linear = image.channels == 3; // signed differences: stored as they are
            WriteOptions options;
            options.overwrite = flags_.overwrite ? Overwrite::Yes : Overwrite::No;
            return write_photo(out, expand_name(pattern, fields), options);
        };
        if (!flags_.delta.empty())
            C2C_CHECK(extra(flags_.delta, whole(photo, pieces, &Piece::delta)));
        if (!flags_.matte.empty())
            C2C_CHECK(extra(flags_.matte, whole(photo, pieces, &Piece::mask)));
        return {};
    }

    /// The pieces on a black canvas of the photo's size.
    static Image whole(const Photo& photo, const std::vector<Piece>& pieces, Image Piece::*plane) {
        Image canvas(photo.width(), photo.height(), (pieces.front().*plane).channels);
        for (const Piece& piece : pieces) {
            const Image& image = piece.*plane;
            for (int y = 0; y < piece.patch.rect.height; ++y)
                for (int i = 0; i < piece.patch.rect.width * image.channels; ++i) {
                    float& to = canvas.row(piece.patch.rect.y + y)[piece.patch.rect.x * image.channels + i];
                    const float from = image.row(y)[i];
                    to = plane == &Piece::mask ? std::max(to, from) : to + from;
                }
        }
        return canvas;
    }

    static void copy_rect(const Photo& from, const Rect& rect, Photo& to) {
        const auto count = static_cast<std::size_t>(rect.width * from.color.channels);
        for (int y = rect.y; y < rect.y + rect.height; ++y)
            std::copy_n(from.color.data.data() + from.color.index(rect.x, y), count,
                        to.color.data.data() + to.color.index(rect.x, y));
    }

    Result<void> write_sheet(std::vector<SheetCell> cells, const Scene& scene) {
        if (cells.empty())
            return {};
        ResultLine line = start_line(plan_.ages.front());
        Photo sheet;
        sheet.color = contact_sheet(cells, {.cell_side = 384});
        sheet.source = scene.photo.source;
        C2C_CHECK(write(sheet, outputs_.front(), line.model));
        line.output = outputs_.front();
        finish(line);
        return {};
    }

    ResultLine start_line(double age) {
        ResultLine line;
        line.source = input_;
        line.age = age;
        line.seed = flags_.seed;
        line.draft = flags_.draft;
        line.seconds = seconds_;
        if (const auto model = studio_.model())
            line.model = *model;
        return line;
    }

    void finish(const ResultLine& line) {
        bar_.clear();
        print(line, flags_.json, flags_.profile);
        ++outcome_.written;
        seconds_.clear(); // what was done once a photo is told with its first result
    }

    Studio& studio_;
    const BatchPlan& plan_;
    const AgeFlags& flags_;
    const fs::path& input_;
    ProgressBar& bar_;
    StopToken stop_;
    std::vector<fs::path> outputs_;
    std::map<std::string, double> seconds_;
    BatchOutcome outcome_;
};

} // namespace

Result<FaceChoice> parse_faces(const std::string& text) {
    if (text == "largest")
        return FaceChoice{};
    if (text == "all")
        return FaceChoice{FaceChoice::Kind::All, 0};
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 1)
        return fail(ErrorKind::Usage, "--faces takes largest, all, or a number from 1, not \"{}\".", text);
    return FaceChoice{FaceChoice::Kind::Number, number};
}

Result<std::map<std::string, std::vector<float>>> read_noise(const fs::path& file) {
    C2C_TRY(const TensorFile tensors, read_safetensors(file));
    std::map<std::string, std::vector<float>> noise;
    for (const auto& [name, view] : tensors.tensors) {
        if (view.type != DType::F32)
            return fail(ErrorKind::Input, "The noise {} in {} is {}; F32 is wanted.", name, file.string(),
                        name_of(view.type));
        std::vector<float> values(view.bytes.size() / sizeof(float));
        std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
        noise.emplace(name, std::move(values));
    }
    return noise;
}

BatchOutcome age_photo(Studio& studio, const BatchPlan& plan, const fs::path& input, ProgressBar& bar,
                       const StopToken& stop) {
    return PhotoJob(studio, plan, input, bar, stop).run();
}

} // namespace c2c::cli
