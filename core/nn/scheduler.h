#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace at {
class Tensor;
}

namespace c2c::nn {

/// diffusers' EulerAncestralDiscreteScheduler (Karras et al. 2022, algorithm 1 as k-diffusion's ancestral
/// sampler has it), with its img2img steps. A plain value: the state of a run is the index of its step.
/// Numbers are rounded to float where diffusers rounds them.
struct EulerAncestral {
    struct Config {
        std::int64_t train_steps = 1000;
        double beta_start = 0.0001, beta_end = 0.02;
        bool scaled_linear = false; ///< linear in √beta
        enum class Spacing { Linspace, Leading, Trailing } spacing = Spacing::Linspace;
        std::int64_t steps_offset = 0;
        bool v_prediction = false; ///< else the network predicts the noise
    };
    Config config;
    std::vector<float> timesteps; ///< falling
    std::vector<float> sigmas;    ///< one more, the last is 0

    /// A Model error names an option that is not supported.
    static Result<EulerAncestral> load(const std::filesystem::path& scheduler_config, std::int64_t steps);
    static EulerAncestral make(const Config& config, std::int64_t steps);

    std::size_t steps() const { return timesteps.size(); }
    /// Where img2img begins: it keeps the last min(int(steps · strength), steps). None left is a Usage error.
    Result<std::size_t> first_step(double strength) const;

    float sigma_up(std::size_t step) const;   ///< of the noise that the step adds
    float sigma_down(std::size_t step) const; ///< that the step goes down to before

    // These throw like ops.h; all tensors fp32 of one shape.

    at::Tensor add_noise(const at::Tensor& latent, const at::Tensor& noise, std::size_t step) const;
    at::Tensor scale_input(const at::Tensor& latent, std::size_t step) const; ///< what the network sees
    /// The latent after a step; `noise` is not looked at in the last one, and may be undefined there.
    at::Tensor step(const at::Tensor& output, const at::Tensor& latent, const at::Tensor& noise,
                    std::size_t step) const;
};

} // namespace c2c::nn
