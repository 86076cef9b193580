#pragma once

#include "core/aging/ager.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/face/face.h"
#include "core/image/photo.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace c2c {

struct StudioOptions {
    std::filesystem::path model;       ///< model folder; empty: the embedded nano
    std::filesystem::path face_models; ///< empty: models_dir()/"face"
    EngineOptions engine;
};

/// A face of a photo, with what the age and gender nets make of it.
struct SceneFace {
    Face face;
    double age = 0;
    Gender gender = Gender::Male;
};

/// A photo and its faces, largest first. Immutable, shared by the subjects made of it.
struct Scene;

/// A face chosen for ageing and everything that does not depend on the age: crop, portrait, warp, masks.
struct Subject;

enum class PasteMode { KeepDetail, Replace };

struct SubjectSettings {
    PortraitSettings portrait;
    bool grey_background = false; ///< the network sees grey 130 behind the head
};

struct ComposeSettings {
    double amount = 1; ///< 0..2, 1 as generated
    PasteMode mode = PasteMode::KeepDetail;
    Image protect; ///< 1 channel, photo size, 1 = leave alone; empty: nothing protected
};

/// The changed rectangle of the photo, in the photo's own encoding, and the mask used there.
struct Composed {
    Rect rect;
    Image color;
    Image mask;  ///< 1 channel 0..1
    Image delta; ///< color − the photo's own
};

/// The way from a photo to its aged self; the window and the command line both go through here. Blocking; one
/// thread at a time. The model is loaded on a thread of its own from create() on and awaited by the first
/// portrait, so a photo can be read and its faces found meanwhile.
class Studio {
  public:
    static Result<Studio> create(const StudioOptions& options);
    Studio(Studio&&) noexcept;
    Studio& operator=(Studio&&) noexcept;
    ~Studio();

    /// Waits for the model.
    Result<ModelInfo> model();

    /// NoFace errors are left to the caller: a scene may have no faces.
    Result<std::shared_ptr<const Scene>> scene(Photo photo, const StopToken& stop = {});

    Result<std::shared_ptr<const Subject>> subject(std::shared_ptr<const Scene> scene, std::size_t face,
                                                   const SubjectSettings& settings,
                                                   const StopToken& stop = {});
    /// A subject from a template crop alone (RGB 0..1): no detection, no way back into a photo.
    Result<std::shared_ptr<const Subject>> aligned_subject(const Image& crop, const SubjectSettings& settings,
                                                           const StopToken& stop = {});

    Result<AgedCrop> age(const Subject& subject, double age, Stage stage, const StopToken& stop = {});

    Result<Composed> compose(const Subject& subject, const AgedCrop& aged,
                             const ComposeSettings& settings) const;

  private:
    struct Impl;
    explicit Studio(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

struct Scene {
    Photo photo;
    std::vector<SceneFace> faces;
};

/// Puts a composed rectangle into a photo; outside of it, and where its mask is 0, nothing changes.
void apply(const Composed& composed, Photo& photo);

} // namespace c2c
