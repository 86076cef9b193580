#include "core/nn/lora.h"

#include "core/nn/guard.h"
#include "core/weights/torch_zip.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <array>

namespace c2c::nn {
namespace {

enum class Part { Down, Up, Alpha, None };

struct Name {
    Part part = Part::None;
    std::string layer;
};

/// "unet.a.to_q.lora_A.default.weight" → Down of "a.to_q".
Name parse(std::string_view key) {
    struct Mark {
        std::string_view text;
        Part part;
    };
    static constexpr std::array<Mark, 6> kMarks = {{{".lora.down.", Part::Down},
                                                    {".lora.up.", Part::Up},
                                                    {".lora_A.", Part::Down},
                                                    {".lora_B.", Part::Up},
                                                    {".lora_down.", Part::Down},
                                                    {".lora_up.", Part::Up}}};
    for (const std::string_view prefix : {"base_model.model.", "unet."})
        if (key.starts_with(prefix))
            key.remove_prefix(prefix.size());
    if (key.starts_with("text_encoder"))
        return {};
    for (const Mark& mark : kMarks)
        if (const auto at = key.find(mark.text); at != key.npos && key.ends_with(".weight"))
            return {mark.part, std::string(key.substr(0, at))};
    if (key.ends_with(".alpha"))
        return {Part::Alpha, std::string(key.substr(0, key.size() - 6))};
    return {};
}

} // namespace

Result<Lora> load_lora(const TensorFile& file, std::optional<double> alpha) {
    C2C_TRY(Weights weights, load_weights_as_stored(std::span(&file, 1)));
    Lora lora{std::move(weights), {}};
    std::map<std::string, double> alphas;
    const std::string where = file.file.string();
    for (const std::string& key : lora.weights.names()) {
        const Name name = parse(key);
        if (name.part == Part::Down)
            lora.layers[name.layer].down = key;
        else if (name.part == Part::Up)
            lora.layers[name.layer].up = key;
        else if (name.part == Part::Alpha && lora.weights.tensor(key).numel() == 1)
            alphas[name.layer] = lora.weights.tensor(key).item<double>();
    }
    if (lora.layers.empty())
        return fail(ErrorKind::Model, "{} holds no LoRA for a UNet; choose another file.", where);
    for (auto& [layer, pair] : lora.layers) {
        if (pair.down.empty() || pair.up.empty())
            return fail(ErrorKind::Model,
                        "{}: the LoRA of {} has only one of its two halves; download it again.", where,
                        layer);
        const auto down = lora.weights.tensor(pair.down).sizes(), up = lora.weights.tensor(pair.up).sizes();
        if (down.size() != 2 || up.size() != 2 || down[0] != up[1])
            return fail(ErrorKind::Model, "{}: the LoRA of {} has the shapes {} and {}, which do not fit.",
                        where, layer, shape_text(down.vec()), shape_text(up.vec()));
        const auto rank = static_cast<double>(down[0]);
        const auto own = alphas.find(layer);
        pair.scale = (own != alphas.end() ? own->second : alpha.value_or(rank)) / rank;
    }
    return lora;
}

Result<Lora> load_lora(const std::filesystem::path& safetensors, std::optional<double> alpha) {
    C2C_TRY(const TensorFile file, read_tensors(safetensors));
    return load_lora(file, alpha);
}

namespace {

Result<void> check_fits(const Weights& network, const Lora& lora) {
    for (const auto& [layer, pair] : lora.layers) {
        const std::string name = layer + ".weight";
        if (!network.has(name))
            return fail(ErrorKind::Model,
                        "{} changes the layer {}, which {} does not have; it belongs to another model.",
                        lora.weights.file(), layer, network.file());
        const auto wanted = network.tensor(name).sizes();
        const auto in = lora.weights.tensor(pair.down).size(1), out = lora.weights.tensor(pair.up).size(0);
        if (wanted.size() != 2 || wanted[0] != out || wanted[1] != in)
            return fail(ErrorKind::Model,
                        "{} changes the layer {} as if it had the shape [{}, {}], but it has {}.",
                        lora.weights.file(), layer, out, in, shape_text(wanted.vec()));
    }
    return {};
}

} // namespace

Result<Weights> attach_lora(const Weights& network, const Lora& lora, double strength) {
    C2C_CHECK(check_fits(network, lora));
    return guarded("preparing the LoRA", [&] {
        const c10::InferenceMode no_gradients;
        std::map<std::string, at::Tensor> beside;
        for (const auto& [layer, pair] : lora.layers) {
            const auto options = network.tensor(layer + ".weight").options();
            beside[layer + ".lora_down"] = lora.weights.tensor(pair.down).to(options);
            beside[layer + ".lora_up"] =
                (lora.weights.tensor(pair.up).to(at::kFloat) * (pair.scale * strength)).to(options);
        }
        return network.with(beside);
    });
}

Result<Weights> merge_lora(const Weights& network, const Lora& lora, double strength) {
    C2C_CHECK(check_fits(network, lora));
    return guarded("merging the LoRA", [&] {
        const c10::InferenceMode no_gradients;
        std::map<std::string, at::Tensor> merged;
        for (const auto& [layer, pair] : lora.layers) {
            const at::Tensor& weight = network.tensor(layer + ".weight");
            const at::Tensor change = at::matmul(lora.weights.tensor(pair.up).to(at::kFloat),
                                                 lora.weights.tensor(pair.down).to(at::kFloat)) *
                                      (pair.scale * strength);
            merged[layer + ".weight"] =
                (weight.to(at::kFloat) + change.to(weight.device())).to(weight.scalar_type());
        }
        return network.with(merged);
    });
}

} // namespace c2c::nn
