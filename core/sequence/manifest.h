#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace c2c {

struct FaceRecord {
    int face = 1;   ///< counted from 1
    double age = 0; ///< asked
    std::optional<double> read_back_age = {};
    std::optional<double> identity = {};
};

/// One finished frame, one line of JSON.
struct FrameRecord {
    std::int64_t frame = 0;
    std::string file; ///< relative to the manifest's folder
    std::vector<FaceRecord> faces = {};
    std::uint64_t seed = 0;
    std::string model = {}; ///< name and hash
    std::string job = {};   ///< fingerprint of everything else that the pixels depend on
    std::string hash = {};  ///< SHA-256 of the file
    std::uint64_t size = 0; ///< bytes of the file
};

std::string to_json_line(const FrameRecord& record); ///< without the newline
std::optional<FrameRecord> from_json_line(std::string_view line);

/// What a job has finished, as JSON lines beside its frames. A line is appended and synced after its frame
/// has its name, so after a kill at any time the manifest never claims a frame that is not there; the torn
/// last line that a power cut can leave is cut off at the next open.
class FrameManifest {
  public:
    enum class Open {
        New,    ///< an Output error when it exists
        Resume, ///< keeps what is there, if anything
        Anew,   ///< starts over
    };
    /// Locked against a second run that writes the same frames; the lock ends with the process, however it
    /// ends.
    static Result<FrameManifest> open(const std::filesystem::path& file, Open how);
    FrameManifest(FrameManifest&&) noexcept;
    FrameManifest& operator=(FrameManifest&&) noexcept;
    ~FrameManifest();

    /// The last line of each frame.
    const std::map<std::int64_t, FrameRecord>& records() const { return records_; }
    Result<void> append(const FrameRecord& record) { return append(std::span(&record, 1)); }
    Result<void> append(std::span<const FrameRecord> records); ///< synced once

  private:
    FrameManifest() = default;
    std::filesystem::path file_;
    int descriptor_ = -1;
    std::map<std::int64_t, FrameRecord> records_;
};

/// Reads without locking or repairing; lines that cannot be read are left out. A missing file has no records.
Result<std::map<std::int64_t, FrameRecord>> read_frame_manifest(const std::filesystem::path& file);

/// Says in the record where the frame lies: its file's name from `folder` (the manifest's), hash and size.
Result<void> record_file(FrameRecord& record, const std::filesystem::path& file,
                         const std::filesystem::path& folder);

/// Whether the recorded frame belongs to `job`, is there, and has its size and hash.
bool frame_is_valid(const FrameRecord& record, const std::filesystem::path& folder, const std::string& job);

} // namespace c2c
