#pragma once

#include "core/base/result.h"
#include "core/nn/device.h"
#include "core/weights/mapped_file.h"
#include "core/weights/safetensors.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace at {
class Tensor;
}

namespace c2c::nn {

/// Thrown inside the room when a network lacks a tensor; guarded() turns it into a Model error.
struct MissingTensor : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The tensors of one network as a tree whose branches are the parts between the dots of their names, so that
/// a network reads like its paper: conv2d(w["conv_in"], x), w["down_blocks"][0]["resnets"][1]. Copies and
/// branches share everything and are cheap.
class Weights {
  public:
    Weights();
    Weights operator[](std::string_view branch) const; ///< may name several levels: "net.0.proj"
    Weights operator[](std::size_t index) const;

    bool has(std::string_view name) const; ///< a tensor of exactly this name below this branch
    const at::Tensor& tensor(std::string_view name) const;  ///< throws MissingTensor
    at::Tensor tensor_or_none(std::string_view name) const; ///< undefined when there is none

    std::vector<std::string> names() const; ///< of all tensors below this branch, in order
    const std::string& file() const;        ///< where they came from, for messages
    std::string path() const;               ///< of this branch, without the last dot

    /// A second tree that shares all tensors but the given ones, which are added or take the place of those
    /// of the same name (names from the root).
    Weights with(const std::map<std::string, at::Tensor>& replaced) const;
    static Weights from(std::map<std::string, at::Tensor> tensors, std::string file,
                        std::vector<MappedFile> mapped = {});

    /// Gives back the memory of the mapped files that tensors are used in; they stay readable
    /// (release_pages).
    void release() const;

  private:
    struct Tree;
    Weights(std::shared_ptr<const Tree> tree, std::string prefix);
    std::shared_ptr<const Tree> tree_;
    std::string prefix_; ///< "" or "down_blocks.0."
};

/// Tensors of one or several (sharded) files. Floating types become `placement.type`; what already has the
/// type and stays on the CPU is used in place in the mapped file, which then lives as long as its tensors.
Result<Weights> load_weights(std::span<const TensorFile> files, const Placement& placement);
Result<Weights> load_weights(const std::filesystem::path& file,
                             const Placement& placement); ///< read_tensors'
/// On the CPU, every tensor in the type that it is stored in.
Result<Weights> load_weights_as_stored(std::span<const TensorFile> files);

/// What a network expects: every tensor's name and shape. Made from a network's config; checks loaded weights
/// and makes random ones.
using Shapes = std::map<std::string, std::vector<std::int64_t>>;

/// A Model error that names the file, the tensor and both shapes; tensors that nobody asks for are only
/// logged.
Result<void> check_shapes(const Weights& weights, const Shapes& expected);

/// A network's result, or a Model error when it holds NaN or infinity: it names the tensor of `weights` at
/// fault where there is one. Weights are not searched when they are loaded, which would read all of a large
/// file.
Result<at::Tensor> check_finite(Result<at::Tensor> result, const Weights& weights);

} // namespace c2c::nn
