#include "core/sequence/manifest.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/sha256.h"
#include "core/sequence/disk.h"
#include "tests/support.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

using namespace c2c;
using c2c::test::TempDir;
using c2c::test::value;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& file, std::string_view text) {
    std::ofstream(file, std::ios::binary) << text;
}

std::string text_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

FrameRecord record_of(std::int64_t frame, const std::string& content) {
    FrameRecord record;
    record.frame = frame;
    record.file = fmt::format("a.{}.png", frame);
    record.faces = {{1, 33.4, 34.1, 0.71}};
    record.seed = ~0ull;
    record.model = "nano@12ab";
    record.job = "job";
    record.hash = sha256(std::as_bytes(std::span(content)));
    record.size = content.size();
    return record;
}

} // namespace

TEST_CASE("a record comes back from its line") {
    FrameRecord record = record_of(1001, "x");
    auto back = from_json_line(to_json_line(record));
    REQUIRE(back);
    CHECK(to_json_line(*back) == to_json_line(record));
    CHECK(back->seed == ~0ull);
    CHECK(back->faces.at(0).read_back_age == 34.1);
    CHECK_THAT(to_json_line(record), Catch::StartsWith(R"({"frame":1001,"file":"a.1001.png","age":33.4,)"));

    record.faces.push_back({3, 60, std::nullopt, 0.5});
    back = from_json_line(to_json_line(record));
    REQUIRE(back);
    REQUIRE(back->faces.size() == 2);
    CHECK(back->faces[1].face == 3);
    CHECK_FALSE(back->faces[1].read_back_age);
    for (const char* bad : {"", "{}", "[1]", "{\"frame\":\"x\"}", "nonsense", "{\"frame\":1"})
        CHECK_FALSE(from_json_line(bad));
}

TEST_CASE("a torn last line is cut off at every possible length, and the work goes on") {
    init_log(LogLevel::Error); // each repair is a warning
    const TempDir folder;
    const fs::path file = folder / "a.manifest.jsonl";
    {
        auto manifest = value(FrameManifest::open(file, FrameManifest::Open::New));
        for (int frame = 1; frame <= 3; ++frame)
            value(manifest.append(record_of(frame, "x")));
    }
    const std::string whole = text_of(file);
    const std::size_t two = whole.find('\n', whole.find('\n') + 1) + 1;
    for (std::size_t length = two; length < whole.size(); length += 7) {
        put(file, whole.substr(0, length));
        auto manifest = value(FrameManifest::open(file, FrameManifest::Open::Resume));
        CHECK(manifest.records().size() == 2);
        value(manifest.append(record_of(3, "x")));
        CHECK(text_of(file) == whole);
    }
    // A lone newline from a disk that wrote out of order, and zeros as some file systems leave them.
    put(file, whole.substr(0, two) + std::string(40, '\0') + "\n");
    CHECK(value(FrameManifest::open(file, FrameManifest::Open::Resume)).records().size() == 2);
    CHECK(text_of(file) == whole.substr(0, two));
}

TEST_CASE("a second run does not write the same manifest, and an earlier one is not lost by mistake") {
    const TempDir folder;
    const fs::path file = folder / "m.jsonl";
    auto manifest = value(FrameManifest::open(file, FrameManifest::Open::New));
    value(manifest.append(record_of(1, "x")));
    const auto locked = FrameManifest::open(file, FrameManifest::Open::Resume);
    REQUIRE_FALSE(locked);
    CHECK_THAT(locked.error().text, Catch::Contains("Another run"));
    { const auto gone = std::move(manifest); }
    const auto exists = FrameManifest::open(file, FrameManifest::Open::New);
    REQUIRE_FALSE(exists);
    CHECK_THAT(exists.error().text, Catch::Contains("--resume"));
    CHECK(value(FrameManifest::open(file, FrameManifest::Open::Resume)).records().size() == 1);
    CHECK(value(FrameManifest::open(file, FrameManifest::Open::Anew)).records().empty());
    CHECK(text_of(file).empty());
    CHECK(FrameManifest::open(file, FrameManifest::Open::New)); // empty: nothing to lose
    CHECK_FALSE(FrameManifest::open(folder / "no/where.jsonl", FrameManifest::Open::New));
    CHECK(value(read_frame_manifest(folder / "none.jsonl")).empty());
}

TEST_CASE("a frame is valid only with its own job, size and hash") {
    const TempDir folder;
    put(folder / "a.1.png", "picture");
    const FrameRecord record = record_of(1, "picture");
    CHECK(frame_is_valid(record, folder.path(), "job"));
    CHECK_FALSE(frame_is_valid(record, folder.path(), "other settings"));
    put(folder / "a.1.png", "picturE");
    CHECK_FALSE(frame_is_valid(record, folder.path(), "job"));
    put(folder / "a.1.png", "pict");
    CHECK_FALSE(frame_is_valid(record, folder.path(), "job"));
    fs::remove(folder / "a.1.png");
    CHECK_FALSE(frame_is_valid(record, folder.path(), "job"));
    fs::create_directory(folder / "a.1.png");
    CHECK_FALSE(frame_is_valid(record, folder.path(), "job"));
}

TEST_CASE("a process killed at any time leaves only valid frames, and loses only the one in work") {
    const TempDir folder;
    const fs::path file = folder / "m.jsonl";
    const std::string picture(300'000, 'p');
    std::int64_t next = 0;
    for (int round = 0; round < 6; ++round) {
        const pid_t child = ::fork();
        if (child == 0) { // writes frames for ever
            auto manifest = FrameManifest::open(file, FrameManifest::Open::Resume);
            std::int64_t frame = 0;
            for (; manifest && manifest->records().contains(frame); ++frame)
                ;
            for (; manifest; ++frame) {
                const FrameRecord record = record_of(frame, picture);
                const auto wrote =
                    write_atomically(folder / record.file, Overwrite::Yes, [&](const fs::path& path) {
                        put(path, picture);
                        return Result<void>();
                    });
                if (!wrote || !manifest->append(record))
                    break;
            }
            ::_exit(1);
        }
        ::usleep(20'000 + 7'000 * static_cast<unsigned>(round));
        REQUIRE(::kill(child, SIGKILL) == 0);
        int status = 0;
        ::waitpid(child, &status, 0);
        REQUIRE(WIFSIGNALED(status));
        const auto records = value(read_frame_manifest(file));
        for (const auto& [frame, record] : records)
            CHECK(frame_is_valid(record, folder.path(), "job"));
        const auto done = static_cast<std::int64_t>(records.size());
        CHECK(done >= next);
        next = done;
        // At most one finished frame is not yet recorded, and every recorded one is whole.
        CHECK_FALSE(fs::exists(folder / fmt::format("a.{}.png", done + 1)));
    }
    CHECK(next > 0);
    for (std::int64_t frame = 0; frame <= next; ++frame)
        remove_orphans(folder / fmt::format("a.{}.png", frame));
    for (const auto& entry : fs::directory_iterator(folder.path()))
        CHECK_FALSE(entry.path().filename().string().starts_with("."));
}

TEST_CASE("orphans are removed, and nothing that only looks like one") {
    const TempDir folder;
    for (const char* name : {".a.1001.123-4.tmp.png", ".a.1002.123-4.tmp.png", ".a.1001.mine.png",
                             "a.1001.png", ".a.1001.123-4.tmp.jpg"})
        put(folder / name, "x");
    remove_orphans(folder / "a.1001.png");
    CHECK_FALSE(fs::exists(folder / ".a.1001.123-4.tmp.png"));
    CHECK(fs::exists(folder / ".a.1002.123-4.tmp.png"));
    CHECK(fs::exists(folder / ".a.1001.mine.png"));
    CHECK(fs::exists(folder / "a.1001.png"));
    CHECK(fs::exists(folder / ".a.1001.123-4.tmp.jpg"));
}

TEST_CASE("disk space is asked for in words") {
    const TempDir folder;
    CHECK(check_disk_space(folder.path(), 1000));
    const auto full = check_disk_space(folder.path(), ~0ull);
    REQUIRE_FALSE(full);
    CHECK(full.error().kind == ErrorKind::Output);
    CHECK_THAT(full.error().text, Catch::Contains("free some space"));
    CHECK_FALSE(check_disk_space(folder / "nowhere", 1));
}
