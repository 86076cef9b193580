#include "core/nn/scheduler.h"

#include "core/weights/options.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace c2c::nn {
namespace {

EulerAncestral::Config read_config(const Options& options) {
    using Spacing = EulerAncestral::Config::Spacing;
    const std::string name = options.word("_class_name", "EulerAncestralDiscreteScheduler");
    Options::require(name == "EulerAncestralDiscreteScheduler", name,
                     "is not supported, only EulerAncestralDiscreteScheduler");
    EulerAncestral::Config config;
    config.train_steps = options.whole("num_train_timesteps", 1000);
    config.beta_start = options.number("beta_start", 0.0001);
    config.beta_end = options.number("beta_end", 0.02);
    const std::string schedule = options.word("beta_schedule", "linear");
    Options::require(schedule == "linear" || schedule == "scaled_linear", "beta_schedule",
                     "is not supported");
    config.scaled_linear = schedule == "scaled_linear";
    const std::string spacing = options.word("timestep_spacing", "linspace");
    Options::require(spacing == "linspace" || spacing == "leading" || spacing == "trailing",
                     "timestep_spacing", "is not supported");
    config.spacing = spacing == "linspace"  ? Spacing::Linspace
                     : spacing == "leading" ? Spacing::Leading
                                            : Spacing::Trailing;
    config.steps_offset = options.whole("steps_offset", 0);
    const std::string prediction = options.word("prediction_type", "epsilon");
    Options::require(prediction == "epsilon" || prediction == "v_prediction", "prediction_type",
                     "is not supported");
    config.v_prediction = prediction == "v_prediction";
    Options::require(!options.has("trained_betas"), "trained_betas", "is not supported");
    Options::require(!options.flag("rescale_betas_zero_snr", false), "rescale_betas_zero_snr",
                     "is not supported");
    Options::require(config.train_steps >= 2, "num_train_timesteps", "is too small");
    return config;
}

/// torch.linspace in fp32, which counts from the nearer end.
float linspace(double start, double end, std::int64_t count, std::int64_t i) {
    const auto first = static_cast<float>(start), last = static_cast<float>(end);
    const float step = (last - first) / static_cast<float>(count - 1);
    return i < count / 2 ? first + step * static_cast<float>(i)
                         : last - step * static_cast<float>(count - i - 1);
}

/// The noise level of every training step.
std::vector<double> train_sigmas(const EulerAncestral::Config& config) {
    std::vector<double> sigmas;
    double product = 1; // torch.cumprod keeps its product in double and rounds what it writes
    for (std::int64_t i = 0; i < config.train_steps; ++i) {
        float beta = 0;
        if (config.scaled_linear) {
            beta = linspace(std::sqrt(config.beta_start), std::sqrt(config.beta_end), config.train_steps, i);
            beta *= beta;
        } else {
            beta = linspace(config.beta_start, config.beta_end, config.train_steps, i);
        }
        product *= 1.0F - beta;
        const auto alpha = static_cast<float>(product);
        sigmas.push_back(std::sqrt((1.0F - alpha) / alpha));
    }
    return sigmas;
}

std::vector<float> timesteps_of(const EulerAncestral::Config& config, std::int64_t steps) {
    using Spacing = EulerAncestral::Config::Spacing;
    std::vector<float> timesteps;
    const auto train = static_cast<double>(config.train_steps);
    const std::int64_t whole_ratio = config.train_steps / steps;
    for (std::int64_t i = 0; i < steps; ++i) {
        const auto rising = static_cast<double>(steps - 1 - i);
        switch (config.spacing) {
        case Spacing::Linspace:
            timesteps.push_back(
                static_cast<float>(steps == 1 ? 0 : rising * (train - 1) / static_cast<double>(steps - 1)));
            break;
        case Spacing::Leading:
            timesteps.push_back(static_cast<float>(rising * static_cast<double>(whole_ratio)) +
                                static_cast<float>(config.steps_offset));
            break;
        case Spacing::Trailing: // rounds halves to even, as numpy does
            timesteps.push_back(static_cast<float>(std::nearbyint(
                                    train - static_cast<double>(i) * (train / static_cast<double>(steps)))) -
                                1);
            break;
        }
    }
    return timesteps;
}

float square(float x) {
    return x * x;
}

} // namespace

EulerAncestral EulerAncestral::make(const Config& config, std::int64_t steps) {
    EulerAncestral scheduler{
        config, timesteps_of(config, std::clamp<std::int64_t>(steps, 1, config.train_steps)), {}};
    const std::vector<double> all = train_sigmas(config);
    for (const float t : scheduler.timesteps) {
        const double at = std::clamp<double>(t, 0, static_cast<double>(all.size() - 1));
        const auto below = std::min(static_cast<std::size_t>(at), all.size() - 2);
        const double part = at - static_cast<double>(below);
        scheduler.sigmas.push_back(static_cast<float>(all[below] + (all[below + 1] - all[below]) * part));
    }
    scheduler.sigmas.push_back(0);
    return scheduler;
}

Result<EulerAncestral> EulerAncestral::load(const std::filesystem::path& scheduler_config,
                                            std::int64_t steps) {
    C2C_TRY(const Config config, read_options(scheduler_config, read_config));
    return make(config, steps);
}

Result<std::size_t> EulerAncestral::first_step(double strength) const {
    const auto kept =
        std::min(std::trunc(static_cast<double>(steps()) * strength), static_cast<double>(steps()));
    if (!(kept >= 1))
        return fail(ErrorKind::Usage, "A strength of {} leaves no step of {}; choose at least {}.", strength,
                    steps(), 1.0 / static_cast<double>(steps()));
    return steps() - static_cast<std::size_t>(kept);
}

float EulerAncestral::sigma_up(std::size_t step) const {
    const float from = square(sigmas[step]), to = square(sigmas[step + 1]);
    return std::sqrt(to * (from - to) / from);
}

float EulerAncestral::sigma_down(std::size_t step) const {
    return std::sqrt(square(sigmas[step + 1]) - square(sigma_up(step)));
}

at::Tensor EulerAncestral::add_noise(const at::Tensor& latent, const at::Tensor& noise,
                                     std::size_t step) const {
    return latent + noise * sigmas[step];
}

at::Tensor EulerAncestral::scale_input(const at::Tensor& latent, std::size_t step) const {
    return latent / std::sqrt(square(sigmas[step]) + 1);
}

at::Tensor EulerAncestral::step(const at::Tensor& output, const at::Tensor& latent, const at::Tensor& noise,
                                std::size_t step) const {
    const float sigma = sigmas[step], variance = square(sigma) + 1;
    const at::Tensor clean = config.v_prediction ? output * (-sigma / std::sqrt(variance)) + latent / variance
                                                 : latent - output * sigma;
    const at::Tensor direction = (latent - clean) / sigma;
    const at::Tensor next = latent + direction * (sigma_down(step) - sigma);
    return sigmas[step + 1] > 0 ? next + noise * sigma_up(step) : next;
}

} // namespace c2c::nn
