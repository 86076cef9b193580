#include "core/weights/manifest.h"

#include "core/base/sha256.h"
#include "core/weights/mapped_file.h"
#include "core/weights/strict_json.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <future>

namespace c2c {
namespace {

using nlohmann::json;

/// What is wrong with the manifest, thrown between the helpers below and caught in read_manifest.
struct Wrong {
    std::string text;
};

/// A JSON object with its dotted name, so that an error can say "pass2.svr.alpha".
class Node {
  public:
    Node(const json& object, std::string name) : object_(object), name_(std::move(name)) {
        if (!object_.is_object())
            throw Wrong{fmt::format("{} is not an object", name_.empty() ? "it" : name_)};
    }
    std::string dotted(const char* key) const { return name_.empty() ? key : name_ + "." + key; }
    bool has(const char* key) const { return object_.contains(key) && !object_[key].is_null(); }
    const json& at(const char* key) const {
        if (!has(key))
            throw Wrong{fmt::format("{} is missing", dotted(key))};
        return object_[key];
    }
    Node child(const char* key) const { return {at(key), dotted(key)}; }
    const json& array(const char* key) const {
        if (!at(key).is_array())
            throw Wrong{fmt::format("{} is not a list", dotted(key))};
        return at(key);
    }
    std::string text(const char* key) const {
        if (!at(key).is_string())
            throw Wrong{fmt::format("{} is not text", dotted(key))};
        return at(key).get<std::string>();
    }
    std::string text_or(const char* key, std::string otherwise) const {
        return has(key) ? text(key) : otherwise;
    }
    double number(const char* key, double low, double high) const {
        return number(at(key), dotted(key), low, high);
    }
    double number_or(const char* key, double otherwise, double low, double high) const {
        return has(key) ? number(key, low, high) : otherwise;
    }
    int whole(const char* key, int low, int high) const {
        const double value = number(key, low, high);
        if (value != std::floor(value))
            throw Wrong{fmt::format("{} is not a whole number", dotted(key))};
        return static_cast<int>(value);
    }
    int whole_or(const char* key, int otherwise, int low, int high) const {
        return has(key) ? whole(key, low, high) : otherwise;
    }
    static double number(const json& value, const std::string& name, double low, double high) {
        if (!value.is_number())
            throw Wrong{fmt::format("{} is not a number", name)};
        const double number = value.get<double>();
        if (!(number >= low && number <= high))
            throw Wrong{fmt::format("{} is {}, outside {} to {}", name, number, low, high)};
        return number;
    }
    const json& raw() const { return object_; }

  private:
    const json& object_;
    std::string name_;
};

/// The path as given, when it may be followed.
std::string checked_path(const std::string& text, const std::string& name, ManifestPaths allowed) {
    const std::filesystem::path path(text);
    if (text.empty())
        return text;
    if (text.find('\0') != std::string::npos)
        throw Wrong{fmt::format("{} holds a zero byte", name)};
    if (path.is_absolute() && allowed == ManifestPaths::Anywhere)
        return text;
    if (path.is_absolute() || *path.lexically_normal().begin() == "..")
        throw Wrong{fmt::format("{} leads out of the model's folder ({})", name, text)};
    return text;
}

Template read_template(const Node& node) {
    Template shape;
    shape.size = node.whole("size", 16, 8192);
    shape.quad_scale = node.number_or("quad_scale", 1, 0.1, 10);
    shape.prefilter = node.number_or("prefilter", 0, 0, 10);
    if (node.has("border")) {
        const json& border = node.at("border");
        if (border == "reflect_blur")
            return shape;
        if (!border.is_array() || border.size() != 3)
            throw Wrong{"template.border is neither three numbers nor \"reflect_blur\""};
        shape.border = Template::Border::Color;
        for (std::size_t i = 0; i < 3; ++i)
            shape.border_color[i] = static_cast<float>(Node::number(border[i], "template.border", 0, 255));
    }
    return shape;
}

std::vector<AdaniLevel> read_adani(const json& list) {
    std::vector<AdaniLevel> levels;
    for (const json& item : list) {
        const Node node(item, fmt::format("adani[{}]", levels.size()));
        levels.push_back({node.number("max_gap", 0, 1000), node.whole("timestep", 0, 999),
                          node.number_or("sigma", 0, 0, 1000)});
        if (levels.size() > 1 && levels.back().max_gap <= levels[levels.size() - 2].max_gap)
            throw Wrong{"adani's levels do not rise in max_gap"};
    }
    return levels;
}

Pass2 read_pass2(const Node& node, ManifestPaths paths) {
    Pass2 pass;
    pass.timestep = node.whole_or("timestep", 249, 0, 999);
    pass.sigma = node.number_or("sigma", 0, 0, 1000);
    if (node.has("lora_alpha"))
        pass.lora_alpha = node.number("lora_alpha", 0, 1e6);
    const auto part = [&](const char* key) {
        return checked_path(node.text_or(key, ""), node.dotted(key), paths);
    };
    pass.lora = part("lora");
    pass.face_project = part("face_project");
    pass.clip_project = part("clip_project");
    pass.face_embedder = part("face_embedder");
    pass.image_encoder = part("image_encoder");
    pass.text_features = part("text_features");
    if (node.has("svr")) {
        const Node svr = node.child("svr");
        pass.svr = {svr.whole_or("n", 0, 0, 3), svr.number_or("alpha", 0.01, 0, 10),
                    svr.number_or("beta", 1.1, 0, 100)};
    }
    return pass;
}

std::map<std::string, FileEntry> read_files(const Node& node, ManifestPaths paths) {
    std::map<std::string, FileEntry> files;
    for (const auto& [path, value] : node.raw().items()) {
        const Node file(value, "files." + path);
        FileEntry entry;
        entry.bytes = static_cast<std::uint64_t>(file.number("bytes", 1, 1e15));
        entry.sha256 = file.text("sha256");
        if (entry.sha256.size() != 64 ||
            entry.sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
            throw Wrong{fmt::format("{} is not 64 lower-case hexadecimal digits", file.dotted("sha256"))};
        files[checked_path(path, "files", paths)] = std::move(entry);
    }
    return files;
}

bool allows_commercial_use(const Node& root, const std::string& licence) {
    if (root.has("commercial_use"))
        return root.at("commercial_use") == true;
    return licence.find("research") == std::string::npos && licence.find("NC") == std::string::npos;
}

Manifest read(const json& object, const std::filesystem::path& folder, ManifestPaths paths) {
    const Node root(object, "");
    if (root.text("format") != "cradle2cane-model")
        throw Wrong{"it is not of the format cradle2cane-model"};
    if (const int version = root.whole("format_version", 0, 1'000'000); version != 1)
        throw Wrong{fmt::format("its format_version is {}, this program knows 1", version)};

    Manifest manifest;
    manifest.folder = folder;
    manifest.name = root.text("name");
    manifest.version = root.text_or("version", "");
    manifest.licence = root.text_or("licence", "");
    manifest.licence_note = root.text_or("licence_note", "");
    manifest.commercial_use = allows_commercial_use(root, manifest.licence);
    const std::string base = root.text_or("base", "own_age");
    if (base != "own_age" && base != "reconstruction")
        throw Wrong{fmt::format("base is {}, neither own_age nor reconstruction", base)};
    manifest.base = base == "own_age" ? Manifest::Base::OwnAge : Manifest::Base::Reconstruction;
    manifest.shape = read_template(root.child("template"));
    const Node latent = root.child("latent");
    manifest.latent_channels = latent.whole("channels", 1, 1024);
    manifest.latent_downscale = latent.whole("downscale", 1, 64);
    const Node autoencoder = root.child("autoencoder");
    const auto part = [&](const Node& node, const char* key) {
        return checked_path(node.text_or(key, ""), node.dotted(key), paths);
    };
    manifest.autoencoder = {autoencoder.text("type"), autoencoder.text_or("midblock", ""),
                            part(autoencoder, "encoder"), part(autoencoder, "decoder")};
    manifest.unet = part(root, "unet");
    manifest.prompts = part(root, "prompts");
    manifest.sampler = root.text("sampler");
    for (const json& id : root.array("time_ids"))
        manifest.time_ids.push_back(Node::number(id, "time_ids", -1e6, 1e6));
    manifest.adani = read_adani(root.array("adani"));
    if (manifest.adani.empty())
        throw Wrong{"adani has no level"};
    manifest.pass2 = read_pass2(root.child("pass2"), paths);
    manifest.files = read_files(root.child("files"), paths);
    return manifest;
}

Result<void> verify_file(const std::filesystem::path& path, const FileEntry& entry, Verify depth,
                         const StopToken& stop) {
    const std::string file = path.string();
    const auto broken = [&](std::string_view what) {
        return fail(ErrorKind::Model,
                    "{} is {}; restore it from the model's package or download the model again.", file, what);
    };
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error)
        return broken(std::filesystem::exists(file, error) ? "not a readable file" : "missing");
    if (size != entry.bytes)
        return broken(fmt::format("{} ({} bytes instead of {})", size < entry.bytes ? "truncated" : "altered",
                                  size, entry.bytes));
    if (depth == Verify::Sizes)
        return {};
    C2C_TRY(const std::string hash, sha256_file(file, stop));
    if (hash != entry.sha256)
        return broken("altered (its SHA-256 is not the manifest's)");
    return {};
}

} // namespace

Result<Manifest> read_manifest(const std::filesystem::path& folder, ManifestPaths paths) {
    const auto file = folder / "cradle2cane.json";
    if (std::error_code ignored; !std::filesystem::is_directory(folder, ignored))
        return fail(ErrorKind::Model, "The model folder {} is not there; check the path.", folder.string());
    C2C_TRY(const MappedFile mapped, map_file(file));
    const auto parsed =
        parse_strict_json({reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size()});
    if (!parsed)
        return fail(ErrorKind::Model, "{} cannot be read: {}; restore it from the model's package.",
                    file.string(), parsed.error());
    try {
        return read(*parsed, folder, paths);
    } catch (const Wrong& wrong) {
        return fail(ErrorKind::Model, "{} cannot be used: {}; restore it from the model's package.",
                    file.string(), wrong.text);
    } catch (const json::exception& error) { // a number too large for its type
        return fail(ErrorKind::Model, "{} cannot be used: {}; restore it from the model's package.",
                    file.string(), error.what());
    }
}

Result<void> verify(const Manifest& manifest, Verify depth, const StopToken& stop) {
    return verify(manifest.folder, manifest.files, depth, stop);
}

Result<void> verify(const std::filesystem::path& folder, const std::map<std::string, FileEntry>& entries,
                    Verify depth, const StopToken& stop) {
    // The largest first, two at a time: a cold start waits for the largest file, not for the sum.
    std::vector<std::pair<std::string, FileEntry>> files(entries.begin(), entries.end());
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a.second.bytes > b.second.bytes; });
    std::atomic<std::size_t> next = 0;
    const auto work = [&]() -> Result<void> {
        for (std::size_t i = next++; i < files.size(); i = next++)
            C2C_CHECK(verify_file(folder / files[i].first, files[i].second, depth, stop));
        return {};
    };
    auto other = std::async(std::launch::async, work);
    const Result<void> mine = work();
    const Result<void> others = other.get();
    return mine ? others : mine;
}

std::string model_hash(const Manifest& manifest) {
    return model_hash(manifest.files);
}

std::string model_hash(const std::map<std::string, FileEntry>& files) {
    std::vector<std::string> hashes;
    for (const auto& [name, entry] : files)
        hashes.push_back(entry.sha256);
    std::sort(hashes.begin(), hashes.end());
    std::string text;
    for (const std::string& hash : hashes)
        text += hash + "\n";
    return sha256(std::as_bytes(std::span(text)));
}

} // namespace c2c
