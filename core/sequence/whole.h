#pragma once

// Inside run_sequence: what movies and animations share, one file made of parts that a killed run can keep.

#include "core/sequence/job.h"

#include <span>
#include <string>
#include <vector>

namespace c2c {

/// "out/a.mov.parts": gone when the file is there.
std::filesystem::path parts_folder(const SequencePlan& plan);

/// The fingerprint of every planned frame.
Result<std::vector<std::string>> fingerprints(Job& job);

/// The manifest, opened as the options say; a file that is there already is refused unless it may be
/// replaced.
Result<FrameManifest> open_whole(const Job& job);

/// Whether a resumed job's file is there already, whole and of these settings: reported then, and its parts
/// removed.
bool already_whole(Job& job, const FrameManifest& manifest, const std::vector<std::string>& prints);

/// Records that one file holds these frames now, all of which have been recorded before.
Result<void> record_together(FrameManifest& manifest, std::span<const PlannedFrame> frames,
                             const std::filesystem::path& file, const std::filesystem::path& folder);

/// Records that every frame is in the file now, and removes the parts.
Result<void> finish_whole(Job& job, FrameManifest& manifest);

/// Sync, rename and the sentence for a full disk are write_atomically's.
Result<void> write_whole(Job& job, const std::function<Result<void>(const std::filesystem::path&)>& write);

/// When each frame is shown, in VideoOptions' unit counted from the first, and at the end when the last one
/// goes.
std::vector<std::int64_t> frame_times(const SequencePlan& plan);

/// As the source has them, or as asked.
VideoOptions movie_options(const Job& job);

} // namespace c2c
