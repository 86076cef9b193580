#include "core/weights/registry.h"

#include "core/weights/recognise.h"
#include "core/weights/references.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace fs = std::filesystem;

namespace c2c {
namespace {

bool is_name(const std::string& name) {
    return !name.empty() && name != "nano" && name.front() != '.' && name.find('/') == name.npos &&
           name.find('\0') == name.npos;
}

RegisteredModel look_at(const std::string& name, const fs::path& folder) {
    RegisteredModel model{name, folder, folder_kind(folder), 0, {}};
    std::map<std::string, FileEntry> files;
    if (model.kind == FolderKind::Manifest) {
        if (const auto manifest = read_manifest(folder))
            files = manifest->files;
    } else if (model.kind == FolderKind::References) {
        if (const auto parts = read_references(folder, {})) // no parts: what has moved away is told below
            files = parts->files;
    }
    for (const auto& [file, entry] : files) {
        model.bytes += entry.bytes;
        std::error_code error;
        if (fs::file_size(folder / file, error) != entry.bytes || error)
            model.missing.push_back(folder / file);
    }
    return model;
}

/// What add_model wrote into the model's folder beside the manifest: folders of a config.json and a link.
void remove_stubs(const fs::path& folder) {
    std::error_code ignored;
    for (const ModelPart& part : model_parts()) {
        const fs::path stub = folder / part.name;
        if (part.proof.empty() || !fs::is_directory(stub, ignored))
            continue;
        bool link = false;
        for (const fs::directory_entry& entry : fs::directory_iterator(stub, ignored))
            if (entry.is_symlink(ignored)) {
                link = true;
                fs::remove(entry.path(), ignored);
            }
        if (link)
            fs::remove(stub / "config.json", ignored);
        fs::remove(stub, ignored); // only when it is empty
    }
}

Result<void> write_text(const fs::path& file, std::string_view text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out)
        return fail(ErrorKind::Output, "{} could not be written; check the free space.", file.string());
    return {};
}

Result<fs::path> write_stub(const fs::path& folder, const std::string& part, const fs::path& weights) {
    const fs::path stub = folder / part;
    std::error_code error;
    fs::create_directories(stub, error);
    C2C_CHECK(write_text(stub / "config.json", published_config(part)));
    const std::string stem = part == "unet" || part == "vae" ? "diffusion_pytorch_model" : "model";
    const fs::path link = stub / (weights.extension() == ".safetensors" ? stem + ".safetensors"
                                  : stem == "model"                     ? "pytorch_model.bin"
                                                                        : stem + ".bin");
    fs::remove(link, error);
    fs::create_symlink(weights, link, error);
    if (error)
        return fail(ErrorKind::Output, "{} could not be linked to {} ({}); choose another data folder.",
                    weights.string(), link.string(), error.message());
    return stub;
}

Result<void> fill_in(Recognised& found, const fs::path& folder,
                     const std::function<Result<void>(const ModelFolder&)>& check, const Progress& progress,
                     const StopToken& stop) {
    for (const ModelPart& part : model_parts())
        if (const auto single = found.single_files.find(std::string(part.name));
            single != found.single_files.end()) {
            if (published_config(part.name).empty()) {
                found.model.*part.place = fs::path();
                continue;
            }
            C2C_TRY(found.model.*part.place, write_stub(folder, single->first, single->second));
        }
    C2C_CHECK(check_model_folder(found.model));
    if (check)
        C2C_CHECK(check(found.model));
    return write_references(found.model, progress, stop);
}

/// What is missing and where it is published, and the first of what was seen instead; all of that is in the
/// log.
tl::unexpected<Error> not_found(const Recognised& found, std::span<const fs::path> places) {
    constexpr std::size_t kShown = 2;
    std::vector<std::string> names, lacking;
    for (const fs::path& place : places)
        names.push_back(place.string());
    std::map<std::string_view, std::vector<std::string_view>> by_source;
    for (const ModelPart& part : found.missing)
        by_source[part.source].push_back(part.name);
    for (const auto& [source, parts] : by_source)
        lacking.push_back(fmt::format("{} ({})", fmt::join(parts, ", "), source));
    const auto shown = std::span(found.notes).first(std::min(kShown, found.notes.size()));
    auto error = fail(
        ErrorKind::Model, "{} lacks {}; download it from the place in brackets on huggingface.co.{}{}",
        fmt::join(names, ", "), fmt::join(lacking, ", "), shown.empty() ? "" : " ", fmt::join(shown, " "));
    error.value().detail = fmt::format("{}", fmt::join(found.notes, "\n"));
    return error;
}

} // namespace

fs::path registry_dir() {
    if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data)
        return fs::path(data) / "cradle2cane/models";
    const char* home = std::getenv("HOME");
    return fs::path(home && *home ? home : "/") / ".local/share/cradle2cane/models";
}

std::vector<RegisteredModel> registered_models() {
    std::vector<RegisteredModel> models = {look_at("nano", models_dir() / "nano")};
    std::error_code ignored;
    std::vector<fs::path> folders;
    for (const fs::directory_entry& entry : fs::directory_iterator(registry_dir(), ignored))
        if (fs::exists(entry.path() / kManifest, ignored))
            folders.push_back(entry.path());
    std::sort(folders.begin(), folders.end());
    for (const fs::path& folder : folders)
        models.push_back(look_at(folder.filename().string(), folder));
    return models;
}

Result<fs::path> resolve_model(const std::string& name) {
    std::error_code ignored;
    const bool folder = fs::is_directory(name, ignored);
    if (folder && folder_kind(name) != FolderKind::None)
        return fs::path(name);
    if (name == "nano")
        return models_dir() / "nano";
    if (is_name(name) && fs::exists(registry_dir() / name / kManifest, ignored))
        return registry_dir() / name;
    if (folder || name.find('/') != name.npos)
        return fs::path(name); // reading it says in full what is wrong
    return fail(
        ErrorKind::Model,
        "There is no model {}; give a folder or one of the names that cradle2cane-cli models list shows.",
        name);
}

Result<fs::path> new_model_folder(const std::string& name, Overwrite overwrite) {
    if (!is_name(name))
        return fail(ErrorKind::Usage, "{} cannot be a model's name; choose another by --name.",
                    name.empty() ? "An empty text" : name);
    const fs::path folder = registry_dir() / name;
    std::error_code ignored;
    if (overwrite == Overwrite::No && fs::exists(folder / kManifest, ignored))
        return fail(ErrorKind::Output, "There is a model {} already; give another --name or --overwrite.",
                    name);
    return folder;
}

Result<AddedModel> add_model(std::span<const fs::path> places, const std::string& name, Overwrite overwrite,
                             const std::function<Result<void>(const ModelFolder&)>& check,
                             const Progress& progress, const StopToken& stop) {
    C2C_TRY(const fs::path folder, new_model_folder(name, overwrite));
    C2C_TRY(Recognised found, find_model_parts(places, progress, stop));
    if (!found.missing.empty())
        return not_found(found, places);
    std::error_code error;
    const bool there = fs::exists(folder, error);
    fs::create_directories(folder, error);
    if (error)
        return fail(ErrorKind::Output, "{} cannot be made ({}); choose another data folder.", folder.string(),
                    error.message());
    found.model.folder = folder;
    found.model.name = name;
    if (auto done = fill_in(found, folder, check, progress, stop); !done) {
        if (!there) {
            remove_stubs(folder);
            fs::remove(folder, error);
        }
        return tl::unexpected(std::move(done).error());
    }
    return AddedModel{std::move(found.model), std::move(found.notes)};
}

Result<fs::path> remove_model(const std::string& name) {
    const fs::path folder = registry_dir() / name;
    std::error_code error;
    if (!is_name(name) || !fs::exists(folder / kManifest, error))
        return fail(ErrorKind::Usage,
                    "There is no added model {}; cradle2cane-cli models list shows their names.", name);
    fs::remove(folder / kManifest, error);
    if (error)
        return fail(ErrorKind::Output, "{} cannot be removed ({}).", (folder / kManifest).string(),
                    error.message());
    remove_stubs(folder);
    fs::remove(folder, error);
    return fs::exists(folder, error) ? folder : fs::path();
}

Result<std::size_t> check_files(const fs::path& folder, const StopToken& stop) {
    if (folder_kind(folder) == FolderKind::Manifest) {
        C2C_TRY(const Manifest manifest, read_manifest(folder));
        C2C_CHECK(verify(manifest, Verify::Hashes, stop));
        return manifest.files.size();
    }
    // Hashes before headers: an altered header is an altered file.
    if (folder_kind(folder) == FolderKind::References) {
        C2C_TRY(const ModelFolder parts, read_references(folder, model_parts()));
        C2C_CHECK(verify(folder, parts.files, Verify::Hashes, stop));
    }
    C2C_TRY(const ModelFolder model, read_model_folder(folder));
    return model.files.size();
}

} // namespace c2c
