#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/face/face.h"
#include "core/image/image.h"
#include "core/replay/export_options.h"
#include "core/replay/session_file.h"

#include <QDateTime>
#include <QImage>
#include <QString>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2c::ui {

enum class Pass { Draft, Settled };

/// What the Photo panel says of a file.
struct PhotoInfo {
    std::filesystem::path path;
    int width = 0, height = 0;
    QString format, depth, profile; ///< in words: "JPEG", "8 bit", "Adobe RGB (1998)"
    bool alpha = false, metadata = false, content_credentials = false;
    QString camera, lens, exposure; ///< empty where the camera noted nothing
    QDateTime taken;
    bool place = false; ///< the metadata has coordinates
};

struct OpenedPhoto {
    PhotoInfo info;
    QImage pixels; ///< Format_RGB32, upright, sRGB; for the screen only
};

struct FaceEstimate {
    Face face;
    double age = 30;
    Gender gender = Gender::Male;
};

/// The part of the photo that an age changes.
struct Region {
    Pass pass = Pass::Draft; ///< may be better than asked for
    int level = 0;           ///< of the photo's pyramid; 0 is whole
    Rect rect;               ///< a pyramid_rect, in photo pixels
    QImage pixels;           ///< Format_RGB32, of rect at that level, sRGB
    Rect matte_rect;         ///< what can change, inside rect
    QImage matte;            ///< Format_Grayscale8, size of matte_rect: where and how much the photo changes
    std::map<std::string, double> seconds; ///< by stage
};

/// Figures of a settled age; absent where a meter has none to give.
struct Meters {
    std::optional<double> age;      ///< read back by a net that had no part in the ageing
    std::optional<double> identity; ///< cosine to the source face, −1..1
};

struct ModelChoice {
    std::filesystem::path folder; ///< empty: the embedded model
    std::string device = "auto", precision = "auto";
    bool operator==(const ModelChoice&) const = default;
};

struct ModelSummary {
    ModelChoice choice; ///< what was asked for; filled in by the inference thread
    std::filesystem::path folder;
    QString name, version, licence, licence_note, hash, device, precision;
    QString memory; ///< what of it does not lie ready on the device, in words; empty: nothing
    bool commercial_use = true;
};

/// What the window asks of the networks. Every call blocks, is made on the one inference thread, and asks its
/// stop token between network calls; a stopped call returns cancelled() and leaves the engine as it was.
class Engine {
  public:
    virtual ~Engine() = default;

    /// Loads a model; on failure the one before stays in use.
    virtual Result<ModelSummary> load_model(const ModelChoice& choice, const Progress& progress,
                                            const StopToken& stop) = 0;

    /// Opens a photo in place of the one before. A failure leaves the old one open.
    virtual Result<OpenedPhoto> open(const std::filesystem::path& photo, const StopToken& stop) = 0;

    /// The faces of the open photo, largest first; none is not an error. After a stop the search goes on
    /// where it was.
    virtual Result<std::vector<FaceEstimate>> find_faces(Faces which, const StopToken& stop) = 0;

    /// `level`: of the photo's pyramid; more than 0 is quicker, where the view shows no more.
    virtual Result<Region> render(const Look& look, double age, Pass pass, int level,
                                  const StopToken& stop) = 0;

    virtual Result<Meters> measure(const Look& look, double age, const StopToken& stop) = 0;

    /// Writes the settled age at full resolution in the photo's own precision.
    virtual Result<void> export_photo(const Look& look, double age, const std::filesystem::path& target,
                                      const ExportOptions& options, const StopToken& stop) = 0;

    /// ModelSummary::memory as it is now: the networks may make room while they work.
    virtual QString model_memory() = 0;
};

} // namespace c2c::ui
