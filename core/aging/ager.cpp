#include "core/aging/ager.h"

#include "core/aging/adani.h"
#include "core/aging/parts.h"
#include "core/base/log.h"
#include "core/base/philox.h"
#include "core/nn/guard.h"
#include "core/nn/idemb.h"
#include "core/weights/model_folder.h"

#include <chrono>
#include <cmath>
#include <cstring>
#include <list>

namespace c2c {
namespace {

/// Adds the time since its making to `seconds[stage]`.
class StageTimer {
  public:
    StageTimer(std::map<std::string, double>& seconds, const char* stage)
        : seconds_(seconds), stage_(stage), start_(std::chrono::steady_clock::now()) {}
    ~StageTimer() {
        seconds_[stage_] += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }
    StageTimer(const StageTimer&) = delete;
    StageTimer& operator=(const StageTimer&) = delete;

  private:
    std::map<std::string, double>& seconds_;
    const char* stage_;
    std::chrono::steady_clock::time_point start_;
};

/// guarded() for a body that returns a Result itself.
template <class Body> auto guarded(std::string_view doing, Body&& body) -> decltype(body()) {
    auto outer = nn::guarded(doing, std::forward<Body>(body));
    if (!outer)
        return tl::unexpected(std::move(outer).error());
    return *std::move(outer);
}

} // namespace

struct Portrait::Impl {
    Image crop, arcface_chip;
    Template shape;
    PortraitSettings settings;
    at::Tensor crop_tensor; // [1, 3, H, W] fp32 on the CPU
    at::Tensor latent;      // encode(crop)
    std::map<std::string, at::Tensor> noise;
    at::Tensor face_feature;  // SVR-ArcFace's first column; made for the first pass 2, a draft needs none
    at::Tensor image_feature; // unit length; likewise
    at::Tensor base[2];       // decoded own age (or reconstruction), by Stage; made when first needed
    struct Pass1 {
        double age = 0;
        at::Tensor latent;
        at::Tensor image; // decoded: the draft where there is no preview, and what pass 2 starts from
    };
    std::list<Pass1> pass1; // newest first: settle follows draft
};

const Image& Portrait::crop() const {
    return impl_->crop;
}
const PortraitSettings& Portrait::settings() const {
    return impl_->settings;
}
const Template& Portrait::shape() const {
    return impl_->shape;
}

struct Ager::Impl {
    Parts parts;

    /// Does the work again a rung lower where memory was refused; what a portrait already has stays.
    template <class Work> auto within_memory(Work&& work) -> std::invoke_result_t<Work> {
        for (;;) {
            auto result = work();
            if (result || result.error().kind != ErrorKind::Device || !parts.step_down)
                return result;
            const Result<std::string> told = parts.step_down();
            if (!told || told->empty())
                return result;
            log_warning("{}", *told);
            parts.info.memory = *told;
        }
    }

    using Seconds = std::map<std::string, double>;

    /// Noise by name: given by the settings, else the seed's, in the latent's shape.
    at::Tensor noise(Portrait::Impl& portrait, const std::string& name, std::uint32_t stream) const {
        at::Tensor& noise = portrait.noise[name];
        if (noise.defined())
            return noise;
        std::int64_t count = 1;
        for (const std::int64_t side : parts.latent_shape)
            count *= side;
        const auto given = portrait.settings.noise.find(name);
        const std::vector<float> values =
            given != portrait.settings.noise.end()
                ? given->second
                : normal_noise(portrait.settings.seed, stream, static_cast<std::size_t>(count));
        noise = at::empty(parts.latent_shape, at::kFloat);
        std::memcpy(noise.data_ptr<float>(), values.data(), values.size() * sizeof(float));
        if (portrait.latent.defined())
            noise = noise.to(portrait.latent.device());
        return noise;
    }

    /// The latent of an image: the posterior's mean, or drawn from it where the user wants that.
    Result<at::Tensor> encode(Portrait::Impl& portrait, const at::Tensor& image, const std::string& name,
                              std::uint32_t stream, const StopToken& stop) const {
        return parts.encode(image, parts.sample_posterior ? noise(portrait, name, stream) : at::Tensor(),
                            stop);
    }

    /// The steps of one noise level, from a clean latent to a clean latent.
    Result<at::Tensor> sample(Portrait::Impl& portrait, const at::Tensor& clean, const NoiseLevel& level,
                              const std::string& pass, std::uint32_t stream, const Parts::Unet& unet,
                              const Prompt& prompt, const StopToken& stop) const {
        at::Tensor x = clean + level.steps.front().sigma * noise(portrait, pass + ".noise", stream);
        for (std::size_t i = 0; i < level.steps.size(); ++i) {
            const NoiseStep& step = level.steps[i];
            C2C_TRY(const at::Tensor residual, unet(step.input_scale * x, step.timestep, prompt, stop));
            const at::Tensor x0 = x - step.output_scale * residual;
            if (i + 1 == level.steps.size())
                return x0;
            x = x + (x - x0) * ((step.sigma_down - step.sigma) / step.sigma);
            x = x + step.sigma_up * noise(portrait, fmt::format("{}.step{}", pass, i),
                                          stream + 16 * (static_cast<std::uint32_t>(i) + 1));
        }
        return x;
    }

    /// The noise levels of an age and their weights, which sum to 1.
    std::vector<std::pair<const NoiseLevel*, double>> levels(const Portrait::Impl& portrait,
                                                             double age) const {
        if (!portrait.settings.prompt.empty())
            return {{&parts.with_extra_prompt, 1.0}};
        std::vector<double> gaps;
        for (const NoiseLevel& level : parts.pass1)
            gaps.push_back(level.max_gap);
        const double gap = std::abs(age - portrait.settings.source_age);
        std::vector<std::pair<const NoiseLevel*, double>> chosen;
        for (const auto& [level, weight] : adani_levels(gaps, gap, portrait.settings.crossfade))
            chosen.emplace_back(&parts.pass1[level], weight);
        return chosen;
    }

    /// Pass 1 (paper 3.2): the latent of the age under its prompt, LoRA off. The portrait keeps the last few.
    Result<Portrait::Impl::Pass1*> pass1(Portrait::Impl& portrait, double age, const StopToken& stop,
                                         Seconds& seconds) const {
        for (Portrait::Impl::Pass1& known : portrait.pass1)
            if (known.age == age)
                return &known;
        StageTimer timer(seconds, "pass1");
        C2C_TRY(const Prompt prompt, parts.prompt(portrait.settings.gender, age, portrait.settings.prompt));
        at::Tensor mixed;
        for (const auto& [level, weight] : levels(portrait, age)) {
            C2C_TRY(const at::Tensor latent,
                    sample(portrait, portrait.latent, *level, "pass1", 1, parts.unet, prompt, stop));
            const at::Tensor share = weight == 1 ? latent : weight * latent;
            mixed = mixed.defined() ? mixed + share : share;
        }
        portrait.pass1.push_front({age, mixed, {}});
        if (portrait.pass1.size() > 4)
            portrait.pass1.pop_back();
        return &portrait.pass1.front();
    }

    /// Pass 1's picture, decoded once.
    Result<at::Tensor> image_of(Portrait::Impl::Pass1& pass1, const StopToken& stop) const {
        if (!pass1.image.defined()) {
            C2C_TRY(pass1.image, parts.decode(pass1.latent, stop));
        }
        return pass1.image;
    }

    /// SVR-ArcFace (paper 3.3.1): the source's feature, and those of pass-1 images where the model wants
    /// them. `draft` is pass 1's picture of this age.
    Result<at::Tensor> face_feature(Portrait::Impl& portrait, double age, const at::Tensor& draft,
                                    const StopToken& stop) const {
        if (parts.svr.n < 0)
            return portrait.face_feature;
        std::vector<at::Tensor> columns = {portrait.face_feature};
        if (parts.svr.n >= 1) {
            C2C_TRY(const at::Tensor feature, parts.image_face_feature(draft));
            columns.push_back(feature);
        }
        if (parts.svr.n == 3) { // pass 1 at the strengths that this age does not have
            C2C_TRY(const Prompt prompt,
                    parts.prompt(portrait.settings.gender, age, portrait.settings.prompt));
            const std::size_t used = levels(portrait, age).back().first->steps.size();
            for (std::uint32_t k = 1; const NoiseLevel& level : parts.strengths) {
                if (level.steps.size() == used)
                    continue;
                C2C_TRY(const at::Tensor latent,
                        sample(portrait, portrait.latent, level, fmt::format("svr{}", k), 2 + k, parts.unet,
                               prompt, stop));
                C2C_TRY(const at::Tensor image, parts.decode(latent, stop));
                C2C_TRY(const at::Tensor feature, parts.image_face_feature(image));
                columns.push_back(feature);
                ++k;
            }
        }
        return nn::svr(at::cat(columns, 0).t(), parts.svr.alpha, parts.svr.beta).unsqueeze(0);
    }

    /// SVR-ArcFace and Rotate-CLIP (paper 3.3.2) as the two tokens that take the place of the prompt's.
    Result<Prompt> identity_prompt(Portrait::Impl& portrait, double age, const at::Tensor& draft,
                                   const StopToken& stop, Seconds& seconds) const {
        StageTimer timer(seconds, "identity");
        if (!portrait.face_feature.defined()) {
            C2C_TRY(portrait.face_feature, parts.face_feature(portrait.crop, portrait.arcface_chip));
        }
        if (!portrait.image_feature.defined()) {
            C2C_TRY(portrait.image_feature, parts.image_feature(portrait.crop_tensor, portrait.latent));
        }
        const double own = portrait.settings.source_age;
        at::Tensor image = portrait.image_feature;
        if (age != own) {
            C2C_TRY(const at::Tensor own_text, parts.text_feature(own));
            C2C_TRY(const at::Tensor text, parts.text_feature(age));
            image = nn::rotate_clip(image, own_text, text, parts.rotate);
        }
        C2C_TRY(const at::Tensor face, face_feature(portrait, age, draft, stop));
        C2C_TRY(const at::Tensor tokens, parts.idemb(face, image));
        C2C_TRY(const Prompt prompt, parts.prompt(portrait.settings.gender, age, portrait.settings.prompt));
        return Prompt{tokens, prompt.pooled};
    }

    /// Pass 2: identity restored from the pass-1 latent, LoRA on.
    Result<at::Tensor> pass2(Portrait::Impl& portrait, double age, const StopToken& stop,
                             Seconds& seconds) const {
        C2C_TRY(Portrait::Impl::Pass1* const first, pass1(portrait, age, stop, seconds));
        at::Tensor latent = first->latent, draft;
        if (parts.reencode) {
            StageTimer timer(seconds, "reencode");
            C2C_TRY(draft, image_of(*first, stop));
            C2C_TRY(latent, encode(portrait, draft, "pass2.encode", 6, stop));
        }
        C2C_TRY(const Prompt prompt, identity_prompt(portrait, age, draft, stop, seconds));
        StageTimer timer(seconds, "pass2");
        return sample(portrait, latent, parts.pass2, "pass2", 2, parts.unet_lora, prompt, stop);
    }

    /// The decoded picture of an age at a stage, before anything is subtracted; fp32 on the CPU.
    Result<at::Tensor> picture(Portrait::Impl& portrait, double age, Stage stage, const StopToken& stop,
                               Seconds& seconds) const {
        Result<at::Tensor> image;
        if (stage == Stage::Draft) {
            C2C_TRY(Portrait::Impl::Pass1* const first, pass1(portrait, age, stop, seconds));
            if (stop.stop_requested())
                return cancelled();
            StageTimer timer(seconds, "decode");
            image = parts.preview ? parts.preview(first->latent, stop) : image_of(*first, stop);
        } else {
            C2C_TRY(const at::Tensor latent, pass2(portrait, age, stop, seconds));
            if (stop.stop_requested())
                return cancelled();
            StageTimer timer(seconds, "decode");
            image = parts.decode(latent, stop);
        }
        if (!image)
            return image;
        return image->to(at::kCPU, at::kFloat);
    }

    /// What the change is measured against: the same way at the own age, or the autoencoder's picture.
    Result<at::Tensor> base(Portrait::Impl& portrait, Stage stage, const StopToken& stop,
                            Seconds& seconds) const {
        at::Tensor& base = portrait.base[stage == Stage::Draft ? 0 : 1];
        if (base.defined())
            return base;
        StageTimer timer(seconds, "own age");
        Seconds within;
        if (parts.own_age_base) {
            C2C_TRY(base, picture(portrait, portrait.settings.source_age, stage, stop, within));
        } else {
            C2C_TRY(const at::Tensor image, parts.decode(portrait.latent, stop));
            base = image.to(at::kCPU, at::kFloat);
        }
        return base;
    }

    /// Asks for all that the ages need beside the UNet and the autoencoder, before those fill the memory: at
    /// full size the networks take each other's place there. Who makes these keeps them.
    Result<void> ask_ahead(Portrait::Impl& portrait, std::initializer_list<double> ages, Stage stage,
                           const StopToken& stop, Seconds& seconds) const {
        for (const double age : ages) {
            if (stop.stop_requested())
                return cancelled();
            C2C_CHECK(parts.prompt(portrait.settings.gender, age, portrait.settings.prompt));
            if (stage == Stage::Settled && parts.svr.n < 0) // else pass 1's picture has a part in it
                C2C_CHECK(identity_prompt(portrait, age, at::Tensor(), stop, seconds));
        }
        return {};
    }

    Result<AgedCrop> age(Portrait::Impl& portrait, double age, Stage stage, const StopToken& stop) const {
        const c10::InferenceMode guard; // thread-local, so it is set where the work is done
        AgedCrop aged;
        aged.age = age;
        aged.stage = stage;
        C2C_CHECK(ask_ahead(portrait, {parts.own_age_base ? portrait.settings.source_age : age, age}, stage,
                            stop, aged.seconds));
        C2C_TRY(const at::Tensor own, base(portrait, stage, stop, aged.seconds));
        const bool is_own = parts.own_age_base && age == portrait.settings.source_age;
        C2C_TRY(const at::Tensor target,
                is_own ? Result<at::Tensor>(own) : picture(portrait, age, stage, stop, aged.seconds));
        const at::Tensor change = target - own;
        aged.change = to_image(change);
        aged.result = to_image((portrait.crop_tensor + change).clamp(0, 1));
        aged.network = to_image(target.clamp(0, 1));
        return aged;
    }
};

Ager::Ager(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ager::Ager(Ager&&) noexcept = default;
Ager& Ager::operator=(Ager&&) noexcept = default;
Ager::~Ager() = default;

const ModelInfo& Ager::info() const {
    return impl_->parts.info;
}

Result<Ager> Ager::load(const std::filesystem::path& model_folder, const EngineOptions& options,
                        const Progress& progress, const StopToken& stop) {
    // A folder that is none is nano's to complain about only where there is a manifest.
    C2C_TRY(Parts parts, folder_kind(model_folder) == FolderKind::Manifest
                             ? load_nano(model_folder, options, progress, stop)
                             : load_sdxl(model_folder, options, progress, stop));
    return from(std::move(parts));
}

Ager Ager::from(Parts parts) {
    return Ager(std::make_unique<Impl>(Impl{std::move(parts)}));
}

Result<Portrait> Ager::portrait(const Image& crop, const Image& arcface_chip,
                                const PortraitSettings& settings, const StopToken& stop) {
    const int size = impl_->parts.info.shape.size;
    if (crop.width != size || crop.height != size || crop.channels != 3)
        return fail(ErrorKind::Input, "The aligned crop is {}x{}; the model {} wants {}x{} in colour.",
                    crop.width, crop.height, impl_->parts.info.name, size, size);
    if (!settings.prompt.empty() && !impl_->parts.extra_prompts)
        return fail(ErrorKind::Usage, "The model {} takes no prompt; leave --prompt away.",
                    impl_->parts.info.name);
    std::size_t count = 1;
    for (const std::int64_t side : impl_->parts.latent_shape)
        count *= static_cast<std::size_t>(side);
    for (const auto& [name, values] : settings.noise)
        if (values.size() != count)
            return fail(ErrorKind::Input, "The noise {} has {} numbers; the model {} wants {}.", name,
                        values.size(), impl_->parts.info.name, count);
    return impl_->within_memory([&] {
        return guarded("preparing the portrait", [&]() -> Result<Portrait> {
            const c10::InferenceMode guard;
            Portrait portrait;
            portrait.impl_ = std::make_shared<Portrait::Impl>();
            Portrait::Impl& p = *portrait.impl_;
            p.crop = crop;
            p.arcface_chip = arcface_chip;
            p.shape = impl_->parts.info.shape;
            p.settings = settings;
            p.crop_tensor = to_tensor(crop);
            C2C_TRY(p.latent, impl_->encode(p, p.crop_tensor, "pass1.encode", 5, stop));
            if (stop.stop_requested())
                return cancelled();
            return portrait;
        });
    });
}

Result<AgedCrop> Ager::draft(const Portrait& portrait, double age, const StopToken& stop) {
    return impl_->within_memory([&] {
        return guarded("ageing the face",
                       [&] { return impl_->age(*portrait.impl_, age, Stage::Draft, stop); });
    });
}

Result<AgedCrop> Ager::settle(const Portrait& portrait, double age, const StopToken& stop) {
    return impl_->within_memory([&] {
        return guarded("ageing the face",
                       [&] { return impl_->age(*portrait.impl_, age, Stage::Settled, stop); });
    });
}

} // namespace c2c
