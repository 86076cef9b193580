#include "app/cli/models.h"

#include "app/cli/options.h"
#include "app/cli/progress_bar.h"
#include "core/aging/prompts.h"
#include "core/fetch/fetch_model.h"
#include "core/nn/device.h"
#include "core/nn/random_model.h"
#include "core/weights/registry.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>

namespace fs = std::filesystem;

namespace c2c::cli {
namespace {

Progress shown_by(ProgressBar& bar) {
    return [&bar](double fraction, std::string_view stage) { bar.update(fraction, stage); };
}

Overwrite overwrite_of(const ModelsFlags& flags) {
    return flags.overwrite ? Overwrite::Yes : Overwrite::No;
}

Result<void> add(const ModelsFlags& flags, const StopToken& stop) {
    std::string name = flags.name;
    if (name.empty()) { // "/models/sdxl-turbo/" and "/models/sdxl-turbo" name the same
        const fs::path first = fs::absolute(flags.places.front()).lexically_normal();
        name = (first.filename().empty() ? first.parent_path() : first).filename().string();
    }
    ProgressBar bar(true);
    C2C_TRY(const AddedModel added,
            add_model(flags.places, name, overwrite_of(flags), nn::check_model_shapes, shown_by(bar), stop));
    bar.clear();
    for (const std::string& note : added.notes)
        fmt::print("Note: {}\n", note);
    std::uint64_t bytes = 0;
    for (const ModelPart& part : model_parts())
        if (const fs::path& place = added.model.*part.place; !place.empty())
            fmt::print("{:<34}{}\n", part.name, place.string());
    for (const auto& [file, entry] : added.model.files)
        bytes += entry.bytes;
    fmt::print("{} is added: {} files, {}, nothing copied. Use it by --model {}.\n", name,
               added.model.files.size(), human_size(bytes), name);
    return {};
}

std::string state_of(const RegisteredModel& model) {
    if (model.missing.empty())
        return "whole";
    return fmt::format("{} of its files missing or altered, such as {}", model.missing.size(),
                       model.missing.front().string());
}

Result<void> list(const ModelsFlags& flags) {
    for (const RegisteredModel& model : registered_models()) {
        if (flags.json)
            fmt::print("{}\n", nlohmann::json{{"name", model.name},
                                              {"folder", model.folder.string()},
                                              {"bytes", model.bytes},
                                              {"whole", model.missing.empty()}}
                                   .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
        else
            fmt::print("{:<20}{:>9}  {}  {}\n", model.name, human_size(model.bytes), model.folder.string(),
                       state_of(model));
    }
    return {};
}

Result<void> check(const ModelsFlags& flags, const StopToken& stop) {
    C2C_TRY(const fs::path folder, resolve_model(flags.name));
    C2C_TRY(const std::size_t files, check_files(folder, stop));
    if (folder_kind(folder) != FolderKind::Manifest) {
        C2C_TRY(const ModelFolder model, read_model_folder(folder));
        C2C_CHECK(nn::check_model_shapes(model));
    }
    if (files == 0)
        fmt::print("{}: the networks fit together. It has no manifest with hashes to compare; models add "
                   "makes one.\n",
                   folder.string());
    else
        fmt::print("{}: {} files are whole and unaltered (SHA-256), and the networks fit together.\n",
                   folder.string(), files);
    return {};
}

Result<void> remove(const ModelsFlags& flags) {
    C2C_TRY(const fs::path left, remove_model(flags.name));
    if (left.empty())
        fmt::print("{} is removed; its weights stay where they are.\n", flags.name);
    else
        fmt::print("{} is removed; its weights stay in {}.\n", flags.name, left.string());
    return {};
}

Result<void> random(const ModelsFlags& flags, const StopToken& stop) {
    nn::RandomModel kind;
    kind.type = flags.precision == "fp16" ? DType::F16 : flags.precision == "fp32" ? DType::F32 : DType::BF16;
    kind.tiny = flags.tiny;
    ProgressBar bar(true);
    C2C_CHECK(nn::write_random_model(flags.folder, kind, shown_by(bar), stop));
    bar.clear();
    fmt::print("{} holds a model of random weights. It is for timing alone: --model {}.\n",
               flags.folder.string(), flags.folder.string());
    return {};
}

Result<void> prepare(const ModelsFlags& flags, const StopToken& stop) {
    C2C_TRY(const StudioOptions options, studio_options(flags.engine));
    nn::set_threads(flags.engine.threads);
    ProgressBar bar(true);
    C2C_TRY(const std::size_t made, prepare_prompts(options.model, options.engine, shown_by(bar), stop));
    bar.clear();
    fmt::print("{} texts were encoded; {} needs its text encoders for words of your own only.\n", made,
               flags.engine.model);
    return {};
}

/// Every file and where it would come from, for those who download by other means.
void print_urls(const FetchOptions& options) {
    for (const PublishedFile& file : published_files(options.full))
        fmt::print("{:<54}{}{}\n", file.places.front().local.generic_string(),
                   url_of(options.source, file.repository, file.places.front()),
                   file.needed ? "" : "  (optional)");
}

Result<void> fetch(const ModelsFlags& flags, const StopToken& stop) {
    const FetchOptions options{model_source(flags.source), flags.sha256_list, flags.full};
    if (flags.urls) {
        print_urls(options);
        return {};
    }
    ModelsFlags added = flags;
    if (added.name.empty())
        added.name = "sdxl-turbo";
    C2C_TRY(fs::path folder, new_model_folder(added.name, overwrite_of(flags)));
    if (!flags.folder.empty())
        folder = fs::absolute(flags.folder);
    ProgressBar bar(true);
    C2C_TRY(const auto files, fetch_model(folder, options, shown_by(bar), stop));
    bar.clear();
    std::vector<std::string> unknown;
    std::uint64_t bytes = 0;
    for (const FetchedFile& file : files) {
        bytes += file.url.empty() ? 0 : file.bytes;
        if (!file.url.empty() && !file.checked)
            unknown.push_back(file.local.generic_string());
    }
    fmt::print("Downloaded {} into {}.\n", human_size(bytes), folder.string());
    if (!unknown.empty())
        fmt::print("Note: nobody told the SHA-256 of {}; they are as they came.\n", fmt::join(unknown, ", "));
    added.places = {folder};
    return add(added, stop);
}

} // namespace

CLI::App* add_models(CLI::App& app, ModelsFlags& flags) {
    CLI::App* models = app.add_subcommand(
        "models", "Models: download, add, prepare, list, check, remove, make a random one");
    models->require_subcommand(1);

    flags.add =
        models->add_subcommand("add", "Finds a published model's parts wherever they lie and registers them");
    flags.add
        ->add_option("places", flags.places, "Folders (Hugging Face's cache, diffusers, ComfyUI) and files")
        ->required()
        ->type_name("DIR");
    flags.add->add_option("--name", flags.name, "Name for --model (default: the first folder's)");
    flags.add->add_flag("--overwrite", flags.overwrite, "Take the place of a model of that name");

    flags.list = models->add_subcommand("list", "The models that --model knows by name");
    flags.list->add_flag("--json", flags.json, "One line of JSON a model");

    flags.check = models->add_subcommand("check", "Reads every file: hashes, shapes, whether the parts fit");
    flags.check->add_option("model", flags.name, "Name or folder")->required()->type_name("MODEL");

    flags.remove = models->add_subcommand("remove", "Forgets a name; weights are left alone");
    flags.remove->add_option("name", flags.name, "Name")->required()->type_name("NAME");

    flags.random =
        models->add_subcommand("random", "Writes a model of random weights, to time the real thing");
    flags.random->add_option("folder", flags.folder, "New folder")->required()->type_name("DIR");
    flags.random->add_option("--like", flags.like, "Whose sizes")
        ->check(CLI::IsMember({"sdxl-turbo"}))
        ->capture_default_str();
    flags.random->add_option("--precision", flags.precision, "fp16, bf16 or fp32")
        ->check(CLI::IsMember({"fp16", "bf16", "fp32"}))
        ->capture_default_str();
    flags.random->add_flag("--tiny", flags.tiny, "Small networks of the same kinds, for tests");

    flags.fetch = models->add_subcommand(
        "fetch", "Downloads the full method's published files (some 10 GB) and adds them; goes on where an "
                 "earlier run stopped");
    flags.fetch->add_option("folder", flags.folder, "Folder to fill (default: beside the added models)")
        ->type_name("DIR");
    flags.fetch
        ->add_option(
            "--from", flags.source,
            "Source: a mirror of huggingface.co with {repository} and {path} in it, or a folder in a "
            "model's layout (default: $C2C_MODEL_SOURCE, ~/.config/cradle2cane/model_source, "
            "huggingface.co)")
        ->type_name("URL");
    flags.fetch->add_option("--sha256", flags.sha256_list, "What sha256sum says of the files")
        ->type_name("FILE");
    flags.fetch->add_option("--name", flags.name, "Name for --model (default: sdxl-turbo)");
    flags.fetch->add_flag("--full", flags.full, "fp32 weights where there are some, twice the size");
    flags.fetch->add_flag("--overwrite", flags.overwrite, "Take the place of a model of that name");
    flags.fetch->add_flag("--urls", flags.urls, "Only print what would come from where");

    flags.prepare = models->add_subcommand(
        "prepare", "Encodes the prompts of all ages ahead, so that the text encoders need not be loaded");
    flags.prepare->add_option("model", flags.engine.model, "Name or folder")->required()->type_name("MODEL");
    flags.prepare->add_option("--device", flags.engine.device, "auto, cpu, cuda or cuda:N")
        ->capture_default_str();
    flags.prepare->add_option("--precision", flags.engine.precision, "auto, fp32, bf16 or fp16")
        ->check(CLI::IsMember({"auto", "fp32", "bf16", "fp16"}))
        ->capture_default_str();
    flags.prepare->add_option("--threads", flags.engine.threads, "Threads to use (0: all cores)");
    return models;
}

int run_models(const ModelsFlags& flags, const StopToken& stop) {
    const Result<void> done = *flags.add       ? add(flags, stop)
                              : *flags.list    ? list(flags)
                              : *flags.check   ? check(flags, stop)
                              : *flags.remove  ? remove(flags)
                              : *flags.fetch   ? fetch(flags, stop)
                              : *flags.prepare ? prepare(flags, stop)
                                               : random(flags, stop);
    return done ? 0 : complain(done.error());
}

} // namespace c2c::cli
