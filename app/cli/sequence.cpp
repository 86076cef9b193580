#include "app/cli/sequence.h"

#include "app/cli/progress_bar.h"
#include "app/cli/report.h"
#include "core/eval/meters.h"
#include "core/face/embedder.h"
#include "core/sequence/plan.h"
#include "core/sequence/run.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>
#include <thread>

namespace c2c::cli {
namespace {

constexpr const char* examples = R"(
A curve is frame:age keys, each reached linearly, or by :ease, or after a :hold; or a JSON or CSV file of them.
A photo gets as many frames as its curve spans, from 1001. On plates and movies the keys are frame numbers.

Examples
  cradle2cane-cli sequence man.jpg --curve 1:20,96:80:ease -o out/man.####.png      96 frames, 1001 to 1096
  cradle2cane-cli sequence man.jpg --curve 1:20,96:80 -o man.mov                    ProRes; .mp4 H.264; .webm VP9
  cradle2cane-cli sequence plate.####.exr --curve 1001:38,1100:70 -o aged.####.exr --matte matte.####.png
  cradle2cane-cli sequence shot.mov --curve 1:70 -o shot_aged.mov                   one age; the sound is copied
  cradle2cane-cli sequence man.jpg --curve 1:20,48:80 -o man.webp                   an endless loop; .gif too
  cradle2cane-cli sequence two.jpg --curve 1=1:30,48:60 --curve 2=1:34,48:64 -o out/two.####.png
After a crash or a kill, the same command with --resume goes on. On a farm, --frames 1001-1010 or --shard 3/8
makes a part, with nothing to coordinate:
  Slurm     #SBATCH --array=1-8
            cradle2cane-cli sequence ... --shard $SLURM_ARRAY_TASK_ID/8 --resume
  OpenCue   cradle2cane-cli sequence ... --frames #IFRAME# --resume        Deadline: --frames <STARTFRAME>-<ENDFRAME>)";

Result<int> whole_number(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 1)
        return fail(ErrorKind::Usage, "\"{}\" is not the number of a face, counted from 1 at the left.",
                    text);
    return number;
}

/// Whose ages they are: "2=" before a curve is for the second face, "all=" for those that have no other;
/// without either it is for the face that --faces says.
Result<int> face_of(std::string_view name) {
    if (name == "largest")
        return 0;
    return name == "all" ? FaceCurve::every_other : whole_number(name);
}

Result<std::vector<FaceCurve>> read_curves(const SequenceFlags& flags) {
    if (flags.curves.empty())
        return fail(ErrorKind::Usage, "No ages given; write for example --curve 1:20,96:80.");
    std::vector<FaceCurve> curves;
    for (const std::string& text : flags.curves) {
        const std::size_t equals = std::min(text.find('='), text.size());
        const std::string name = text.substr(0, equals);
        const bool named = equals < text.size() && !name.empty() &&
                           (name == "all" || name.find_first_not_of("0123456789") == std::string::npos);
        FaceCurve one;
        C2C_TRY(one.face, face_of(named ? name : flags.faces));
        C2C_TRY(one.curve, curve_argument(named ? text.substr(equals + 1) : text));
        for (const FaceCurve& other : curves)
            if (other.face == one.face)
                return fail(ErrorKind::Usage, "Two curves are for {}; write --curve 1=… --curve 2=….",
                            one.face == FaceCurve::every_other ? "all faces" : "the same face");
        curves.push_back(std::move(one));
    }
    return curves;
}

Result<VideoOptions> movie_options(const SequenceFlags& flags) {
    static const std::map<std::string, VideoCodec> codecs = {{"auto", VideoCodec::Auto},
                                                             {"h264", VideoCodec::H264},
                                                             {"vp9", VideoCodec::Vp9},
                                                             {"prores", VideoCodec::ProRes},
                                                             {"prores4444", VideoCodec::ProRes4444}};
    VideoOptions movie;
    movie.codec = codecs.at(flags.codec);
    movie.quality = flags.crf;
    movie.threads = flags.engine.threads;
    // 23.976 and its kin are meant as 24000/1001.
    const double rounded = std::round(flags.fps);
    const bool ntsc = std::abs(flags.fps - rounded / 1.001) < 0.0015 && std::abs(flags.fps - rounded) > 1e-6;
    movie.rate = ntsc ? Ratio{static_cast<int>(rounded) * 1000, 1001}
                      : Ratio{static_cast<int>(std::lround(flags.fps * 1000)), 1000};
    const int common = std::gcd(movie.rate.num, movie.rate.den);
    movie.rate = {movie.rate.num / common, movie.rate.den / common};
    return movie;
}

RunOptions run_options(const SequenceFlags& flags, const ModelInfo& model, int threads) {
    static const std::map<std::string, Depth> depths = {
        {"8", Depth::U8}, {"16", Depth::U16}, {"half", Depth::F16}, {"float", Depth::F32}};
    RunOptions options;
    options.source_age = flags.source_age;
    if (flags.gender)
        options.gender = *flags.gender == "female" ? Gender::Female : Gender::Male;
    options.seed = flags.seed;
    options.crossfade = flags.crossfade;
    options.grey_background = flags.background == "grey";
    options.amount = flags.amount / 100;
    options.mode = flags.mode == "replace" ? PasteMode::Replace : PasteMode::KeepDetail;
    options.stage = flags.draft ? Stage::Draft : Stage::Settled;
    options.write.overwrite = flags.overwrite ? Overwrite::Yes : Overwrite::No;
    options.write.jpeg_quality = flags.quality;
    options.write.keep_metadata = !flags.strip_metadata;
    options.write.keep_gps = !flags.strip_gps && !flags.strip_metadata;
    options.write.provenance = provenance(model, flags.seed);
    if (!flags.depth.empty())
        options.write.depth = depths.at(flags.depth);
    options.colorspace = flags.colorspace;
    options.matte_channel = flags.matte_channel;
    options.protect = flags.protect;
    options.limits.max_pixels = flags.max_pixels;
    options.resume = flags.resume;
    options.encoders = std::clamp(threads, 1, 8);
    return options;
}

/// Reads an aged face's age back and compares it with the frame's own face, whose figures serve all ages.
class Measure {
  public:
    explicit Measure(Meters& meters) : meters_(meters) {}

    Result<void> operator()(const Subject& subject, const Photo& aged, FaceRecord& record) {
        std::vector<float>& own = own_[record.face];
        std::weak_ptr<const Scene>& scene = scenes_[record.face];
        if (own.empty() || scene.lock() != subject.scene) {
            C2C_TRY(const FaceView before, face_view(subject, *subject.scene->photo));
            C2C_TRY(own, meters_.identity_vector(before.srgb, before.face));
            scene = subject.scene;
        }
        C2C_TRY(const FaceView after, face_view(subject, aged));
        C2C_TRY(const double age, meters_.read_back_age(after.srgb, after.face));
        C2C_TRY(const auto vector, meters_.identity_vector(after.srgb, after.face));
        record.read_back_age = std::round(age * 100) / 100;
        record.identity = std::round(cosine(own, vector) * 10000) / 10000;
        return {};
    }

  private:
    Meters& meters_;
    std::map<int, std::vector<float>> own_;
    std::map<int, std::weak_ptr<const Scene>> scenes_;
};

/// The same command gives the same bytes: the files' ModifyDate is the source's own, unless the farm says
/// another. Called before any thread that might read the environment.
void date_by_source(const FrameSource& source) {
    std::error_code error;
    const auto time = std::filesystem::last_write_time(source.files.front(), error);
    if (error)
        return;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(std::chrono::file_clock::to_sys(time));
    ::setenv("SOURCE_DATE_EPOCH", fmt::format("{}", seconds.time_since_epoch().count()).c_str(), 0);
}

Result<int> make_sequence(const SequenceFlags& flags, StopToken stop) {
    C2C_TRY(const auto curves, read_curves(flags));
    PlanOptions options{.curves = curves, .output = flags.output, .delta = flags.delta, .matte = flags.matte};
    options.start = flags.start;
    if (!flags.frames.empty()) {
        C2C_TRY(options.frames, parse_frames(flags.frames));
    }
    if (!flags.shard.empty()) {
        C2C_TRY(options.shard, parse_shard(flags.shard));
    }
    C2C_TRY(FrameSource source, open_source(flags.inputs, flags.start.value_or(1001), stop));
    C2C_TRY(const SequencePlan plan, plan_sequence(std::move(source), options));
    for (const std::string& note : plan.notes)
        fmt::print(stderr, "Note: {}\n", note);
    if (plan.frames.empty()) {
        fmt::print(stderr, "This shard has no frames: the job has {}.\n", plan.total);
        return 0;
    }
    const std::string first = plan.file.empty() ? plan.frames.front().file.string() : plan.file.string();
    const std::string last = plan.file.empty() ? plan.frames.back().file.string()
                                               : fmt::format("frame {}", plan.frames.back().number);
    if (flags.dry_run && flags.json) {
        fmt::print("{}\n", nlohmann::json{{"frames", plan.frames.size()},
                                          {"total", plan.total},
                                          {"first", first},
                                          {"last", last}}
                               .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
        return 0;
    }
    if (flags.dry_run) {
        fmt::print("{} frame(s) of {}: {} (age {}) to {} (age {})\n", plan.frames.size(), plan.total, first,
                   shortest(plan.frames.front().ages.front()), last,
                   shortest(plan.frames.back().ages.front()));
        return 0;
    }

    date_by_source(plan.source);
    C2C_TRY(const StudioOptions studio_flags, studio_options(flags.engine));
    C2C_TRY(Studio studio, Studio::create(studio_flags));
    C2C_TRY(const ModelInfo model, studio.model());
    RunOptions run = run_options(flags, model, studio.threads());
    C2C_TRY(run.movie, movie_options(flags));
    run.face_models = studio_flags.face_models;
    std::optional<Meters> meters;
    if (flags.measure) {
        C2C_TRY(meters, Meters::create(studio_flags.face_models));
        run.measure = Measure(*meters);
    }
    if (flags.json)
        run.finished = [](const FrameRecord& record) {
            fmt::print("{}\n", to_json_line(record));
            std::fflush(stdout);
        };
    ProgressBar bar(!flags.json);
    bar.file(0, 1, plan.source.files.front().filename().string());
    C2C_TRY(const RunReport report,
            c2c::run_sequence(
                plan, curves, run, studio,
                [&](double fraction, std::string_view stage) { bar.update(fraction, stage); }, stop));
    bar.clear();
    for (const std::string& note : report.notes)
        fmt::print(stderr, "Note: {}\n", note);
    if (!flags.json) {
        fmt::print("{} to {}: {} written", first, last, report.written);
        if (report.valid > 0)
            fmt::print(", {} were valid already", report.valid);
        if (report.written > 0)
            fmt::print(", {:.2f} s a frame", report.seconds.at("wall") / static_cast<double>(report.written));
        fmt::print("\n");
    }
    if (flags.profile)
        for (const auto& [stage, seconds] : report.seconds)
            fmt::print(stderr, "Profile: {} {:.3f} s\n", stage, seconds);
    if (!model.commercial_use && report.written > 0)
        fmt::print(
            stderr,
            "Note: the model {} is licensed for research only; its pictures are not for commercial use.\n",
            model.name);
    return 0;
}

} // namespace

CLI::App* add_sequence(CLI::App& app, SequenceFlags& flags) {
    CLI::App* command = app.add_subcommand("sequence", "Frames or a movie whose age follows a curve");
    command->footer(examples);
    command
        ->add_option("inputs", flags.inputs, "A photo; a plate (folder, files, plate.####.exr); or a movie")
        ->required()
        ->type_name("INPUT");
    command
        ->add_option(
            "--curve", flags.curves,
            "Ages: 1:38,48:70:ease,96:70, a .json or .csv file; 2=… for face 2, all=… for the others")
        ->type_name("CURVE");
    command
        ->add_option("-o,--output", flags.output,
                     "Frames' names (#### %04d $F4 @, {stem} {age} {ext}) or a movie's")
        ->capture_default_str();
    command->add_option("--frames", flags.frames, "Only these: 1001-1100, 1001-1100x2, 1001,1010");
    command->add_option("--shard", flags.shard, "Only part I of N, from 1/N to N/N")->type_name("I/N");
    command->add_option("--start", flags.start, "Number of the first frame (default 1001)");
    command->add_flag("--resume", flags.resume,
                      "Go on: frames that are whole and of these settings are kept");
    command->add_flag("--overwrite", flags.overwrite, "Start over and replace what is there");
    command->add_flag("--dry-run", flags.dry_run, "Only say the first and the last name");
    command->add_option("--faces", flags.faces, "largest, all, or the number of a face from the left")
        ->capture_default_str();
    command->add_option("--from", flags.source_age, "Age of the face as it is (default: estimated)")
        ->check(CLI::Range(0.0, 100.0));
    command->add_option("--gender", flags.gender, "male or female (default: estimated)")
        ->check(CLI::IsMember({"male", "female"}));
    command->add_option("--amount", flags.amount, "Strength of the change in per cent")
        ->check(CLI::Range(0.0, 200.0))
        ->capture_default_str();
    command->add_option("--mode", flags.mode, "keep-detail or replace")
        ->check(CLI::IsMember({"keep-detail", "replace"}))
        ->capture_default_str();
    command
        ->add_option("--background", flags.background, "What the network sees behind the head: keep or grey")
        ->check(CLI::IsMember({"keep", "grey"}))
        ->capture_default_str();
    command->add_option("--seed", flags.seed, "Same seed, same frames")->capture_default_str();
    command
        ->add_option("--crossfade", flags.crossfade,
                     "Years over which noise levels blend; 0 would make a jump")
        ->check(CLI::Range(0.0, 40.0))
        ->capture_default_str();
    command->add_flag("--draft", flags.draft, "Pass 1 only");
    command->add_option("--depth", flags.depth, "8, 16, half or float (default: the source's)")
        ->check(CLI::IsMember({"8", "16", "half", "float"}));
    command->add_option("--colorspace", flags.colorspace, "The source's colour space by its name in $OCIO")
        ->type_name("NAME");
    command
        ->add_option("--protect", flags.protect,
                     "Mask of the frames' size, white is left alone; on plates also mask.####.png")
        ->type_name("FILE");
    command->add_option("--max-pixels", flags.max_pixels, "Refuse larger frames");
    command->add_option("--delta", flags.delta,
                        "Side sequence of the change alone (EXR or TIFF keep its sign)");
    command->add_option("--matte", flags.matte, "Side sequence of the blending mask");
    command->add_flag("--matte-channel", flags.matte_channel,
                      "The mask as channel \"matte\" of EXR or TIFF frames, or as a movie's alpha");
    command->add_flag("--measure", flags.measure,
                      "Read every frame's age and identity back into the manifest");
    command->add_option("--fps", flags.fps, "Frames a second of a movie made of pictures")
        ->check(CLI::Range(1.0, 240.0))
        ->capture_default_str();
    command
        ->add_option("--codec", flags.codec,
                     "h264, vp9, prores, or prores4444 with alpha (default: by the suffix)")
        ->check(CLI::IsMember({"auto", "h264", "vp9", "prores", "prores4444"}));
    command->add_option("--crf", flags.crf, "H.264's and VP9's quality, lower is better")
        ->check(CLI::Range(1.0, 51.0));
    command->add_option("--quality", flags.quality, "JPEG and WebP quality")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command->add_flag("--json", flags.json, "One line of JSON a frame; with --dry-run one of the whole");
    command->add_flag("--profile", flags.profile,
                      "Say what each stage took; inference and wall are elapsed, cpu is all threads'");
    command->add_flag("--strip-metadata", flags.strip_metadata,
                      "Leave EXIF, IPTC and XMP out (provenance stays)");
    command->add_flag("--strip-gps", flags.strip_gps, "Leave the place out of the metadata");
    return command;
}

int run_sequence(const SequenceFlags& flags, StopToken stop) {
    const auto done = make_sequence(flags, stop);
    return done ? *done : complain(done.error());
}

} // namespace c2c::cli
