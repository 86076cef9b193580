#pragma once

#include "core/aging/ager.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/face/detect.h"
#include "core/face/face.h"
#include "core/face/matte.h"
#include "core/face/paste.h"
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
    int threads = 0;        ///< for torch and OpenCV together, set once a process; 0: all cores
    bool load_model = true; ///< false: faces only
    Progress progress;      ///< of loading the model; called from the thread that loads it
};

/// A face of a photo, with what the age and gender nets make of it.
struct SceneFace {
    Face face;
    double age = 0;
    Gender gender = Gender::Male;
};

/// A photo and its faces in the order of FaceFinder::find. Immutable, shared by the subjects made of it.
struct Scene {
    std::shared_ptr<const Photo> photo;
    std::vector<SceneFace> faces;
};

/// A photo whose faces are being looked for. The scene has those that were found so far; it is another one
/// when there are more.
struct SceneSearch {
    explicit SceneSearch(Photo photo);

    std::shared_ptr<const Scene> scene;
    FaceSearch faces;
    Image srgb;                       ///< of the photo, until all are found; empty: its own values are that
    std::vector<SceneFace> estimated; ///< those that the scene does not have yet
};

struct SubjectSettings {
    PortraitSettings portrait;
    bool grey_background = false; ///< the network sees grey 130 behind the head
    RegionMask protect;           ///< 1 = leave alone; empty: nothing protected
};

/// A face chosen for ageing and everything that does not depend on the age.
struct Subject {
    std::shared_ptr<const Scene> scene; ///< null for an aligned crop, which has no way back into a photo
    std::size_t face = 0;               ///< in scene->faces
    Rect rect; ///< the part of the photo around the face that crop and maps came from
    FaceMaps maps;
    Portrait portrait;
    PasteContext paste;
};

/// The photo (or an aged one of its size) around the subject's face in sRGB, and the face in it: for the
/// meters, a contact sheet, a thumbnail.
struct FaceView {
    Image srgb;
    Face face;
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

    int threads() const;

    /// Waits for the model. A stop ends the wait; the loading ends with the studio.
    Result<ModelInfo> model(const StopToken& stop = {});

    /// NoFace errors are left to the caller: a scene may have no faces.
    Result<std::shared_ptr<const Scene>> scene(Photo photo, const StopToken& stop = {});
    /// The same by steps, for whoever wants to begin with the first face (see FaceFinder::go_on).
    Result<void> find_faces(SceneSearch& search, Faces which, const StopToken& stop = {});

    Result<std::shared_ptr<const Subject>> subject(std::shared_ptr<const Scene> scene, std::size_t face,
                                                   const SubjectSettings& settings,
                                                   const StopToken& stop = {});
    /// A subject from a template crop alone (RGB 0..1): no detection, no way back into a photo.
    Result<std::shared_ptr<const Subject>> aligned_subject(const Image& crop, const SubjectSettings& settings,
                                                           const StopToken& stop = {});

    Result<AgedCrop> age(const Subject& subject, double age, Stage stage, const StopToken& stop = {});

  private:
    struct Impl;
    explicit Studio(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// The same subject under another protect mask; portrait and maps are shared.
Result<std::shared_ptr<const Subject>> with_protect(const Subject& subject, const RegionMask& protect);

/// The aged face as a part of the photo (see paste.h). `amount` 0..2, 1 as generated.
Patch compose(const Subject& subject, const AgedCrop& aged, double amount = 1,
              PasteMode mode = PasteMode::KeepDetail);
/// The same in parts, for the screen (see paste_parts); `paste` is the subject's, or shrunk.
void compose_parts(const PasteContext& paste, const AgedCrop& aged, double amount, PasteMode mode,
                   const std::function<void(const Rect& area, Image changed)>& take);
/// What compose adds: sRGB-encoded, signed, of the patch's size.
Image compose_delta(const Subject& subject, const AgedCrop& aged, double amount = 1,
                    PasteMode mode = PasteMode::KeepDetail);

/// Indices of the faces as a person counts them: from the left.
std::vector<std::size_t> left_to_right(const std::vector<SceneFace>& faces);

Result<FaceView> face_view(const Subject& subject, const Photo& photo);

} // namespace c2c
