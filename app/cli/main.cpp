#include "app/cli/models.h"
#include "app/cli/options.h"
#include "app/cli/replay.h"
#include "app/cli/sequence.h"
#include "core/base/log.h"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <stop_token>
#include <thread>
#include <unistd.h>

namespace {

constexpr const char* examples = R"(
Examples
  cradle2cane-cli portrait.jpg --age 70              writes portrait_age070.jpg beside you
  cradle2cane-cli portrait.jpg --ages 5:85:10        nine pictures, 5, 15, ... 85
  cradle2cane-cli portrait.jpg --ages 5:85:10 --sheet      all of them on one contact sheet
  cradle2cane-cli shoot/ --age 30 -o aged/{stem}.{ext}     a folder, the names kept
  cradle2cane-cli family.jpg --age 60 --faces all    everybody; --faces 2 is the second from the left
  cradle2cane-cli plate.exr --age 55 --delta change.exr --matte mask.exr    for compositing
  cradle2cane-cli replay portrait.c2c                what the window exports of that session
  cradle2cane-cli info portrait.jpg                  faces, estimated ages, profile, depth

Exit codes: 0 done, 1 internal, 2 usage, 3 input, 4 no face, 5 model, 6 output, 7 memory or device,
8 part of a batch failed, 130 cancelled.)";

int interrupt_pipe[2];

/// Waits for Ctrl-C on a thread of its own, because a handler may not touch a stop_source: it writes a byte
/// for the thread to read. A blocked signal and sigwait would not do, for the libraries' own threads (BLAS
/// has some before main) would take the signal and the program would end at once. The second Ctrl-C ends it
/// at once.
void watch_interrupts(const std::stop_source& source) {
    if (pipe2(interrupt_pipe, O_CLOEXEC) != 0)
        return; // Ctrl-C then ends the program as it does any other
    struct sigaction action {};
    action.sa_flags = SA_RESTART;
    action.sa_handler = [](int) {
        const int error = errno;
        [[maybe_unused]] const auto written = write(interrupt_pipe[1], "", 1);
        errno = error;
    };
    for (const int signal : {SIGINT, SIGTERM})
        sigaction(signal, &action, nullptr);
    std::thread([stop = source]() mutable {
        const auto wait = [] {
            char byte = 0;
            while (read(interrupt_pipe[0], &byte, 1) < 0 && errno == EINTR) {
            }
        };
        wait();
        stop.request_stop();
        wait();
        _exit(130);
    }).detach();
}

void add_engine_flags(CLI::App& app, c2c::cli::EngineFlags& flags) {
    app.add_option("--model", flags.model,
                   "Model: a folder, or a name that models list shows (default: nano)")
        ->type_name("MODEL");
    app.add_option("--device", flags.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    app.add_option("--precision", flags.precision, "auto, fp32, bf16 or fp16")
        ->check(CLI::IsMember({"auto", "fp32", "bf16", "fp16"}))
        ->capture_default_str();
    app.add_option("--memory", flags.memory,
                   "How much to take: auto (by what is free), roomy, frugal or least")
        ->check(CLI::IsMember({"auto", "roomy", "frugal", "least"}))
        ->capture_default_str();
    app.add_option("--threads", flags.threads, "Threads to use (0: all cores)")->check(CLI::Range(0, 1024));

    const std::string method = "The method, for models in the published layout";
    app.add_option("--svr", flags.svr, "SVR-ArcFace over the source and 0, 1 or 3 drafts, or off")
        ->check(CLI::IsMember({"off", "0", "1", "3"}))
        ->group(method);
    app.add_option("--rotate", flags.rotate, "Rotate-CLIP as the published code or as the paper has it")
        ->check(CLI::IsMember({"code", "paper"}))
        ->capture_default_str()
        ->group(method);
    app.add_option("--thresholds", flags.thresholds, "Age gaps at which more noise is used, such as 5,20")
        ->delimiter(',')
        ->expected(2)
        ->type_name("A,B")
        ->group(method);
    app.add_flag("--one-threshold", flags.one_threshold, "Only the first of them, for photos in the wild")
        ->group(method);
    app.add_flag("--no-lora", flags.no_lora, "Pass 2 without the LoRA")->group(method);
    app.add_flag("--vae-sample", flags.vae_sample, "Draw from the autoencoder's posterior, not its mean")
        ->group(method);
}

} // namespace

int main(int argc, char** argv) {
    using namespace c2c::cli;
    std::stop_source stop;
    watch_interrupts(stop);
    c2c::init_log(c2c::LogLevel::Warning);

    AgeFlags age;
    InfoFlags info;
    BenchFlags bench;
    SequenceFlags sequence;
    ReplayFlags replay;
    ModelsFlags models;

    CLI::App app{"Cradle2Cane: the same person at any age from 0 to 100.", "cradle2cane-cli"};
    app.footer(examples);
    app.set_version_flag("--version", "cradle2cane-cli " C2C_VERSION);
    app.add_option("photos", age.inputs, "Photos, folders or patterns")->type_name("PHOTO");
    app.add_option("--age,--ages", age.ages, "Age 0..100, a list 30,72 or a range first:last:step")
        ->type_name("AGES");
    app.add_option("-o,--output", age.output, "Name of each result: {stem} {age} {age:03} {face} {ext}")
        ->capture_default_str();
    app.add_flag("--overwrite", age.overwrite, "Replace files that exist (never the photo itself)");
    app.add_flag("--sheet", age.sheet, "One contact sheet of all ages instead of single pictures");
    app.add_option("--from", age.source_age, "Age on the photo (default: estimated)")
        ->check(CLI::Range(0.0, 100.0));
    app.add_option("--gender", age.gender, "male or female (default: estimated)")
        ->check(CLI::IsMember({"male", "female"}));
    app.add_option("--faces", age.faces, "largest, all, or the number of a face from the left")
        ->capture_default_str();
    app.add_option("--amount", age.amount, "Strength of the change in per cent, 100 as generated")
        ->check(CLI::Range(0.0, 200.0))
        ->capture_default_str();
    app.add_option("--mode", age.mode, "keep-detail adds the change to the photo's own grain; replace pastes")
        ->check(CLI::IsMember({"keep-detail", "replace"}))
        ->capture_default_str();
    app.add_option("--background", age.background, "What the network sees behind the head: keep or grey")
        ->check(CLI::IsMember({"keep", "grey"}))
        ->capture_default_str();
    app.add_option("--prompt", age.prompt, "Words added to the prompt (\"smiling\"); full models only")
        ->type_name("TEXT");
    app.add_option("--protect", age.protect, "Mask of the photo's size; white is left alone")
        ->type_name("FILE");
    app.add_option("--delta", age.delta, "Write the change alone (EXR or TIFF keep its sign)")
        ->type_name("FILE");
    app.add_option("--matte", age.matte, "Write the blending mask alone")->type_name("FILE");
    app.add_option("--seed", age.seed, "Same seed, same picture")->capture_default_str();
    app.add_option("--crossfade", age.crossfade,
                   "Years over which noise levels blend; 0 is exact to the paper")
        ->check(CLI::Range(0.0, 40.0))
        ->capture_default_str();
    app.add_flag("--draft", age.draft, "Pass 1 only: quicker, the identity less sure");
    app.add_flag("--aligned", age.aligned,
                 "The photo is the model's crop already; write the network's picture");
    app.add_option("--noise", age.noise, "Noise to use: safetensors with pass1.noise, pass2.noise")
        ->type_name("FILE");
    app.add_flag("--json", age.json, "One line of JSON a result");
    app.add_flag("--profile", age.profile, "Say where the time went");
    app.add_option("--quality", age.quality, "JPEG and WebP quality")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    app.add_flag("--strip-metadata", age.strip_metadata, "Leave EXIF, IPTC and XMP out (provenance stays)");
    app.add_flag("--strip-gps", age.strip_gps, "Leave the place out of the metadata");
    app.add_option("--max-pixels", age.max_pixels, "Refuse larger photos")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    add_engine_flags(app, age.engine);

    CLI::App* info_command =
        app.add_subcommand("info", "Faces, ages, profile, depth and provenance of photos");
    info_command->add_option("photos", info.inputs, "Photos, folders or patterns")
        ->required()
        ->type_name("PHOTO");
    info_command->add_flag("--json", info.json, "One line of JSON a photo");
    info_command->add_option("--max-pixels", info.max_pixels, "Refuse larger photos");

    CLI::App* bench_command = app.add_subcommand("bench", "Times every stage over several runs");
    bench_command->add_option("photo", bench.input, "Photo")->required()->type_name("PHOTO");
    bench_command->add_option("--age", bench.age, "Target age")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str();
    bench_command->add_option("--runs", bench.runs, "Runs; medians are printed")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    bench_command->add_flag("--json", bench.json, "JSON");
    add_engine_flags(*bench_command, bench.engine);

    CLI::App* sequence_command = add_sequence(app, sequence);
    add_engine_flags(*sequence_command, sequence.engine);

    CLI::App* replay_command = add_replay(app, replay);
    add_engine_flags(*replay_command, replay.engine);
    CLI::App* models_command = add_models(app, models);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const bool asked = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
        app.exit(error);
        return asked ? 0 : static_cast<int>(c2c::ErrorKind::Usage);
    }

    try {
        if (*info_command)
            return run_info(info, stop.get_token());
        if (*bench_command)
            return run_bench(bench, stop.get_token());
        if (*sequence_command)
            return run_sequence(sequence, stop.get_token());
        if (*replay_command)
            return run_replay(replay, stop.get_token());
        if (*models_command)
            return run_models(models, stop.get_token());
        return run_age(age, stop.get_token());
    } catch (const std::exception& error) {
        return complain({c2c::ErrorKind::Internal,
                         "Something went wrong inside the program; please report it.", error.what()});
    }
}
