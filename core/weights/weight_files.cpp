#include "core/weights/weight_files.h"

#include "core/weights/mapped_file.h"
#include "core/weights/strict_json.h"
#include "core/weights/torch_zip.h"

#include <algorithm>
#include <array>
#include <optional>

namespace fs = std::filesystem;

namespace c2c {
namespace {

constexpr std::array<std::string_view, 3> kStems = {"diffusion_pytorch_model", "model", "pytorch_model"};

struct Index {
    fs::path file;
    std::map<std::string, std::string> shard_of; ///< by tensor
};

struct Found {
    WeightFiles weights;
    std::optional<Index> index;
};

/// An index: {"weight_map": {tensor: shard}}. A shard is a name in the same folder, never a path.
Result<Index> read_index(const fs::path& file) {
    C2C_TRY(const MappedFile mapped, map_file(file));
    const auto json =
        parse_strict_json({reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size()});
    if (!json || !json->contains("weight_map") || !(*json)["weight_map"].is_object())
        return fail(ErrorKind::Model, "{} is not an index of weight files; download it again.",
                    file.string());
    Index index{file, {}};
    for (const auto& [tensor, shard] : (*json)["weight_map"].items()) {
        const fs::path name = shard.is_string() ? shard.get<std::string>() : std::string();
        if (name.empty() || name != name.filename() || name == "..")
            return fail(ErrorKind::Model, "{} names a file outside its folder; download it again.",
                        file.string());
        index.shard_of[tensor] = name.string();
    }
    if (index.shard_of.empty())
        return fail(ErrorKind::Model, "{} names no weights; download it again.", file.string());
    return index;
}

Result<Found> shards_of(const fs::path& folder, const fs::path& file, bool half) {
    C2C_TRY(Index index, read_index(file));
    Found found{{{}, half, file}, {}};
    for (const auto& [tensor, shard] : index.shard_of) {
        const fs::path path = folder / shard;
        if (std::find(found.weights.files.begin(), found.weights.files.end(), path) !=
            found.weights.files.end())
            continue;
        std::error_code ignored;
        if (!fs::exists(path, ignored))
            return fail(ErrorKind::Model, "{} is missing, which {} needs; download it into the same folder.",
                        path.string(), file.filename().string());
        found.weights.files.push_back(path);
    }
    found.index = std::move(index);
    return found;
}

Result<Found> find(const fs::path& folder, Variant preferred) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
        return fail(ErrorKind::Model, "The folder {} is missing; copy the whole model folder.",
                    folder.string());
    std::array<std::string_view, 2> variants = {"", ".fp16"};
    if (preferred == Variant::Half)
        std::swap(variants[0], variants[1]);
    for (const std::string_view suffix : {".safetensors", ".bin"}) {
        for (const std::string_view variant : variants) {
            for (const std::string_view stem : kStems) {
                const fs::path single = folder / fmt::format("{}{}{}", stem, variant, suffix);
                const fs::path index = folder / fmt::format("{}{}.index{}.json", stem, suffix, variant);
                if (fs::exists(single, ignored))
                    return Found{{{single}, !variant.empty(), {}}, {}};
                if (fs::exists(index, ignored))
                    return shards_of(folder, index, !variant.empty());
            }
        }
    }
    return fail(
        ErrorKind::Model,
        "{} holds no weights (diffusion_pytorch_model.safetensors, model.safetensors or their shards); copy "
        "the whole folder.",
        folder.string());
}

} // namespace

Result<WeightFiles> find_weight_files(const fs::path& folder, Variant preferred) {
    C2C_TRY(Found found, find(folder, preferred));
    return std::move(found.weights);
}

Result<std::vector<TensorFile>> read_weight_files(const fs::path& folder, Variant preferred) {
    C2C_TRY(const Found found, find(folder, preferred));
    std::vector<TensorFile> files;
    for (const fs::path& path : found.weights.files) {
        C2C_TRY(TensorFile file, read_tensors(path));
        files.push_back(std::move(file));
    }
    if (found.index) {
        for (const auto& [tensor, shard] : found.index->shard_of) {
            const auto holder = std::find_if(files.begin(), files.end(),
                                             [&](const TensorFile& f) { return f.file.filename() == shard; });
            if (!holder->tensors.contains(tensor))
                return fail(ErrorKind::Model, "{} lacks tensor {}, which {} promises; download both again.",
                            holder->file.string(), tensor, found.index->file.filename().string());
        }
    }
    return files;
}

} // namespace c2c
