#include "core/fetch/published_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace fs = std::filesystem;

namespace c2c {
namespace {

constexpr const char* kTurbo = "stabilityai/sdxl-turbo";
constexpr const char* kVae = "madebyollin/sdxl-vae-fp16-fix";
constexpr const char* kPreview = "madebyollin/taesdxl";
constexpr const char* kClip = "openai/clip-vit-large-patch14";
constexpr const char* kOurs = "byliutao/Cradle2Cane";
constexpr const char* kHuggingFace = "https://huggingface.co/{repository}/resolve/main/{path}";

/// A file of a part's folder, which lies in `from` in its repository.
PublishedFile file(const char* repository, const std::string& from, const fs::path& to,
                   const std::vector<std::string>& names, bool needed = true) {
    PublishedFile published{repository, {}, needed};
    for (const std::string& name : names)
        published.places.push_back({from + name, to / name});
    return published;
}

/// A file at the top of a model folder. The published program looks for it in models/Cradle2Cane and models,
/// which is how its repository is downloaded; a safetensors copy of it would do as well.
PublishedFile own_file(const std::string& name, bool needed = true) {
    PublishedFile published{kOurs, {{"Cradle2Cane/" + name, name}, {name, name}}, needed};
    const fs::path plain = fs::path(name).replace_extension(".safetensors");
    if (needed && plain != name)
        published.places.push_back({plain.string(), plain});
    return published;
}

fs::path config_dir() {
    if (const char* config = std::getenv("XDG_CONFIG_HOME"); config && *config)
        return fs::path(config) / "cradle2cane";
    const char* home = std::getenv("HOME");
    return fs::path(home && *home ? home : "/") / ".config/cradle2cane";
}

} // namespace

std::vector<PublishedFile> published_files(bool full) {
    const auto weights = [full](const std::string& stem) {
        std::vector<std::string> names = {stem + ".fp16.safetensors", stem + ".safetensors"};
        if (full)
            std::reverse(names.begin(), names.end());
        return names;
    };
    const std::string diffusion = "diffusion_pytorch_model";
    std::vector<PublishedFile> files = {
        file(kTurbo, "scheduler/", "scheduler", {"scheduler_config.json"}),
        file(kTurbo, "unet/", "unet", {"config.json"}),
        file(kTurbo, "text_encoder/", "text_encoder", {"config.json"}),
        file(kTurbo, "text_encoder_2/", "text_encoder_2", {"config.json"}),
        file(kVae, "", "vae", {"config.json"}),
        file(kClip, "", "clip", {"config.json"}),
        file(kPreview, "", "taesdxl", {"config.json"}, false),
    };
    for (const std::string tokenizer : {"tokenizer", "tokenizer_2"})
        for (const std::string name :
             {"merges.txt", "vocab.json", "tokenizer_config.json", "special_tokens_map.json"})
            files.push_back(file(kTurbo, tokenizer + "/", tokenizer, {name}, name == "merges.txt"));
    files.push_back(own_file("hparams.yml", false));
    files.push_back(own_file("pytorch_lora_weights.safetensors"));
    files.push_back(own_file("clip_project.bin"));
    files.push_back(own_file("face_project.bin"));
    files.push_back(own_file("backbone.pth"));
    files.push_back(file(kPreview, "", "taesdxl", {diffusion + ".safetensors"}, false));
    files.push_back(file(kVae, "", "vae", {diffusion + ".safetensors"}));
    files.push_back(file(kTurbo, "text_encoder/", "text_encoder", weights("model")));
    files.push_back(file(kTurbo, "text_encoder_2/", "text_encoder_2", weights("model")));
    files.push_back(file(kClip, "", "clip", {"model.safetensors"}));
    files.push_back(file(kTurbo, "unet/", "unet", weights(diffusion)));
    return files;
}

std::string model_source(const std::string& given) {
    std::string source = given;
    if (const char* set = std::getenv("C2C_MODEL_SOURCE"); source.empty() && set)
        source = set;
    if (source.empty()) {
        std::ifstream in(config_dir() / "model_source");
        std::getline(in, source);
    }
    if (source.empty())
        return kHuggingFace;
    while (source.ends_with('/'))
        source.pop_back();
    return source;
}

bool is_folder_source(const std::string& source) {
    return source.find("{path}") == source.npos;
}

std::string url_of(const std::string& source, const std::string& repository,
                   const PublishedFile::Place& place) {
    if (is_folder_source(source))
        return fmt::format("{}/{}", source, place.local.generic_string());
    std::string url = source;
    for (const auto& [word, meant] :
         {std::pair<std::string, std::string>("{repository}", repository), {"{path}", place.path}})
        if (const auto at = url.find(word); at != url.npos)
            url.replace(at, word.size(), meant);
    return url;
}

} // namespace c2c
