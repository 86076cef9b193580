#include "tests/app/cli.h"

#include "core/base/files.h"
#include "core/image/read.h"

#include <sys/mount.h>

#include <catch2/catch.hpp>

using namespace c2c;
using namespace c2c::test;
namespace fs = std::filesystem;

namespace {

void write_file(const fs::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
}

void shorten(const fs::path& from, const fs::path& to, double part) {
    const std::string bytes = text_of(from);
    write_file(to, bytes.substr(0, static_cast<std::size_t>(static_cast<double>(bytes.size()) * part)));
}

/// A PNG whose header claims a size; zlib's CRC table is not needed for a signature, IHDR and its checksum.
std::string png_header(std::uint32_t width, std::uint32_t height) {
    std::string chunk = "IHDR";
    for (const std::uint32_t side : {width, height})
        for (int shift = 24; shift >= 0; shift -= 8)
            chunk += static_cast<char>(side >> shift);
    chunk += std::string("\x08\x02\x00\x00\x00", 5);
    std::uint32_t crc = 0xffffffff;
    for (const char c : chunk) {
        crc ^= static_cast<unsigned char>(c);
        for (int i = 0; i < 8; ++i)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    crc = ~crc;
    std::string png = std::string("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d", 12) + chunk;
    for (int shift = 24; shift >= 0; shift -= 8)
        png += static_cast<char>(crc >> shift);
    return png + std::string("\x00\x00\x10\x00IDAT\x78\x9c", 10) + std::string(4096, '\0');
}

const std::string man = quoted(photo("man_38.jpg"));

/// A small file system of the test's own, where it may be made (root); full after `bytes`.
class SmallDisk {
  public:
    SmallDisk(const fs::path& at, const std::string& options) : at_(at) {
        fs::create_directory(at_);
        mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, options.c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_)
            ::umount(at_.c_str());
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    bool mounted() const { return mounted_; }
    bool read_only() const { return ::mount("tmpfs", at_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "") == 0; }

  private:
    fs::path at_;
    bool mounted_ = false;
};

} // namespace

TEST_CASE("An age that is none is refused before anything is loaded") {
    TempDir dir;
    for (const char* age : {"-5", "abc", "200", "nan", "5:85:0", "1:2:3:4"})
        check_refused(dir, man + " --age=" + age, 2, "age");
    check_refused(dir, man, 2, "--age");
    check_refused(dir, "--age 70", 2, "photo");
    check_refused(dir, man + " --age 70 --faces none", 2, "--faces");
    CHECK(cli(dir, man + " --age=''").code == 2);
    CHECK(cli(dir, man + " --age 70 --mode glue").code == 2);
    CHECK(cli(dir, man + " --age 70 --no-such-flag").code == 2);
    CHECK(cli(dir, "--help").code == 0);
    CHECK(cli(dir, "--help").out.find("cradle2cane-cli portrait.jpg --age 70") != std::string::npos);
}

TEST_CASE("A file that is no photo is refused in one sentence") {
    TempDir dir;
    check_refused(dir, "missing.jpg --age 70", 3, "missing.jpg");
    fs::create_directory(dir / "folder");
    check_refused(dir, "folder --age 70", 3, "folder");
    write_file(dir / "empty.jpg", "");
    check_refused(dir, "empty.jpg --age 70", 3, "empty.jpg");
    write_file(dir / "text.jpg", "Dear diary, today I renamed a letter.\n");
    check_refused(dir, "text.jpg --age 70", 3, "text.jpg");
    shorten(photo("man_38.jpg"), dir / "cut.jpg", .6);
    check_refused(dir, "cut.jpg --age 70", 3, "cut.jpg");
    shorten(photo("astronaut_woman_35.png"), dir / "cut.png", .6);
    check_refused(dir, "cut.png --age 70", 3, "cut.png");
    write_file(dir / "huge.png", png_header(90'000, 90'000));
    check_refused(dir, "huge.png --age 70", 3, "90000");
    check_refused(dir, man + " --age 70 --max-pixels 1000", 3, "man_38.jpg");
    check_refused(dir, "'nothing*.jpg' --age 70", 3, "nothing*.jpg");
}

TEST_CASE("A photo without a face, or without that face") {
    TempDir dir;
    // 1x1: a photo, but no face.
    const std::string one_pixel("P6 1 1 255\n\x80\x80\x80", 14);
    write_file(dir / "one.ppm", one_pixel);
    const int code = cli(dir, "one.ppm --age 70").code;
    CHECK((code == 3 || code == 4));
    check_refused(dir, man + " --age 70 --faces 3", 4, "man_38.jpg");
}

TEST_CASE("A model or a device that is not there") {
    TempDir dir;
    check_refused(dir, man + " --age 70 --model nowhere", 5, "nowhere");
    fs::create_directory(dir / "model");
    check_refused(dir, man + " --age 70 --model model", 5, "model");
    fs::copy(models_dir() / "nano", dir / "renamed", fs::copy_options::recursive);
    fs::rename(dir / "renamed/prompts.safetensors", dir / "renamed/prompt.safetensors");
    check_refused(dir, man + " --age 70 --model renamed", 5, "prompts.safetensors");
    check_refused(dir, man + " --age 70 --device cuda:9", 7, "cuda");
    check_refused(dir, man + " --age 70 --device toaster", 2, "toaster");
}

TEST_CASE("A place that cannot be written to") {
    TempDir dir;
    check_refused(dir, man + " --age 70 -o no/such/folder/{stem}.png", 6, "no/such/folder");
    write_file(dir / "kept.png", "mine");
    check_refused(dir, man + " --age 70 -o kept.png", 6, "kept.png");
    CHECK(text_of(dir / "kept.png") == "mine");
    fs::copy_file(photo("man_38.jpg"), dir / "source.jpg");
    const std::string before = text_of(dir / "source.jpg");
    CHECK(cli(dir, "source.jpg --age 70 -o ./source.jpg --overwrite").code != 0);
    CHECK(text_of(dir / "source.jpg") == before);

    SmallDisk full(dir / "full", "size=64k");
    if (full.mounted())
        check_refused(dir, man + " --age 70 -o full/{stem}.png", 6, "full/man_38.png");
    else
        WARN("no right to mount a small disk: the full disk is not tested");
    SmallDisk locked(dir / "locked", "size=64k");
    if (locked.mounted() && locked.read_only())
        check_refused(dir, man + " --age 70 -o locked/{stem}.jpg", 6, "locked/man_38.jpg");
    else
        WARN("no right to mount: the read-only folder is not tested");
}

TEST_CASE("Ctrl-C half-way leaves no half file and says 130") {
    TempDir dir;
    // The signal comes once the first picture is there, however slow the machine is.
    const int status =
        std::system(("cd " + quoted(dir.path()) + " && (" C2C_CLI " " + man +
                     " --ages 0:100:0.05 -o 'aged_{age}.png' >/dev/null 2>err.txt & p=$!; "
                     "while kill -0 $p && ! ls aged_*.png; do sleep 0.1; done >/dev/null 2>&1; "
                     "kill -INT $p; wait $p; echo $? >code.txt)")
                        .c_str());
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(text_of(dir / "code.txt") == "130\n");
    CHECK(text_of(dir / "err.txt").find("Cancelled") != std::string::npos);
    std::size_t pictures = 0;
    for (const auto& entry : fs::directory_iterator(dir.path())) {
        CHECK(entry.path().filename().string().front() != '.'); // no temporary file
        if (entry.path().extension() != ".png")
            continue;
        CHECK(read_photo(entry.path())); // each one is whole
        ++pictures;
    }
    CHECK(pictures >= 1);
    CHECK(pictures < 2001);
}
