#pragma once

#include "core/sequence/plan.h"
#include "ui/session/session.h"

#include <QString>
#include <QStringList>

#include <filesystem>
#include <vector>

namespace c2c::ui {

/// What to do with frames that are there already.
enum class Existing { Refuse, Resume, Overwrite };

/// What the sequence dialog asks of cradle2cane-cli.
struct SequenceRequest {
    std::filesystem::path input;   ///< a plate's folder or a movie; empty: the session's photo
    std::vector<FaceCurve> curves; ///< face 0 is the chosen one of a photo, the largest of a plate
    QString pattern;
    Existing existing = Existing::Refuse;
    QStringList more; ///< options as typed
};

/// The faces' number on the command line, which counts them from the left; here they are sorted by size.
int place_from_left(const std::vector<FaceEstimate>& faces, std::size_t face);

/// The curves, the chosen face of a photo by its number where there is more than one.
std::vector<FaceCurve> numbered(const SequenceRequest& request, const Session& session);

/// The photo of the session, or what `input` is; nothing is opened, so a movie's frames are not known yet.
Result<FrameSource> source_of(const SequenceRequest& request, const Session& session);

/// As cradle2cane-cli will number and name the frames; a Usage error says what does not fit.
Result<SequencePlan> plan_of(const SequenceRequest& request, FrameSource source, const Session& session);

/// What cradle2cane-cli is given for it.
QStringList arguments_of(const SequenceRequest& request, const Session& session);

/// The same as a line for a POSIX shell, as farms run it.
QString shell_line(const QStringList& arguments);

/// The keys of a curve over other frames: its `from` becomes `to`, and what lies between goes along. Keys
/// that would meet become one.
struct FrameSpan {
    double first = 0, last = 0;
};
AgeCurve stretched(const AgeCurve& curve, FrameSpan from, FrameSpan to);

} // namespace c2c::ui
