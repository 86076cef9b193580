#include "core/fetch/download.h"
#include "core/base/sha256.h"
#include "core/fetch/fetch_model.h"
#include "tests/fetch/server.h"
#include "tests/support.h"

#include <sys/file.h>

#include <fcntl.h>

#include <fstream>
#include <iterator>

using namespace c2c;
using namespace c2c::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string hash_of(const std::string& text) {
    return sha256(std::as_bytes(std::span(text)));
}

/// Bytes that repeat nowhere, so that none can be at another's place.
std::string some_bytes(std::size_t count) {
    std::string bytes;
    for (std::uint32_t i = 0; bytes.size() < count; ++i)
        bytes += std::to_string(i * 2654435761U) + ",";
    bytes.resize(count);
    return bytes;
}

const std::string kBody = some_bytes(3'000'000);

Downloaded whole(const Download& what) {
    const auto done = value(download(what));
    REQUIRE(done);
    CHECK(text_of(what.target) == kBody);
    CHECK_FALSE(fs::exists(what.target.string() + ".part"));
    CHECK_FALSE(fs::exists(what.target.string() + ".part.etag"));
    return *done;
}

Error refused(const Download& what, ErrorKind kind) {
    const auto done = download(what);
    REQUIRE_FALSE(done);
    INFO(done.error().text);
    CHECK(done.error().kind == kind);
    CHECK_FALSE(fs::exists(what.target));
    return done.error();
}

} // namespace

TEST_CASE("A file comes whole, by way of a redirect too, and nothing but it is left") {
    Server server;
    const TempDir dir;
    server.serve("/file", {kBody});
    server.serve("/moved", {"see there", 302, "", server.url("/file")});
    CHECK(whole({server.url("/file"), dir / "a", hash_of(kBody)}).sha256 == hash_of(kBody));
    CHECK(whole({server.url("/moved"), dir / "b"}).sha256.empty());
    CHECK(std::distance(fs::directory_iterator(dir.path()), {}) == 2);
}

TEST_CASE("A cut connection is taken up where it broke off, as long as that gets further") {
    Server server;
    const TempDir dir;
    server.serve("/file", {.body = kBody, .etag = "\"v1\"", .cuts = {1'000'000, 500'000}});
    whole({server.url("/file"), dir / "file"});
    const auto asked = server.asked();
    REQUIRE(asked.size() == 3);
    CHECK(asked[0].range.empty());
    CHECK(asked[1].range == "bytes=1000000-");
    CHECK(asked[2].range == "bytes=1500000-");
}

TEST_CASE("What is kept of a broken download is gone on with by the next call") {
    Server server;
    const TempDir dir;
    const Download what{server.url("/file"), dir / "file"};
    server.serve("/file", {.body = kBody, .etag = "\"v1\"", .cuts = {1'200'000, 0}});
    const Error broken = refused(what, ErrorKind::Model);
    CHECK_THAT(broken.text, Contains("broke off after 1.2 MB") && Contains("start it again"));
    CHECK(text_of(dir / "file.part") == kBody.substr(0, 1'200'000));

    SECTION("from where it broke off") {
        CHECK(whole(what).resumed_at == 1'200'000);
        CHECK(server.asked().back().range == "bytes=1200000-");
    }
    SECTION("from the beginning when the file has changed meanwhile") {
        std::ofstream(dir / "file.part", std::ios::binary) << std::string(1'200'000, 'x');
        server.serve("/file", {.body = kBody, .etag = "\"v2\""});
        whole(what);
        CHECK(server.asked().back().range == "bytes=1200000-");
    }
    SECTION("from the beginning when the server does not know ranges") {
        server.serve("/file", {.body = kBody, .etag = "\"v1\"", .ranges = false});
        whole(what);
    }
    SECTION("not at all when all of it had come") {
        std::ofstream(dir / "file.part", std::ios::binary) << kBody;
        whole(what);
    }
    SECTION("from the beginning when more had come than there is") {
        std::ofstream(dir / "file.part", std::ios::binary) << kBody << "more";
        whole(what);
    }
    SECTION("from the beginning when neither version nor hash tells what it is a part of") {
        std::ofstream(dir / "file.part", std::ios::binary) << std::string(1'200'000, 'x');
        fs::remove(dir / "file.part.etag");
        whole(what);
        CHECK(server.asked().back().range.empty());
    }
}

TEST_CASE("A file with another hash than it should have is removed, resumed or not") {
    Server server;
    const TempDir dir;
    const std::string other = hash_of("another file");
    server.serve("/file", {kBody});
    server.serve("/large", {.body = kBody, .lfs_sha256 = '"' + other + '"'});
    CHECK_THAT(refused({server.url("/file"), dir / "file", other}, ErrorKind::Model).text,
               Contains(other.substr(0, 12)) && Contains("was removed"));
    CHECK_THAT(refused({server.url("/large"), dir / "file"}, ErrorKind::Model).text, Contains("was removed"));
    CHECK(fs::is_empty(dir.path()));

    std::ofstream(dir / "file.part", std::ios::binary) << std::string(1000, 'x');
    refused({server.url("/file"), dir / "file", hash_of(kBody)}, ErrorKind::Model);
    CHECK(whole({server.url("/file"), dir / "file", hash_of(kBody)}).resumed_at == 0);
}

TEST_CASE("What cannot be downloaded is said in a sentence, and nothing is left behind") {
    const TempDir dir;
    std::string closed;
    {
        Server server;
        closed = server.url("/file");
        server.serve("/secret", {"go away", 403});
        server.serve("/broken", {"sorry", 500});
        const auto none = value(download({server.url("/none"), dir / "file"}));
        CHECK_FALSE(none);
        CHECK_THAT(refused({server.url("/secret"), dir / "file"}, ErrorKind::Model).text, Contains("403"));
        CHECK_THAT(refused({server.url("/broken"), dir / "file"}, ErrorKind::Model).text, Contains("500"));
    }
    CHECK_THAT(refused({closed, dir / "file"}, ErrorKind::Model).text,
               Contains("cannot be reached") && Contains("--from"));
    CHECK_THAT(refused({"http://nobody.invalid/x", dir / "file"}, ErrorKind::Model).text,
               Contains("cannot be reached"));
    CHECK(refused({"file:///etc/passwd", dir / "file"}, ErrorKind::Usage).text.ends_with("."));
    CHECK(fs::is_empty(dir.path()));
}

TEST_CASE("A full disk and a folder that nobody may write to are said, what had come stays") {
    Server server;
    const TempDir dir;
    server.serve("/file", {kBody});
    fs::create_symlink("/dev/full", dir / "file.part");
    CHECK_THAT(refused({server.url("/file"), dir / "file"}, ErrorKind::Output).text,
               Contains("No space left"));
    CHECK_THAT(refused({server.url("/file"), "/proc/nowhere"}, ErrorKind::Output).text,
               Contains("/proc/nowhere.part cannot be written"));

    const fs::path part = dir / "busy.part";
    const int other = ::open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    REQUIRE(::flock(other, LOCK_EX) == 0);
    CHECK_THAT(refused({server.url("/file"), dir / "busy"}, ErrorKind::Output).text,
               Contains("by another program"));
    CHECK(fs::exists(part));
    ::close(other);
}

TEST_CASE("A stop keeps what had come") {
    Server server;
    const TempDir dir;
    std::stop_source stop;
    server.serve("/file", {.body = kBody, .etag = "\"v1\"", .stall_after = [&] { stop.request_stop(); }});
    const auto stopped = download({server.url("/file"), dir / "file"}, {}, stop.get_token());
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().kind == ErrorKind::Cancelled);
    const std::uintmax_t kept = fs::file_size(dir / "file.part");
    CHECK(kept > 0);
    server.serve("/file", {.body = kBody, .etag = "\"v1\""});
    CHECK(whole({server.url("/file"), dir / "file"}).resumed_at == kept);
}

TEST_CASE("Sources are mirrors or folders, from the flag, the environment or a file") {
    const TempDir config;
    ::setenv("XDG_CONFIG_HOME", config.path().c_str(), 1);
    ::unsetenv("C2C_MODEL_SOURCE");
    const PublishedFile::Place place{"Cradle2Cane/backbone.pth", "backbone.pth"};
    CHECK(url_of(model_source(), "some/body", place) ==
          "https://huggingface.co/some/body/resolve/main/Cradle2Cane/backbone.pth");
    fs::create_directory(config / "cradle2cane");
    std::ofstream(config / "cradle2cane/model_source") << "http://house/models/\n";
    CHECK(url_of(model_source(), "some/body", place) == "http://house/models/backbone.pth");
    ::setenv("C2C_MODEL_SOURCE", "http://mirror/{repository}/{path}", 1);
    CHECK(url_of(model_source(), "some/body", place) == "http://mirror/some/body/Cradle2Cane/backbone.pth");
    CHECK(model_source("http://flag") == "http://flag");
    ::unsetenv("C2C_MODEL_SOURCE");

    const std::string hash(64, 'a');
    const auto hashes = value(read_sha256_list(hash + "  ./unet/x\r\n" + hash + " *y\n\n", "list"));
    CHECK(hashes == std::map<std::string, std::string>{{"unet/x", hash}, {"y", hash}});
    CHECK_THAT(read_sha256_list("<html>", "list").error().text, Contains("list") && Contains("<html>"));
}
