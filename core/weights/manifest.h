#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/face/template.h" // the struct alone: this room does not link c2c_face

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace c2c {

/// AdaNI: the first level whose max_gap ≥ |target − source| gives the timestep and the noise.
struct AdaniLevel {
    double max_gap = 0; ///< years
    int timestep = 0;
    double sigma = 0;
};

/// Pass 2, the identity embedding; an empty path means that the model has no such part.
struct Pass2 {
    int timestep = 249;
    double sigma = 0;
    std::string lora;
    std::optional<double> lora_alpha; ///< the rank when missing
    std::string face_project, clip_project, face_embedder, image_encoder, text_features;
    struct Svr {
        int n = 0; ///< pass-1 images beside the source
        double alpha = 0.01, beta = 1.1;
    } svr;
};

struct FileEntry {
    std::uint64_t bytes = 0;
    std::string sha256; ///< lower-case hexadecimal
};

/// A model folder's cradle2cane.json. Paths are relative to `folder`, or absolute where allowed.
struct Manifest {
    std::filesystem::path folder;
    std::string name, version, licence, licence_note;
    bool commercial_use = true; ///< false for "research-only" and NC licences
    /// OwnAge: the change is measured against the model's own picture at the own age, so the own age changes
    /// nothing. Reconstruction: against the autoencoder's picture of the crop.
    enum class Base { OwnAge, Reconstruction } base = Base::OwnAge;
    Template shape;
    int latent_channels = 4, latent_downscale = 8;
    struct {
        std::string type, midblock, encoder, decoder;
    } autoencoder;
    std::string unet; ///< a folder in diffusers' layout
    std::string prompts;
    std::string sampler; ///< "one_step_residual" (nano) or a scheduler's name
    std::vector<double> time_ids;
    std::vector<AdaniLevel> adani; ///< by rising max_gap
    Pass2 pass2;
    std::map<std::string, FileEntry> files;

    std::filesystem::path path_of(const std::string& part) const { return folder / part; }
};

/// Inside: a path that leaves the folder ("../x", "/x") is an error, as a downloaded model must be. Anywhere:
/// absolute paths may refer to files that the user already has elsewhere (`models add`).
enum class ManifestPaths { Inside, Anywhere };

/// Reads and checks `folder`/cradle2cane.json. Unknown keys are left alone; Model errors name file and key.
Result<Manifest> read_manifest(const std::filesystem::path& folder,
                               ManifestPaths paths = ManifestPaths::Inside);

enum class Verify { Sizes, Hashes };

/// Every file is there, with its size and, where asked, its SHA-256 (about 1.5 GB/s a core, files in
/// parallel). The error says which file is missing, truncated or altered and what to do.
Result<void> verify(const Manifest& manifest, Verify depth = Verify::Hashes, const StopToken& stop = {});
/// The same of any list of files; paths are relative to `folder` or absolute.
Result<void> verify(const std::filesystem::path& folder, const std::map<std::string, FileEntry>& files,
                    Verify depth = Verify::Hashes, const StopToken& stop = {});

/// One value that names the weights: SHA-256 over the sorted file hashes, a line each.
std::string model_hash(const Manifest& manifest);
std::string model_hash(const std::map<std::string, FileEntry>& files);

} // namespace c2c
