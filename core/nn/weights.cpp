#include "core/nn/weights.h"

#include "core/base/log.h"
#include "core/nn/guard.h"
#include "core/nn/torch_types.h"
#include "core/weights/mapped_file.h"
#include "core/weights/torch_zip.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace c2c::nn {

struct Weights::Tree {
    std::map<std::string, at::Tensor, std::less<>> tensors;
    std::string file;
    std::vector<MappedFile> mapped; ///< files that tensors are used in
};

Weights::Weights() : tree_(std::make_shared<Tree>()) {}
Weights::Weights(std::shared_ptr<const Tree> tree, std::string prefix)
    : tree_(std::move(tree)), prefix_(std::move(prefix)) {}

Weights Weights::operator[](std::string_view branch) const {
    return {tree_, fmt::format("{}{}.", prefix_, branch)};
}

Weights Weights::operator[](std::size_t index) const {
    return {tree_, fmt::format("{}{}.", prefix_, index)};
}

bool Weights::has(std::string_view name) const {
    return tree_->tensors.contains(prefix_ + std::string(name));
}

const at::Tensor& Weights::tensor(std::string_view name) const {
    const auto found = tree_->tensors.find(prefix_ + std::string(name));
    if (found == tree_->tensors.end())
        throw MissingTensor(fmt::format("{} has no tensor {}{}; it is not a file for this network.",
                                        tree_->file, prefix_, name));
    return found->second;
}

at::Tensor Weights::tensor_or_none(std::string_view name) const {
    const auto found = tree_->tensors.find(prefix_ + std::string(name));
    return found == tree_->tensors.end() ? at::Tensor() : found->second;
}

std::vector<std::string> Weights::names() const {
    std::vector<std::string> names;
    for (auto at = tree_->tensors.lower_bound(prefix_);
         at != tree_->tensors.end() && at->first.starts_with(prefix_); ++at)
        names.push_back(at->first.substr(prefix_.size()));
    return names;
}

const std::string& Weights::file() const {
    return tree_->file;
}

std::string Weights::path() const {
    return prefix_.empty() ? prefix_ : prefix_.substr(0, prefix_.size() - 1);
}

Weights Weights::with(const std::map<std::string, at::Tensor>& replaced) const {
    auto tree = std::make_shared<Tree>(*tree_);
    for (const auto& [name, tensor] : replaced)
        tree->tensors.insert_or_assign(name, tensor);
    return {std::move(tree), prefix_};
}

Weights Weights::from(std::map<std::string, at::Tensor> tensors, std::string file,
                      std::vector<MappedFile> mapped) {
    auto tree = std::make_shared<Tree>();
    tree->tensors.insert(std::make_move_iterator(tensors.begin()), std::make_move_iterator(tensors.end()));
    tree->file = std::move(file);
    tree->mapped = std::move(mapped);
    return {std::move(tree), ""};
}

void Weights::release() const {
    for (const MappedFile& file : tree_->mapped)
        release_pages(file.bytes);
}

namespace {

at::Tensor tensor_in_place(const TensorView& view, const std::shared_ptr<const void>& memory) {
    const auto options = at::TensorOptions().dtype(scalar_type(view.type));
    const auto address = reinterpret_cast<std::uintptr_t>(view.bytes.data());
    if (view.bytes.empty() || address % size_of(view.type) != 0) {
        // The format does not promise alignment.
        at::Tensor copy = at::empty(view.shape, options);
        if (!view.bytes.empty())
            std::memcpy(copy.data_ptr(), view.bytes.data(), view.bytes.size());
        return copy;
    }
    return at::from_blob(
        const_cast<std::byte*>(view.bytes.data()), view.shape, [memory](void*) {}, options);
}

bool lies_in(std::span<const std::byte> memory, const at::Tensor& tensor) {
    const auto* const begin = static_cast<const std::byte*>(tensor.data_ptr());
    return tensor.is_cpu() && begin >= memory.data() && begin < memory.data() + memory.size();
}

Result<Weights> load(std::span<const TensorFile> files, Device device, std::optional<DType> wanted) {
    const std::string name = files.empty() ? std::string() : files.front().file.string();
    std::map<std::string, at::Tensor> tensors;
    for (const TensorFile& file : files)
        for (const auto& [key, view] : file.tensors)
            if (view.bytes.empty())
                return fail(ErrorKind::Model, "{}: tensor {} is empty; download the file again.",
                            file.file.string(), key);
    return guarded("loading " + name, [&] {
        const c10::InferenceMode no_gradients;
        for (const TensorFile& file : files)
            for (const auto& [key, view] : file.tensors) {
                at::Tensor tensor = tensor_in_place(view, file.memory);
                const auto type =
                    wanted && tensor.is_floating_point() ? scalar_type(*wanted) : tensor.scalar_type();
                tensor = tensor.to(torch_device(device), type);
                // Measured: convolutions run 1.2 to 1.5 times as fast on NHWC pictures and kernels. In bf16
                // oneDNN turns a kernel over in a fiftieth of its time, which a second gigabyte is not worth.
                const bool in_place = type == at::kBFloat16 && lies_in(file.mapped, tensor);
                if (tensor.dim() == 4 && tensor.size(2) > 1 && !in_place)
                    tensor = tensor.contiguous(at::MemoryFormat::ChannelsLast);
                tensors.insert_or_assign(key, std::move(tensor));
            }
        std::vector<MappedFile> mapped;
        for (const TensorFile& file : files) {
            release_pages(file.mapped); // of what was copied nobody reads the original again
            if (std::any_of(tensors.begin(), tensors.end(),
                            [&](const auto& tensor) { return lies_in(file.mapped, tensor.second); }))
                mapped.push_back({file.memory, file.mapped});
        }
        return Weights::from(std::move(tensors), name, std::move(mapped));
    });
}

} // namespace

Result<Weights> load_weights(std::span<const TensorFile> files, const Placement& placement) {
    return load(files, placement.device, placement.type);
}

Result<Weights> load_weights_as_stored(std::span<const TensorFile> files) {
    return load(files, {}, {});
}

Result<Weights> load_weights(const std::filesystem::path& path, const Placement& placement) {
    C2C_TRY(const TensorFile file, read_tensors(path));
    return load_weights(std::span(&file, 1), placement);
}

Result<void> check_shapes(const Weights& weights, const Shapes& expected) {
    for (const auto& [name, shape] : expected) {
        if (!weights.has(name))
            return fail(ErrorKind::Model, "{} has no tensor {}; it is not a file for this network.",
                        weights.file(), name);
        if (const auto found = weights.tensor(name).sizes().vec(); found != shape)
            return fail(
                ErrorKind::Model,
                "{}: tensor {} has the shape {} where the network needs {}; the file does not belong to "
                "this model.",
                weights.file(), name, shape_text(found), shape_text(shape));
    }
    for (const std::string& name : weights.names())
        if (!expected.contains(name))
            log_debug("{}: tensor {} is not used", weights.file(), name);
    return {};
}

Result<at::Tensor> check_finite(Result<at::Tensor> result, const Weights& weights) {
    if (!result)
        return result;
    const c10::InferenceMode no_gradients;
    if (at::isfinite(*result).all().item<bool>())
        return result;
    for (const std::string& name : weights.names())
        if (const at::Tensor& tensor = weights.tensor(name);
            tensor.is_floating_point() && !at::isfinite(tensor).all().item<bool>())
            return fail(ErrorKind::Model,
                        "{}: tensor {} holds numbers that are not finite; download the file again.",
                        weights.file(), name);
    return fail(ErrorKind::Model, "{} gave numbers that are not finite; try --precision fp32.",
                weights.file());
}

} // namespace c2c::nn
