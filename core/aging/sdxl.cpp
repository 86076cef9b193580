#include "core/aging/memory_rungs.h"
#include "core/aging/parts.h"
#include "core/base/log.h"
#include "core/base/sha256.h"
#include "core/nn/autoencoder_kl.h"
#include "core/nn/autoencoder_tiny.h"
#include "core/nn/scheduler.h"
#include "core/nn/torch_types.h"
#include "core/weights/mapped_file.h"
#include "core/weights/model_folder.h"
#include "core/weights/options.h"
#include "core/weights/weight_files.h"

#include <cmath>
#include <future>
#include <limits>

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

    // The prompt bank's key is a hash of gigabytes, which takes as long as reading the UNet.
    std::future<Result<std::string>> key = std::async(
        std::launch::async, [&model, &placement, &stop] { return prompt_bank_key(model, placement, stop); });
    C2C_CHECK(loading(0.1, "the UNet"));
    C2C_TRY(const nn::UNet unet, nn::UNet::load(model.unet, placement));
    C2C_TRY(const nn::Lora lora, nn::load_lora(model.lora));
    C2C_CHECK(loading(0.5, "the autoencoder"));
    C2C_TRY(const nn::AutoencoderKL vae, nn::AutoencoderKL::load(model.vae, placement));
    C2C_CHECK(loading(0.6, "the text encoders"));
    // Of the UNet's 5 GB the pages make room for the second text encoder where an age's prompt is not known
    // yet. (For the autoencoder's pictures it would save another 0.2 GB and cost 2 s an age: it takes a
    // second to have them back. The other networks are smaller than those pictures.)
    const auto make_room = [unet] { unet.weights().release(); };
    C2C_TRY(const std::string bank, key.get());
    C2C_TRY(const std::shared_ptr<Texts> texts, Texts::load(model, placement, bank, make_room));

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

    const auto networks = std::make_shared<Networks>(
        Networks{unet, options.method.lora ? std::optional(lora) : std::nullopt, texts,
                 OnDemand<nn::ClipVision>([=] { return nn::ClipVision::load(model.clip, placement); }),
                 OnDemand<nn::IResNet>([=] { return nn::IResNet::load(model.backbone, exact); }),
                 OnDemand<nn::Mlp>([=] { return nn::Mlp::load(model.face_project, placement); }),
                 OnDemand<nn::Mlp>([=] { return nn::Mlp::load(model.clip_project, exact); }),
                 placement.device.kind == nn::Device::Kind::Cpu});
    C2C_TRY(const Memory rung, choose_rung(options.memory, model, placement, side));
    C2C_CHECK(loading(0.7, "the LoRA"));
    if (auto done = networks->stand_on(rung); !done) {
        if (done.error().kind != ErrorKind::Device)
            return tl::unexpected(std::move(done).error());
        C2C_TRY(const bool lower, networks->step_down());
        if (!lower)
            return tl::unexpected(std::move(done).error());
    }
    if (networks->rung == Memory::Roomy && !networks->on_cpu) { // else a portrait loads them one by one
        C2C_CHECK(loading(0.8, "the identity networks"));
        C2C_CHECK(networks->vision.load());
        C2C_CHECK(networks->backbone.load());
        C2C_CHECK(networks->face_project.load());
        C2C_CHECK(networks->clip_project.load());
    }
    parts.info.memory = words_of(networks->rung);
    if (networks->rung != Memory::Roomy)
        log_warning("{}", parts.info.memory);
    parts.step_down = [networks]() -> Result<std::string> {
        C2C_TRY(const bool lower, networks->step_down());
        if (!lower)
            return std::string();
        return words_of(networks->rung);
    };

    parts.encode = [vae, networks](const at::Tensor& image, const at::Tensor& noise, const StopToken& s) {
        const at::Tensor rgb = image.clamp(0, 1); // as an image between the passes is
        return noise.defined() ? vae.encode_sampled(rgb, noise, networks->tile, s)
                               : vae.encode(rgb, networks->tile, s);
    };
    parts.decode = [vae, networks](const at::Tensor& latent, const StopToken& s) {
        return vae.decode(latent, networks->tile, s);
    };
    if (!model.preview_vae.empty()) {
        C2C_TRY(const WeightFiles files, find_weight_files(model.preview_vae));
        C2C_TRY(const nn::AutoencoderTiny tiny,
                nn::AutoencoderTiny::load(files.files.front(), files.files.front(),
                                          {.latent_channels = vae.config().latent_channels}, placement));
        parts.preview = [tiny](const at::Tensor& latent, const StopToken&) { return tiny.decode(latent); };
    }
    parts.prompt = [texts](Gender gender, double age, const std::string& extra) {
        return texts->prompt(gender, age, extra);
    };
    parts.text_feature = [texts](double age) { return texts->feature(age); };
    const auto size = static_cast<float>(side);
    const at::Tensor time_ids = at::tensor({size, size, 0.F, 0.F, size, size}).unsqueeze(0);
    parts.unet = [networks, time_ids](const at::Tensor& x, double timestep, const Prompt& prompt,
                                      const StopToken& s) {
        return networks->unet(x, timestep, prompt.embeds, prompt.pooled, time_ids, s);
    };
    parts.unet_lora = [networks, time_ids](const at::Tensor& x, double timestep, const Prompt& prompt,
                                           const StopToken& s) -> Result<at::Tensor> {
        if (!networks->unet_lora) // memory did not do for it before
            C2C_CHECK(networks->stand_on(networks->rung));
        return (*networks->unet_lora)(x, timestep, prompt.embeds, prompt.pooled, time_ids, s);
    };
    parts.image_face_feature = [networks](const at::Tensor& image) {
        return networks->backbone.use([&](const nn::IResNet& backbone) -> Result<at::Tensor> {
            C2C_TRY(const auto features, backbone(image.clamp(0, 1)));
            return features.first;
        });
    };
    // The whole crop, without a five-point alignment: so the identity projection was trained.
    parts.face_feature = [feature = parts.image_face_feature](const Image& crop, const Image&) {
        return feature(to_tensor(crop));
    };
    parts.image_feature = [networks](const at::Tensor& image, const at::Tensor&) {
        return networks->vision.use([&](const nn::ClipVision& vision) { return vision(image); });
    };
    // Without SVR a portrait has one face feature at all ages: its token is made once.
    struct Token {
        at::Tensor face, token;
    };
    parts.idemb = [networks, last = std::make_shared<Token>()](
                      const at::Tensor& face, const at::Tensor& image) -> Result<at::Tensor> {
        if (!last->face.is_same(face)) {
            C2C_TRY(const at::Tensor token,
                    networks->face_project.use([&](const nn::Mlp& project) { return project(face); }));
            *last = {face, token};
        }
        C2C_TRY(const at::Tensor token,
                networks->clip_project.use([&](const nn::Mlp& project) { return project(image); }));
        return at::stack({last->token, token}, 1);
    };
    return parts;
}

} // namespace c2c
