#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/face/face.h"
#include "core/face/template.h"
#include "core/image/image.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2c {

enum class Precision { Auto, Fp32, Bf16, Fp16 };

/// The method's switches where paper and published code differ, or where the model's own value is overruled.
struct MethodOptions {
    /// SVR-ArcFace over the source and n pass-1 images (0, 1 or 3); −1 is off. Unset: the model's own.
    std::optional<int> svr = {};
    enum class Rotate { Code, Paper } rotate = Rotate::Code;
    bool lora = true;
    bool vae_sample = false; ///< draw from the VAE's posterior instead of its mean; SDXL only
    std::optional<std::pair<double, double>> thresholds = {}; ///< AdaNI's, years
    bool one_threshold = false; ///< only the first of them and two levels: for photos in the wild
};

/// The rungs of the memory ladder. Roomy: all networks stay on the GPU, the UNet twice, with the LoRA merged
/// and without. Frugal: the UNet's weights are held once and the LoRA computed beside them; text encoders,
/// CLIP, ArcFace and the identity projections are let go after use; on a CPU, where that costs next to no
/// time, it is so always. Least: the autoencoder works in tiles too, and attention in slices.
enum class Memory { Auto, Roomy, Frugal, Least };

struct EngineOptions {
    std::string device = "auto"; ///< auto, cpu, cuda, cuda:n
    Precision precision = Precision::Auto;
    bool verify_hashes = true;
    MethodOptions method = {};
    Memory memory = Memory::Auto; ///< Auto: by what is free; models in the published layout only
};

/// What a user should know of a loaded model.
struct ModelInfo {
    std::string name, version, licence, licence_note;
    bool commercial_use = true;
    std::string hash;      ///< SHA-256 over the manifest's file hashes: one value names the weights
    std::string device;    ///< "cpu", "cuda:0"
    std::string precision; ///< "fp32", "bf16", "fp16"
    Template shape;
    std::string memory; ///< in words, where memory is short; may be empty
};

/// What is fixed for a face while its age is scrubbed.
struct PortraitSettings {
    double source_age = 30;
    Gender gender = Gender::Male;
    std::uint64_t seed = 0;
    double crossfade = 4; ///< years over which AdaNI's levels blend around a threshold; 0 = paper-exact
    std::string prompt; ///< added to the prompt ("smiling"), which then takes the strongest level; SDXL only
    std::map<std::string, std::vector<float>>
        noise; ///< given noise by name (pass1.noise, …) instead of the seed's
};

/// Everything of one face that does not depend on the target age, computed once. Cheap to copy (shared).
class Portrait;

enum class Stage { Draft, Settled };

struct AgedCrop {
    double age = 0;
    Stage stage = Stage::Draft;
    Image change; ///< RGB, template size, sRGB-encoded difference to the own age; exactly zero at the own age
    Image result; ///< RGB 0..1: crop + change, clipped: the aged crop with the photo's own detail
    Image network;                         ///< RGB 0..1: the network's picture as decoded
    std::map<std::string, double> seconds; ///< by stage: unet, decode, identity, …
};

struct Parts; // core/aging/parts.h

/// A loaded model and its two passes. Calls are blocking and made from one thread at a time.
class Ager {
  public:
    static Result<Ager> load(const std::filesystem::path& model_folder, const EngineOptions& options,
                             const Progress& progress = {}, const StopToken& stop = {});
    static Ager from(Parts parts); ///< of networks that are there already: the passes alone
    Ager(Ager&&) noexcept;
    Ager& operator=(Ager&&) noexcept;
    ~Ager();

    const ModelInfo& info() const;

    /// `crop`: the template crop, RGB 0..1. `arcface_chip`: the 112x112 five-point chip, RGB 0..1, for models
    /// whose face embedder wants one.
    Result<Portrait> portrait(const Image& crop, const Image& arcface_chip, const PortraitSettings& settings,
                              const StopToken& stop = {});

    /// Ages are real numbers in 0..100. Settled needs the draft's latent, which the portrait keeps.
    Result<AgedCrop> draft(const Portrait& portrait, double age, const StopToken& stop = {});
    Result<AgedCrop> settle(const Portrait& portrait, double age, const StopToken& stop = {});

  private:
    struct Impl;
    explicit Ager(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

class Portrait {
  public:
    Portrait() = default;
    const Image& crop() const;
    const PortraitSettings& settings() const;
    const Template& shape() const; ///< of the model that made it

  private:
    friend class Ager;
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace c2c
