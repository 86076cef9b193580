#include "core/weights/recognise.h"

#include "core/weights/tokenizer.h"
#include "core/weights/torch_zip.h"
#include "core/weights/weight_files.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <set>

namespace fs = std::filesystem;

namespace c2c {
namespace {

constexpr std::size_t kMostEntries = 500'000; ///< a whole disk was given by mistake
constexpr int kDeepest = 16;

/// What a file or folder is, as a key of model_parts(), and the widths that tell whether it fits.
struct Candidate {
    std::string part;
    fs::path place;
    bool single_file = false;
    std::int64_t in = 0, out = 0; ///< of a projection; `out` is also a text encoder's width
};

using Tensors = std::vector<TensorFile>;

const TensorView* find(const Tensors& files, std::string_view ending) {
    for (const TensorFile& file : files)
        for (const auto& [name, view] : file.tensors)
            if (name.ends_with(ending))
                return &view;
    return nullptr;
}

bool any_starts(const Tensors& files, std::string_view begin) {
    return std::any_of(files.begin(), files.end(), [&](const TensorFile& file) {
        const auto at = file.tensors.lower_bound(begin);
        return at != file.tensors.end() && at->first.starts_with(begin);
    });
}

std::int64_t side(const TensorView* view, std::size_t which) {
    return view && view->shape.size() > which ? view->shape[which] : 0;
}

/// What the tensors are; a note instead when they are a neighbour of what is needed, "" for anything else.
std::optional<Candidate> classify(const Tensors& files, const fs::path& place, std::string& note) {
    const auto is = [&](std::string_view part, std::int64_t in = 0, std::int64_t out = 0) {
        return Candidate{std::string(part), place, false, in, out};
    };
    const auto not_taken = [&](std::string_view why) -> std::optional<Candidate> {
        note = fmt::format("{} {}.", place.string(), why);
        return {};
    };
    if (any_starts(files, "model.diffusion_model.") || any_starts(files, "first_stage_model."))
        return not_taken(
            "is a checkpoint with all networks in one file; this program reads the folders unet, vae, "
            "text_encoder and text_encoder_2 as stabilityai/sdxl-turbo publishes them");
    if (any_starts(files, "lora_unet_"))
        return not_taken("is a LoRA in kohya's spelling, not Cradle2Cane's");
    for (const std::string_view down : {".lora.down.weight", ".lora_A.weight", ".lora_A.default.weight"})
        if (find(files, down))
            return is("pytorch_lora_weights.safetensors");
    if (const TensorView* tokens = find(files, "attn2.to_k.weight");
        tokens && any_starts(files, "down_blocks.")) {
        if (find(files, "add_embedding.linear_1.weight"))
            return is("unet");
        return not_taken(side(tokens, 1) == 768    ? "is the UNet of Stable Diffusion 1.5, not SDXL-Turbo's"
                         : side(tokens, 1) == 1024 ? "is the UNet of Stable Diffusion 2, not SDXL-Turbo's"
                                                   : "is another model's UNet, not SDXL-Turbo's");
    }
    if (find(files, "encoder.conv_in.weight") && find(files, "decoder.conv_in.weight")) {
        if (side(find(files, "decoder.conv_in.weight"), 1) == 4)
            return is("vae");
        return not_taken("is the autoencoder of another model");
    }
    if (any_starts(files, "decoder.layers.") && any_starts(files, "encoder.layers."))
        // That of Stable Diffusion 1.5 has the same shapes: only the name tells.
        return place.string().find("taesdxl") != std::string::npos ||
                       place.string().find("vae_preview") != std::string::npos
                   ? std::optional(is("taesdxl"))
                   : std::nullopt;
    const TensorView* words = find(files, "embeddings.token_embedding.weight");
    const TensorView* projection = find(files, "text_projection.weight");
    const TensorView* vision = find(files, "visual_projection.weight");
    if (vision && words && projection)
        return is("clip", 0, side(vision, 0));
    if (words && !vision)
        return is(projection ? "text_encoder_2" : "text_encoder", 0, side(words, 1));
    if (vision)
        return not_taken("is CLIP without its text half; openai/clip-vit-large-patch14 has both");
    if (find(files, "layer1.0.conv1.weight") && find(files, "features.running_mean"))
        return is("backbone.pth", 0, side(find(files, "fc.weight"), 1));
    if (find(files, "layers.0.weight") && find(files, "fc_out.weight"))
        return is("project", side(find(files, "layers.0.weight"), 1));
    return {};
}

/// Goes through the places and keeps what it knows.
class Search {
  public:
    explicit Search(const StopToken& stop) : stop_(stop) {}
    std::vector<Candidate> found;
    std::vector<std::string> notes;

    Result<void> go(const fs::path& place, int depth = 0) {
        if (stop_.stop_requested())
            return cancelled();
        std::error_code error;
        const fs::path real = fs::canonical(place, error);
        if (error || !seen_.insert(real).second || depth > kDeepest)
            return {};
        if (!fs::is_directory(real, error)) {
            look_at_file(place);
            return {};
        }
        std::set<fs::path> files, folders;
        for (const fs::directory_entry& entry :
             fs::directory_iterator(place, fs::directory_options::skip_permission_denied, error)) {
            if (++entries_ > kMostEntries)
                return fail(ErrorKind::Usage, "{} holds too many files; name the folders of the models.",
                            place.string());
            (entry.is_directory(error) ? folders : files).insert(entry.path());
        }
        const bool network = look_at_folder(place, files);
        for (const fs::path& file : files)
            if (!(network && is_network_file(file)))
                look_at_file(file);
        const std::string current = place.filename() == "snapshots" ? main_snapshot(place) : std::string();
        for (const fs::path& folder : folders) {
            const std::string name = folder.filename().string();
            if (name == "blobs" || name == ".no_exist" || name == ".locks" || name == ".git" ||
                (!current.empty() && name != current))
                continue;
            C2C_CHECK(go(folder, depth + 1));
        }
        return {};
    }

  private:
    /// Hugging Face's cache names the present one of several snapshots in refs/main.
    static std::string main_snapshot(const fs::path& snapshots) {
        std::ifstream in(snapshots.parent_path() / "refs/main");
        std::string name;
        in >> name;
        std::error_code ignored;
        return !name.empty() && fs::is_directory(snapshots / name, ignored) ? name : std::string();
    }

    static bool is_weights(const fs::path& file) {
        constexpr std::array<std::string_view, 4> kSuffixes = {".safetensors", ".bin", ".pth", ".pt"};
        return std::find(kSuffixes.begin(), kSuffixes.end(), file.extension()) != kSuffixes.end();
    }
    /// One of the names that a config.json's own weights have.
    static bool is_network_file(const fs::path& file) {
        const std::string name = file.filename().string();
        return is_weights(file) && (name.starts_with("diffusion_pytorch_model") ||
                                    name.starts_with("model") || name.starts_with("pytorch_model"));
    }

    void take(const Tensors& tensors, const fs::path& place, bool single_file) {
        std::string note;
        if (auto candidate = classify(tensors, place, note)) {
            candidate->single_file = single_file;
            found.push_back(*std::move(candidate));
        } else if (!note.empty()) {
            notes.push_back(std::move(note));
        }
    }

    /// A folder with a config.json of a network, a scheduler or a tokenizer; true when the first.
    bool look_at_folder(const fs::path& folder, const std::set<fs::path>& files) {
        if (files.contains(folder / "scheduler_config.json"))
            found.push_back({"scheduler", folder / "scheduler_config.json"});
        if (files.contains(folder / "hparams.yml"))
            found.push_back({"hparams.yml", folder / "hparams.yml"});
        if (files.contains(folder / "merges.txt")) {
            if (const auto tokenizer = Tokenizer::load(folder))
                found.push_back({tokenizer->pad() == tokenizer->end() ? "tokenizer" : "tokenizer_2", folder});
            else
                notes.push_back(tokenizer.error().text);
        }
        if (!files.contains(folder / "config.json") ||
            std::none_of(files.begin(), files.end(), [](const fs::path& f) {
                return is_network_file(f) || f.filename().string().find(".index.") != std::string::npos;
            }))
            return false;
        if (const auto tensors = read_weight_files(folder))
            take(*tensors, folder, false);
        else
            notes.push_back(tensors.error().text);
        return true;
    }

    void look_at_file(const fs::path& file) {
        if (!is_weights(file))
            return;
        if (auto tensors = read_tensors(file))
            take({*std::move(tensors)}, file, true);
        else
            notes.push_back(tensors.error().text);
    }

    const StopToken& stop_;
    std::set<fs::path> seen_;
    std::size_t entries_ = 0;
};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

/// How sure it is that this is the published part: its path names the publisher's repository, or it lies with
/// the UNet.
int trust(const Candidate& candidate, const ModelPart& part, const fs::path& unet) {
    const std::string repository(part.source.substr(part.source.find('/') + 1));
    int points = lower(candidate.place.string()).find(lower(repository)) != std::string::npos ? 4 : 0;
    const bool below_unet = !unet.empty() && candidate.place.parent_path() == unet.parent_path();
    const bool beside_unet =
        below_unet || (!unet.empty() && candidate.place.parent_path().parent_path() == unet.parent_path());
    points += beside_unet ? 2 : 0;
    return points + (candidate.place.filename() == fs::path(part.name) ? 1 : 0);
}

} // namespace

Result<Recognised> find_model_parts(std::span<const fs::path> places, const Progress& progress,
                                    const StopToken& stop) {
    Search search(stop);
    for (std::size_t i = 0; i < places.size(); ++i) {
        std::error_code ignored;
        if (!fs::exists(places[i], ignored))
            return fail(ErrorKind::Usage, "{} is not there; name a folder or a file.", places[i].string());
        report(progress, static_cast<double>(i) / static_cast<double>(places.size()),
               "looking through " + places[i].string());
        C2C_CHECK(search.go(fs::absolute(places[i]).lexically_normal()));
    }
    // The two identity projections differ in what they take in: ArcFace's map or CLIP's feature.
    std::set<std::int64_t> maps;
    for (const Candidate& candidate : search.found)
        if (candidate.part == "backbone.pth")
            maps.insert(candidate.out);
    for (Candidate& candidate : search.found)
        if (candidate.part == "project")
            candidate.part = maps.contains(candidate.in) || (maps.empty() && candidate.in > 8192)
                                 ? "face_project.bin"
                                 : "clip_project.bin";

    Recognised result;
    result.notes = std::move(search.notes);
    for (const ModelPart& part : model_parts()) {
        std::vector<const Candidate*> fitting;
        for (const Candidate& candidate : search.found)
            if (candidate.part == part.name)
                fitting.push_back(&candidate);
        const auto best =
            std::max_element(fitting.begin(), fitting.end(), [&](const Candidate* a, const Candidate* b) {
                return trust(*a, part, result.model.unet) < trust(*b, part, result.model.unet);
            });
        if (best == fitting.end()) {
            if (part.needed)
                result.missing.push_back(part);
            continue;
        }
        result.model.*part.place = (*best)->place;
        if ((*best)->single_file && !part.proof.empty())
            result.single_files[std::string(part.name)] = (*best)->place;
        for (const Candidate* other : fitting)
            if (other != *best && part.proof != "merges.txt" && part.needed)
                result.notes.push_back(fmt::format("{} would do as {} too; {} was taken.",
                                                   other->place.string(), part.name,
                                                   (*best)->place.string()));
    }
    return result;
}

} // namespace c2c
