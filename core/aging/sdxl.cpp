#include "core/aging/parts.h"

#include "core/aging/prompt_bank.h"
#include "core/base/log.h"
#include "core/base/memory.h"
#include "core/base/sha256.h"
#include "core/nn/autoencoder_kl.h"
#include "core/nn/autoencoder_tiny.h"
#include "core/nn/clip_text.h"
#include "core/nn/clip_vision.h"
#include "core/nn/guard.h"
#include "core/nn/iresnet.h"
#include "core/nn/lora.h"
#include "core/nn/mlp.h"
#include "core/nn/scheduler.h"
#include "core/nn/torch_types.h"
#include "core/nn/unet.h"
#include "core/weights/mapped_file.h"
#include "core/weights/model_folder.h"
#include "core/weights/options.h"
#include "core/weights/tokenizer.h"
#include "core/weights/weight_files.h"

#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace c2c {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSteps = 4; ///< of SDXL-Turbo; the strengths .25, .5 and .75 keep the last 1, 2 and 3
constexpr double kWeak = 0.25, kMiddle = 0.5, kStrong = 0.75;

/// The last steps of the sampler for an img2img strength, in the terms of NoiseStep.
Result<NoiseLevel> level_of(const nn::EulerAncestral& scheduler, double strength, double max_gap) {
    C2C_TRY(const std::size_t first, scheduler.first_step(strength));
    NoiseLevel level{max_gap, {}};
    for (std::size_t i = first; i < scheduler.steps(); ++i) {
        const double sigma = scheduler.sigmas[i];
        level.steps.push_back({.timestep = scheduler.timesteps[i],
                               .sigma = sigma,
                               .sigma_down = scheduler.sigma_down(i),
                               .sigma_up = scheduler.sigma_up(i),
                               .input_scale = 1 / std::sqrt(sigma * sigma + 1),
                               .output_scale = sigma});
    }
    return level;
}

/// AdaNI's levels (paper 3.2): the user's thresholds, else those of the model's hparams.yml.
Result<void> set_levels(Parts& parts, const nn::EulerAncestral& scheduler, const ModelFolder& model,
                        const MethodOptions& method) {
    const auto [low, high] =
        method.thresholds.value_or(std::pair(model.age_threshold1, model.age_threshold2));
    if (!(low >= 0 && low <= high))
        return fail(ErrorKind::Usage, "The thresholds {},{} do not rise; give two ages such as 5,20.", low,
                    high);
    constexpr double kAny = std::numeric_limits<double>::infinity();
    C2C_TRY(const NoiseLevel weak, level_of(scheduler, kWeak, low));
    C2C_TRY(const NoiseLevel middle, level_of(scheduler, kMiddle, method.one_threshold ? kAny : high));
    C2C_TRY(const NoiseLevel strong, level_of(scheduler, kStrong, kAny));
    parts.pass1 = {weak, middle};
    if (!method.one_threshold)
        parts.pass1.push_back(strong);
    parts.with_extra_prompt = strong;
    parts.strengths = {weak, middle, strong};
    parts.pass2 = weak;
    return {};
}

/// Everything that texts are turned into, by text and age. What was asked for once is kept, here and in the
/// bank on disk; the encoders are loaded when a text is in neither.
class Texts {
  public:
    static Result<std::shared_ptr<Texts>> load(const ModelFolder& model, const nn::Placement& placement) {
        C2C_TRY(Tokenizer first, Tokenizer::load(model.tokenizer));
        C2C_TRY(Tokenizer second, Tokenizer::load(model.tokenizer_2));
        C2C_TRY(const std::string key, bank_key(model, placement));
        return std::make_shared<Texts>(
            Texts{std::move(first), std::move(second), model, placement, PromptBank(key)});
    }

    bool keep_encoders = true;
    void let_go() { text_ = text_2_ = clip_ = {}; }

    /// Ages between whole years are interpolated.
    Result<Prompt> prompt(Gender gender, double age, const std::string& extra) {
        const double below = std::floor(age), part = age - below;
        C2C_TRY(const Prompt low, whole_prompt(gender, static_cast<int>(below), extra));
        if (part == 0)
            return low;
        C2C_TRY(const Prompt high, whole_prompt(gender, static_cast<int>(below) + 1, extra));
        return Prompt{at::lerp(low.embeds, high.embeds, part), at::lerp(low.pooled, high.pooled, part)};
    }

    /// CLIP's feature of an age, of unit length.
    Result<at::Tensor> feature(double age) {
        const double below = std::floor(age), part = age - below;
        C2C_TRY(const at::Tensor low, whole_feature(static_cast<int>(below)));
        if (part == 0)
            return low;
        C2C_TRY(const at::Tensor high, whole_feature(static_cast<int>(below) + 1));
        const at::Tensor between = at::lerp(low, high, part);
        return at::Tensor(between / between.norm());
    }

  private:
    Texts(Tokenizer first, Tokenizer second, ModelFolder model, nn::Placement placement, PromptBank bank)
        : tokenizer_(std::move(first)), tokenizer_2_(std::move(second)), model_(std::move(model)),
          placement_(placement), bank_(std::move(bank)) {}

    /// Files by size, time and first bytes: what the embeddings depend on.
    static Result<std::string> bank_key(const ModelFolder& model, const nn::Placement& placement) {
        std::string key = fmt::format("1 {} {}\n", nn::text_of(placement.device), text_of(placement.type));
        for (const fs::path& part :
             {model.text_encoder, model.text_encoder_2, model.clip, model.tokenizer, model.tokenizer_2}) {
            std::error_code ignored;
            std::vector<fs::path> files = {part / "config.json", part / "merges.txt", part / "vocab.json",
                                           part / "tokenizer_config.json", part / "special_tokens_map.json"};
            if (part != model.tokenizer && part != model.tokenizer_2) {
                C2C_TRY(
                    const WeightFiles found,
                    find_weight_files(part, placement.type == DType::F32 ? Variant::Full : Variant::Half));
                files.insert(files.end(), found.files.begin(), found.files.end());
            }
            for (const fs::path& file : files) {
                if (!fs::exists(file, ignored))
                    continue;
                C2C_TRY(const MappedFile mapped, map_file(file));
                const auto head = mapped.bytes.first(std::min<std::size_t>(mapped.bytes.size(), 1 << 20));
                key +=
                    fmt::format("{} {} {}\n", mapped.bytes.size(),
                                fs::last_write_time(file, ignored).time_since_epoch().count(), sha256(head));
            }
        }
        return key;
    }

    static Result<nn::ClipText*> loaded(std::optional<nn::ClipText>& encoder, const fs::path& folder,
                                        const nn::Placement& placement) {
        if (!encoder) {
            C2C_TRY(encoder, nn::ClipText::load(folder, placement));
        }
        return &*encoder;
    }

    Result<Prompt> whole_prompt(Gender gender, int age, const std::string& extra) {
        const std::string words =
            fmt::format("a face image of a {} years old {}{}{}", age,
                        gender == Gender::Male ? "male" : "female", extra.empty() ? "" : ", ", extra);
        if (const auto known = prompts_.find(words); known != prompts_.end())
            return known->second;
        const at::Device device = nn::torch_device(placement_.device);
        if (const auto kept = bank_.read(words); kept && kept->size() == 2)
            return prompts_[words] = {(*kept)[0].to(device), (*kept)[1].to(device)};
        C2C_TRY(nn::ClipText* const text, loaded(text_, model_.text_encoder, placement_));
        C2C_TRY(const auto first, (*text)({tokenizer_.encode_padded(words)}));
        if (!keep_encoders)
            text_.reset();
        C2C_TRY(nn::ClipText* const text_2, loaded(text_2_, model_.text_encoder_2, placement_));
        C2C_TRY(const auto second, (*text_2)({tokenizer_2_.encode_padded(words)}));
        if (!keep_encoders)
            text_2_.reset();
        const Prompt prompt{at::cat({first.first, second.first}, 2), second.second};
        if (extra.empty()) // free words would fill the disk
            bank_.write(words, {prompt.embeds, prompt.pooled});
        return prompts_[words] = prompt;
    }

    Result<at::Tensor> whole_feature(int age) {
        if (const auto known = features_.find(age); known != features_.end())
            return known->second;
        const std::string words = fmt::format("{} years old", age);
        if (const auto kept = bank_.read(words); kept && kept->size() == 1)
            return features_[age] = (*kept)[0].to(nn::torch_device(placement_.device));
        C2C_TRY(nn::ClipText* const clip, loaded(clip_, model_.clip, placement_));
        C2C_TRY(const auto text, (*clip)({tokenizer_.encode_padded(words)}));
        if (!keep_encoders)
            clip_.reset();
        const at::Tensor feature = text.second / text.second.norm();
        bank_.write(words, {feature});
        return features_[age] = feature;
    }

    Tokenizer tokenizer_, tokenizer_2_;
    ModelFolder model_;
    nn::Placement placement_;
    PromptBank bank_;
    std::optional<nn::ClipText> text_, text_2_, clip_;
    std::map<std::string, Prompt> prompts_;
    std::map<int, at::Tensor> features_;
};

/// What stands on the present rung of the memory ladder.
struct Networks {
    Memory rung = Memory::Roomy;
    nn::UNet unet, unet_lora;
    std::optional<nn::Lora> lora; ///< none: pass 2 runs without
    std::shared_ptr<Texts> texts;
    std::int64_t tile = 0; ///< of the autoencoder, in latent pixels; 0 is the whole picture

    Result<void> stand_on(Memory wanted) {
        if (wanted >= Memory::Frugal) {
            texts->keep_encoders = false;
            texts->let_go();
        }
        if (wanted >= Memory::Least) {
            tile = 32;
            unet = unet.in_slices();
        }
        unet_lora = unet; // the merged weights go before anything else is made
        if (lora) {
            C2C_TRY(unet_lora,
                    wanted >= Memory::Frugal ? unet.with_lora_beside(*lora) : unet.with_lora(*lora));
        }
        if (wanted >= Memory::Least)
            unet_lora = unet_lora.in_slices();
        rung = wanted;
        return {};
    }
};

std::string words_of(Memory rung) {
    return rung == Memory::Frugal ? "Memory is short: the UNet's weights are held once and the text encoders "
                                    "are let go after use."
           : rung == Memory::Least
               ? "Memory is very short: the autoencoder works in tiles and attention in slices; "
                 "the picture may differ a little."
               : "";
}

/// The rung that what is free allows. All weights are counted as the files have them; the merged layers of
/// the LoRA come twice, and a decoder's pictures and the attention's scores come on top.
Result<Memory> choose_rung(Memory wanted, const ModelFolder& model, const nn::Lora& lora,
                           const nn::Placement& placement, std::int64_t side) {
    if (wanted != Memory::Auto)
        return wanted;
    if (placement.device.kind != nn::Device::Kind::Cpu)
        return Memory::Roomy; // until an allocation fails
    C2C_TRY(const auto files, files_of(model));
    std::uint64_t weights = 0, merged = 0;
    std::error_code ignored;
    for (const fs::path& file : files)
        weights += fs::file_size(file, ignored);
    for (const auto& [layer, pair] : lora.layers)
        merged += static_cast<std::uint64_t>(lora.weights.tensor(pair.down).size(1) *
                                             lora.weights.tensor(pair.up).size(0)) *
                  size_of(placement.type);
    const auto pixels = static_cast<std::uint64_t>(side * side), tokens = pixels / 256;
    const std::uint64_t pictures = pixels * 128 * 4 * 6, scores = tokens * tokens * 10 * 4 * 2;
    const std::uint64_t free = free_memory();
    return free > weights + merged + pictures + scores ? Memory::Roomy
           : free > weights + pictures + scores        ? Memory::Frugal
                                                       : Memory::Least;
}

/// Names the weights by their files' sizes and first bytes, where safetensors have their list of tensors:
/// hashing ten gigabytes would take longer than loading them.
Result<std::string> fingerprint(const ModelFolder& model) {
    std::string lines;
    for (const fs::path& part : {model.unet, model.vae, model.text_encoder, model.text_encoder_2, model.clip,
                                 model.backbone, model.face_project, model.clip_project, model.lora}) {
        std::error_code ignored;
        std::vector<fs::path> files = {part};
        if (fs::is_directory(part, ignored)) {
            C2C_TRY(const WeightFiles found, find_weight_files(part));
            files = found.files;
        }
        for (const fs::path& file : files) {
            C2C_TRY(const MappedFile mapped, map_file(file));
            const auto head = mapped.bytes.first(std::min<std::size_t>(mapped.bytes.size(), 1 << 20));
            lines += fmt::format("{} {} {}\n", file.lexically_relative(model.folder).string(),
                                 mapped.bytes.size(), sha256(head));
        }
    }
    return sha256(std::as_bytes(std::span(lines)));
}

Result<ModelInfo> describe(const ModelFolder& model, const nn::Placement& placement, std::int64_t side) {
    ModelInfo info;
    info.name = "Cradle2Cane on SDXL-Turbo";
    info.version = model.name;
    info.licence = "CC BY-NC 4.0 (Cradle2Cane), Stability AI Community Licence (SDXL-Turbo)";
    info.licence_note = "Not for commercial use.";
    info.commercial_use = false;
    if (model.files.empty()) {
        C2C_TRY(info.hash, fingerprint(model));
    } else {
        info.hash = model_hash(model.files);
    }
    info.device = nn::text_of(placement.device);
    info.precision = text_of(placement.type);
    info.shape = Template{.size = static_cast<int>(side)};
    return info;
}

} // namespace

Result<Parts> load_sdxl(const fs::path& folder, const EngineOptions& options, const Progress& progress,
                        const StopToken& stop) {
    C2C_TRY(const nn::Placement placement, choose_placement(options));
    C2C_TRY(const ModelFolder model, read_model_folder(folder));
    C2C_CHECK(
        verify(model.folder, model.files, Verify::Sizes, stop)); // hashing ten gigabytes is `models check`
    const nn::Placement exact{placement.device, DType::F32};     // nothing to win by halving the small parts
    Parts parts;
    const auto loading = [&](double part, std::string_view what) -> Result<void> {
        report(progress, part, fmt::format("loading {}", what));
        return stop.stop_requested() ? Result<void>(cancelled()) : Result<void>();
    };

    C2C_CHECK(loading(0.05, "the sampler"));
    C2C_TRY(const nn::EulerAncestral scheduler, nn::EulerAncestral::load(model.scheduler_config, kSteps));
    if (scheduler.config.v_prediction)
        return fail(ErrorKind::Model, "{} predicts velocities; SDXL-Turbo predicts the noise.",
                    model.scheduler_config.string());
    C2C_CHECK(set_levels(parts, scheduler, model, options.method));

    C2C_CHECK(loading(0.1, "the UNet"));
    C2C_TRY(const nn::UNet unet, nn::UNet::load(model.unet, placement));
    C2C_TRY(const nn::Lora lora, nn::load_lora(model.lora));
    C2C_CHECK(loading(0.5, "the autoencoder"));
    C2C_TRY(const nn::AutoencoderKL vae, nn::AutoencoderKL::load(model.vae, placement));
    C2C_CHECK(loading(0.6, "the text encoders"));
    C2C_TRY(const std::shared_ptr<Texts> texts, Texts::load(model, placement));
    C2C_CHECK(loading(0.8, "the identity networks"));
    C2C_TRY(const nn::ClipVision vision, nn::ClipVision::load(model.clip, exact));
    C2C_TRY(const nn::IResNet backbone, nn::IResNet::load(model.backbone, exact));
    C2C_TRY(const nn::Mlp face_project, nn::Mlp::load(model.face_project, placement));
    C2C_TRY(const nn::Mlp clip_project, nn::Mlp::load(model.clip_project, exact));

    C2C_TRY(const std::int64_t latent_side, read_options(model.unet / "config.json", [](const Options& o) {
                return o.whole("sample_size", 64);
            }));
    const std::int64_t side = latent_side * vae.config().downscale();
    C2C_TRY(parts.info, describe(model, placement, side));
    parts.latent_shape = {1, vae.config().latent_channels, latent_side, latent_side};
    parts.reencode = true;
    parts.sample_posterior = options.method.vae_sample;
    parts.extra_prompts = true;
    C2C_TRY(parts.svr, choose_svr(options.method, Svr{}));
    if (options.method.rotate == MethodOptions::Rotate::Paper)
        parts.rotate = nn::RotateClip::Paper;

    auto networks = std::make_shared<Networks>(Networks{Memory::Roomy, unet, unet, {}, texts, 0});
    if (options.method.lora)
        networks->lora = lora;
    C2C_TRY(Memory rung, choose_rung(options.memory, model, lora, placement, side));
    C2C_CHECK(loading(0.9, "the LoRA"));
    for (auto done = networks->stand_on(rung); !done; done = networks->stand_on(rung)) {
        if (done.error().kind != ErrorKind::Device || rung == Memory::Least)
            return tl::unexpected(std::move(done).error());
        rung = rung == Memory::Roomy ? Memory::Frugal : Memory::Least;
    }
    parts.info.memory = words_of(rung);
    if (options.memory == Memory::Auto && rung != Memory::Roomy)
        log_warning("{}", parts.info.memory);
    parts.step_down = [networks]() -> Result<std::string> {
        if (networks->rung == Memory::Least)
            return std::string();
        C2C_CHECK(networks->stand_on(networks->rung == Memory::Roomy ? Memory::Frugal : Memory::Least));
        return words_of(networks->rung);
    };

    parts.encode = [vae, networks](const at::Tensor& image, const at::Tensor& noise) {
        const at::Tensor rgb = image.clamp(0, 1); // as an image between the passes is
        return noise.defined() ? vae.encode_sampled(rgb, noise, networks->tile)
                               : vae.encode(rgb, networks->tile);
    };
    parts.decode = [vae, networks](const at::Tensor& latent) { return vae.decode(latent, networks->tile); };
    if (!model.preview_vae.empty()) {
        C2C_TRY(const WeightFiles files, find_weight_files(model.preview_vae));
        C2C_TRY(const nn::AutoencoderTiny tiny,
                nn::AutoencoderTiny::load(files.files.front(), files.files.front(),
                                          {.latent_channels = vae.config().latent_channels}, placement));
        parts.preview = [tiny](const at::Tensor& latent) { return tiny.decode(latent); };
    }
    parts.prompt = [texts](Gender gender, double age, const std::string& extra) {
        return texts->prompt(gender, age, extra);
    };
    parts.text_feature = [texts](double age) { return texts->feature(age); };
    const auto size = static_cast<float>(side);
    const at::Tensor time_ids = at::tensor({size, size, 0.F, 0.F, size, size}).unsqueeze(0);
    const auto with_time_ids = [networks, time_ids](nn::UNet Networks::*net) -> Parts::Unet {
        return [networks, net, time_ids](const at::Tensor& x, double timestep, const Prompt& prompt,
                                         const StopToken& s) {
            return ((*networks).*net)(x, timestep, prompt.embeds, prompt.pooled, time_ids, s);
        };
    };
    parts.unet = with_time_ids(&Networks::unet);
    parts.unet_lora = with_time_ids(&Networks::unet_lora);
    parts.image_face_feature = [backbone](const at::Tensor& image) -> Result<at::Tensor> {
        C2C_TRY(const auto features, backbone(image.clamp(0, 1)));
        return features.first;
    };
    // The whole crop, without a five-point alignment: so the identity projection was trained.
    parts.face_feature = [feature = parts.image_face_feature](const Image& crop, const Image&) {
        return feature(to_tensor(crop));
    };
    parts.image_feature = [vision](const at::Tensor& image, const at::Tensor&) { return vision(image); };
    parts.idemb = [face_project, clip_project](const at::Tensor& face,
                                               const at::Tensor& image) -> Result<at::Tensor> {
        C2C_TRY(const at::Tensor face_token, face_project(face));
        C2C_TRY(const at::Tensor clip_token, clip_project(image));
        return at::stack({face_token, clip_token}, 1);
    };
    return parts;
}

} // namespace c2c
