#include "core/sequence/manifest.h"

#include "core/base/log.h"
#include "core/base/sha256.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace fs = std::filesystem;
using nlohmann::json;

namespace c2c {
namespace {

void put(json& object, const char* name, const std::optional<double>& value) {
    if (value)
        object[name] = *value;
}

json face_json(const FaceRecord& face) {
    json object = {{"age", face.age}};
    put(object, "read_back_age", face.read_back_age);
    put(object, "identity", face.identity);
    return object;
}

FaceRecord face_from(const json& object) {
    FaceRecord face;
    face.age = object.at("age").get<double>();
    if (object.contains("read_back_age"))
        face.read_back_age = object["read_back_age"].get<double>();
    if (object.contains("identity"))
        face.identity = object["identity"].get<double>();
    return face;
}

/// Whole lines of `text` as records; `good` is where the last whole, readable line ends.
std::map<std::int64_t, FrameRecord> records_of(std::string_view text, std::size_t& good) {
    std::map<std::int64_t, FrameRecord> records;
    good = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos)
            break;
        if (auto record = from_json_line(text.substr(at, end - at))) {
            const std::int64_t frame = record->frame;
            records.insert_or_assign(frame, *std::move(record));
            good = end + 1;
        }
        at = end + 1;
    }
    return records;
}

std::string contents(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

} // namespace

std::string to_json_line(const FrameRecord& record) {
    nlohmann::ordered_json object = {{"frame", record.frame}, {"file", record.file}};
    if (!record.faces.empty())
        object.update(face_json(record.faces.front()));
    object.update({{"seed", record.seed},
                   {"model", record.model},
                   {"job", record.job},
                   {"hash", record.hash},
                   {"size", record.size}});
    if (record.faces.size() > 1 || (!record.faces.empty() && record.faces.front().face != 1)) {
        auto faces = nlohmann::ordered_json::array();
        for (const FaceRecord& face : record.faces) {
            nlohmann::ordered_json one = {{"face", face.face}};
            one.update(face_json(face));
            faces.push_back(std::move(one));
        }
        object["faces"] = std::move(faces);
    }
    // A file name need not be UTF-8 on Linux.
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::optional<FrameRecord> from_json_line(std::string_view line) {
    try {
        const json object = json::parse(line);
        FrameRecord record;
        record.frame = object.at("frame").get<std::int64_t>();
        record.file = object.at("file").get<std::string>();
        record.seed = object.at("seed").get<std::uint64_t>();
        record.model = object.at("model").get<std::string>();
        record.job = object.at("job").get<std::string>();
        record.hash = object.at("hash").get<std::string>();
        record.size = object.at("size").get<std::uint64_t>();
        if (object.contains("faces"))
            for (const json& one : object["faces"]) {
                record.faces.push_back(face_from(one));
                record.faces.back().face = one.at("face").get<int>();
            }
        else if (object.contains("age"))
            record.faces.push_back(face_from(object));
        return record;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

FrameManifest::FrameManifest(FrameManifest&& other) noexcept {
    *this = std::move(other);
}

FrameManifest& FrameManifest::operator=(FrameManifest&& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(descriptor_, other.descriptor_);
    std::swap(records_, other.records_);
    return *this;
}

FrameManifest::~FrameManifest() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

Result<FrameManifest> FrameManifest::open(const fs::path& file, Open how) {
    const auto failed = [&](int reason) {
        return fail(ErrorKind::Output, "The manifest {} cannot be written ({}); choose another folder.",
                    file.string(), std::strerror(reason));
    };
    FrameManifest manifest;
    manifest.file_ = file;
    const int flags = O_RDWR | O_CREAT | O_CLOEXEC | (how == Open::New ? O_EXCL : 0);
    manifest.descriptor_ = ::open(file.c_str(), flags, 0666);
    const int error = errno;
    std::error_code ignored;
    if (manifest.descriptor_ < 0 && error == EEXIST && fs::file_size(file, ignored) == 0)
        return open(file, Open::Anew); // an earlier run that failed before its first frame
    if (manifest.descriptor_ < 0 && error == EEXIST)
        return fail(
            ErrorKind::Output,
            "{} exists from an earlier run; add --resume to go on with it or --overwrite to start over.",
            file.string());
    if (manifest.descriptor_ < 0)
        return failed(error);
    // A file system without locks is no reason to refuse the work.
    if (::flock(manifest.descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return fail(ErrorKind::Output,
                    "Another run is writing {}; wait for it, or use --shard to split the job.",
                    file.string());
    std::size_t good = 0;
    if (how == Open::Resume) {
        const std::string text = contents(file);
        manifest.records_ = records_of(text, good);
        if (good < text.size())
            log_warning("{}: a line that was cut short by the last run was removed.", file.string());
    }
    if (::ftruncate(manifest.descriptor_, static_cast<off_t>(good)) != 0 ||
        ::lseek(manifest.descriptor_, 0, SEEK_END) < 0 || ::fsync(manifest.descriptor_) != 0)
        return failed(errno);
    return manifest;
}

Result<void> FrameManifest::append(std::span<const FrameRecord> records) {
    std::string line;
    for (const FrameRecord& record : records)
        line += to_json_line(record) + "\n";
    const off_t start = ::lseek(descriptor_, 0, SEEK_END);
    for (std::size_t done = 0; done < line.size();) {
        const ssize_t wrote = ::write(descriptor_, line.data() + done, line.size() - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            const int error = errno;
            if (::ftruncate(descriptor_, start) != 0)
                log_warning("{} ends in half a line; --resume mends it.", file_.string());
            return fail(ErrorKind::Output,
                        "The manifest {} cannot be written ({}); free some space and --resume.",
                        file_.string(), std::strerror(error));
        }
        done += static_cast<std::size_t>(wrote);
    }
    if (::fdatasync(descriptor_) != 0)
        return fail(ErrorKind::Output, "The manifest {} cannot be written ({}); check the disk and --resume.",
                    file_.string(), std::strerror(errno));
    for (const FrameRecord& record : records)
        records_.insert_or_assign(record.frame, record);
    return {};
}

Result<std::map<std::int64_t, FrameRecord>> read_frame_manifest(const fs::path& file) {
    std::error_code ignored;
    if (!fs::exists(file, ignored))
        return std::map<std::int64_t, FrameRecord>{};
    std::ifstream probe(file);
    if (!probe || fs::is_directory(file, ignored))
        return fail(ErrorKind::Input, "The manifest {} cannot be read; check its permissions.",
                    file.string());
    std::size_t good = 0;
    return records_of(contents(file), good);
}

Result<void> record_file(FrameRecord& record, const fs::path& file, const fs::path& folder) {
    record.file = fs::relative(file, folder.empty() ? "." : folder);
    C2C_TRY(record.hash, sha256_file(file));
    std::error_code ignored;
    record.size = fs::file_size(file, ignored);
    return {};
}

bool frame_is_valid(const FrameRecord& record, const fs::path& folder, const std::string& job) {
    if (record.job != job)
        return false;
    const fs::path file = folder / record.file;
    std::error_code error;
    if (!fs::is_regular_file(file, error) || fs::file_size(file, error) != record.size || error)
        return false;
    const auto hash = sha256_file(file);
    return hash && *hash == record.hash;
}

} // namespace c2c
