#pragma once

#include "core/aging/studio.h"
#include "core/image/write.h"
#include "core/replay/export_options.h"
#include "core/replay/session_file.h"

#include <string>

namespace c2c {

// The way from a look to a file. The window's export and `cradle2cane-cli replay` both go through here, so
// that they write the same pixels.

/// What of a look the networks see; protected places come after (see protected_subject).
SubjectSettings subject_settings(const Look& look);

PasteMode paste_mode(const Look& look);

/// The subject with what the look leaves alone; portrait and maps are shared.
Result<std::shared_ptr<const Subject>> protected_subject(const Subject& subject, const Protect& protect);

/// The photo in another size: averaged when it shrinks, cubic when it grows; colour weighted by a straight
/// alpha, ids of EXR taken from the nearest pixel.
Photo resized(const Photo& photo, PixelSize size);

/// What goes into a result's metadata: `what` was done ("Aged from 35.0 to 70.0"), by which program, model
/// and seed; the licence's word where it forbids commercial use.
Provenance provenance(const std::string& program, const std::string& what, const ModelInfo& model,
                      std::uint64_t seed);

/// The subject's photo with the aged face, at full resolution in the photo's own precision unless `options`
/// say otherwise; the change and the matte beside it. `program` ("Cradle2Cane 0.1") goes into the metadata.
Result<void> export_still(const Subject& subject, const AgedCrop& aged, const Look& look,
                          const ModelInfo& model, const std::filesystem::path& target,
                          const ExportOptions& options, const std::string& program,
                          const StopToken& stop = {});

} // namespace c2c
