#include "core/weights/references.h"

#include "core/base/files.h"
#include "core/weights/mapped_file.h"
#include "core/weights/strict_json.h"

#include <fstream>

namespace fs = std::filesystem;

namespace c2c {
namespace {

constexpr const char* kFormat = "cradle2cane-parts";

Result<nlohmann::json> read_json(const fs::path& file) {
    C2C_TRY(const MappedFile mapped, map_file(file));
    const auto json =
        parse_strict_json({reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size()});
    if (!json)
        return fail(ErrorKind::Model, "{} cannot be read: {}; add the model again.", file.string(),
                    json.error());
    return *json;
}

std::string text(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

} // namespace

bool is_references(const fs::path& manifest) {
    std::error_code ignored;
    if (!fs::exists(manifest, ignored))
        return false;
    const auto json = read_json(manifest);
    return json && text(*json, "format") == kFormat;
}

std::string reference(const fs::path& folder, const fs::path& file) {
    const fs::path here = fs::absolute(folder).lexically_normal(),
                   there = fs::absolute(file).lexically_normal();
    const fs::path relative = there.lexically_relative(here);
    return !relative.empty() && *relative.begin() != ".." ? relative.string() : there.string();
}

Result<ModelFolder> read_references(const fs::path& folder, std::span<const ModelPart> parts) {
    const fs::path file = folder / kManifest;
    C2C_TRY(const nlohmann::json json, read_json(file));
    const auto wrong = [&](std::string_view what) {
        return fail(ErrorKind::Model, "{} cannot be used: {}; add the model again.", file.string(), what);
    };
    if (json.value("format_version", nlohmann::json()) != 1)
        return wrong("its format_version is not 1");
    if (!json.contains("parts") || !json["parts"].is_object() || !json.contains("files") ||
        !json["files"].is_object())
        return wrong("it has no parts or no files");
    ModelFolder model;
    model.folder = folder;
    model.name = text(json, "name");
    for (const ModelPart& part : parts) {
        const std::string path = text(json["parts"], std::string(part.name).c_str());
        if (path.empty() && part.needed)
            return wrong(fmt::format("it does not say where {} is", part.name));
        if (path.empty())
            continue;
        model.*part.place = folder / path; // an absolute path stands for itself
        std::error_code ignored;
        const fs::path& place = model.*part.place;
        if (!fs::exists(part.proof.empty() ? place : place / part.proof, ignored))
            return fail(ErrorKind::Model,
                        "{} is not there any more, to which {} refers; put it back or add "
                        "the model again.",
                        place.string(), file.string());
    }
    for (const auto& [name, entry] : json["files"].items()) {
        const bool known = entry.is_object() && entry.contains("bytes") &&
                           entry["bytes"].is_number_unsigned() && text(entry, "sha256").size() == 64;
        if (!known)
            return wrong(fmt::format("files.{} lacks bytes or sha256", name));
        model.files[name] = {entry["bytes"].get<std::uint64_t>(), text(entry, "sha256")};
    }
    return model;
}

Result<void> write_reference_manifest(const ModelFolder& model, std::span<const ModelPart> parts) {
    nlohmann::ordered_json json = {{"format", kFormat}, {"format_version", 1}, {"name", model.name}};
    for (const ModelPart& part : parts)
        if (!(model.*part.place).empty())
            json["parts"][part.name] = reference(model.folder, model.*part.place);
    for (const auto& [name, entry] : model.files)
        json["files"][name] = {{"bytes", entry.bytes}, {"sha256", entry.sha256}};
    return write_atomically(
        model.folder / kManifest, Overwrite::Yes, [&](const fs::path& temporary) -> Result<void> {
            std::ofstream out(temporary);
            out << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
            out.close();
            if (!out)
                return fail(ErrorKind::Output, "{} could not be written; check the free space.",
                            (model.folder / kManifest).string());
            return {};
        });
}

} // namespace c2c
