#include "core/aging/parts.h"

#include "core/face/embedder.h"
#include "core/nn/autoencoder_tiny.h"
#include "core/nn/guard.h"
#include "core/nn/idemb.h"
#include "core/nn/image_encoder.h"
#include "core/nn/lora.h"
#include "core/nn/mlp.h"
#include "core/nn/torch_types.h"
#include "core/nn/unet.h"
#include "core/weights/manifest.h"

#include <algorithm>
#include <future>

namespace c2c {
namespace {

namespace fs = std::filesystem;

/// The rows of a table by whole age [101, …], interpolated between ages.
at::Tensor at_age(const at::Tensor& table, double age) {
    const double place = std::clamp(age, 0.0, static_cast<double>(table.size(0) - 1));
    const auto below = static_cast<std::int64_t>(place);
    const double part = place - static_cast<double>(below);
    return part == 0 ? table[below] : table[below] * (1 - part) + table[below + 1] * part;
}

NoiseLevel one_step(double max_gap, double timestep, double sigma) {
    return {max_gap, {{.timestep = timestep, .sigma = sigma}}};
}

struct Tables {
    at::Tensor prompt_embeds, pooled, text_features; ///< [2, 101, n, c], [2, 101, c], [101, c]; male first
};

Result<Tables> load_tables(const Manifest& manifest, const nn::Placement& placement) {
    C2C_TRY(const nn::Weights prompts, nn::load_weights(manifest.path_of(manifest.prompts), placement));
    C2C_TRY(const nn::Weights features,
            nn::load_weights(manifest.path_of(manifest.pass2.text_features), placement));
    return nn::guarded("reading the prompts", [&] {
        return Tables{prompts.tensor("prompt_embeds"), prompts.tensor("pooled_prompt_embeds"),
                      features.tensor("text_features")};
    });
}

ModelInfo describe(const Manifest& manifest, const nn::Placement& placement) {
    ModelInfo info;
    info.name = manifest.name;
    info.version = manifest.version;
    info.licence = manifest.licence;
    info.licence_note = manifest.licence_note;
    info.commercial_use = manifest.commercial_use;
    info.hash = model_hash(manifest);
    info.device = nn::text_of(placement.device);
    info.precision = text_of(placement.type);
    info.shape = manifest.shape;
    return info;
}

} // namespace

Result<Parts> load_nano(const fs::path& folder, const EngineOptions& options, const Progress& progress,
                        const StopToken& stop) {
    C2C_TRY(const Manifest manifest, read_manifest(folder));
    C2C_TRY(const nn::Placement placement, choose_placement(options));
    if (manifest.sampler != "one_step_residual")
        return fail(ErrorKind::Model, "{} wants the sampler \"{}\", which this version does not know.",
                    (folder / "cradle2cane.json").string(), manifest.sampler);
    if (options.method.thresholds || options.method.one_threshold || options.method.vae_sample)
        return fail(ErrorKind::Usage,
                    "The model {} has noise levels of its own and an exact autoencoder; leave --thresholds, "
                    "--one-threshold and --vae-sample away.",
                    manifest.name);
    // Hashing reads every byte once; it runs beside the loading, whose pages it warms.
    std::future<Result<void>> verified = std::async(std::launch::async, [&] {
        return verify(manifest, options.verify_hashes ? Verify::Hashes : Verify::Sizes, stop);
    });
    const nn::Placement exact{placement.device, DType::F32}; // small parts: nothing to win by halving them
    const nn::AutoencoderTiny::Config config{manifest.latent_channels,
                                             manifest.autoencoder.midblock == "pool"
                                                 ? nn::AutoencoderTiny::MidBlock::Pool
                                                 : nn::AutoencoderTiny::MidBlock::Plain};
    const auto load = [&]() -> Result<Parts> {
        report(progress, 0.1, "loading the UNet");
        C2C_TRY(const nn::UNet unet, nn::UNet::load(manifest.path_of(manifest.unet), placement));
        C2C_TRY(const nn::Lora lora,
                nn::load_lora(manifest.path_of(manifest.pass2.lora), manifest.pass2.lora_alpha));
        C2C_TRY(const nn::UNet unet_lora, unet.with_lora(lora));
        report(progress, 0.5, "loading the autoencoder");
        C2C_TRY(const nn::AutoencoderTiny autoencoder,
                nn::AutoencoderTiny::load(manifest.path_of(manifest.autoencoder.encoder),
                                          manifest.path_of(manifest.autoencoder.decoder), config, placement));
        report(progress, 0.7, "loading the identity networks");
        C2C_TRY(const nn::Mlp face_project,
                nn::Mlp::load(manifest.path_of(manifest.pass2.face_project), exact));
        C2C_TRY(const nn::Mlp clip_project,
                nn::Mlp::load(manifest.path_of(manifest.pass2.clip_project), exact));
        C2C_TRY(const nn::ImageEncoder image_encoder,
                nn::ImageEncoder::load(manifest.path_of(manifest.pass2.image_encoder), exact));
        C2C_TRY(FaceEmbedder embedder, FaceEmbedder::load(manifest.path_of(manifest.pass2.face_embedder)));
        C2C_TRY(const Tables tables, load_tables(manifest, exact));

        const at::Device device = nn::torch_device(placement.device);
        const std::int64_t side = manifest.shape.size / manifest.latent_downscale;
        Parts parts;
        parts.info = describe(manifest, placement);
        parts.own_age_base = manifest.base == Manifest::Base::OwnAge;
        parts.latent_shape = {1, manifest.latent_channels, side, side};
        for (const AdaniLevel& level : manifest.adani)
            parts.pass1.push_back(one_step(level.max_gap, level.timestep, level.sigma));
        parts.pass2 = one_step(0, manifest.pass2.timestep, manifest.pass2.sigma);
        parts.encode = [autoencoder, device](const at::Tensor& image, const at::Tensor&, const StopToken&) {
            return autoencoder.encode(image.to(device));
        };
        parts.decode = [autoencoder](const at::Tensor& latent, const StopToken&) {
            return autoencoder.decode(latent);
        };
        parts.prompt = [tables](Gender gender, double age, const std::string&) -> Result<Prompt> {
            const std::int64_t row = gender == Gender::Male ? 0 : 1;
            return Prompt{at_age(tables.prompt_embeds[row], age).unsqueeze(0),
                          at_age(tables.pooled[row], age).unsqueeze(0)};
        };
        const at::Tensor time_ids =
            at::tensor(at::ArrayRef<double>(manifest.time_ids), at::kFloat).unsqueeze(0).to(device);
        const auto with_time_ids = [time_ids](nn::UNet net) -> Parts::Unet {
            return [net, time_ids](const at::Tensor& x, double timestep, const Prompt& prompt,
                                   const StopToken& s) {
                return net(x, timestep, prompt.embeds, prompt.pooled, time_ids, s);
            };
        };
        parts.unet = with_time_ids(unet);
        parts.unet_lora = with_time_ids(options.method.lora ? unet_lora : unet);
        const auto& own_svr = manifest.pass2.svr;
        C2C_TRY(parts.svr, choose_svr(options.method, {own_svr.n, own_svr.alpha, own_svr.beta}));
        if (parts.svr.n > 0)
            return fail(ErrorKind::Usage,
                        "The model {} has SVR over its source alone; choose --svr off or 0.", manifest.name);
        if (options.method.rotate == MethodOptions::Rotate::Paper)
            parts.rotate = nn::RotateClip::Paper;
        const auto shared_embedder = std::make_shared<FaceEmbedder>(std::move(embedder));
        parts.face_feature = [shared_embedder, device](const Image&,
                                                       const Image& arcface_chip) -> Result<at::Tensor> {
            C2C_TRY(const std::vector<float> feature, shared_embedder->embed(arcface_chip));
            return at::tensor(at::ArrayRef<float>(feature), at::kFloat).unsqueeze(0).to(device);
        };
        parts.image_feature = [image_encoder](const at::Tensor&, const at::Tensor& latent) {
            return image_encoder(latent);
        };
        parts.text_feature = [tables](double age) -> Result<at::Tensor> {
            const at::Tensor feature = at_age(tables.text_features, age).unsqueeze(0);
            return at::Tensor(feature / feature.norm());
        };
        parts.idemb = [face_project, clip_project](const at::Tensor& face,
                                                   const at::Tensor& image) -> Result<at::Tensor> {
            C2C_TRY(const at::Tensor face_token, face_project(face));
            C2C_TRY(const at::Tensor clip_token, clip_project(image));
            return at::stack({face_token, clip_token}, 1);
        };
        return parts;
    };
    Result<Parts> parts = load();
    // An altered file is the better explanation of whatever loading found.
    C2C_CHECK(verified.get());
    return parts;
}

} // namespace c2c
