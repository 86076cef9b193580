#include "core/base/sha256.h"

#include "core/base/files.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <vector>

namespace c2c {
namespace {

class Digest {
  public:
    Digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
        EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
    }
    void add(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }
    std::string hex() {
        unsigned char bytes[EVP_MAX_MD_SIZE];
        unsigned int size = 0;
        EVP_DigestFinal_ex(context_.get(), bytes, &size);
        std::string text;
        for (unsigned int i = 0; i < size; ++i)
            text += fmt::format("{:02x}", bytes[i]);
        return text;
    }

  private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

/// What changes whenever a file does; empty when it cannot be told.
std::string identity_of(const std::filesystem::path& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0)
        return {};
    // A file that was changed in this tick of the disk's clock may be changed in it once more.
    constexpr std::time_t kTick = 2;
    if (info.st_ctim.tv_sec + kTick > std::time(nullptr))
        return {};
    return fmt::format("{} {} {}.{:09} {}.{:09}", info.st_ino, info.st_size, info.st_mtim.tv_sec,
                       info.st_mtim.tv_nsec, info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
}

} // namespace

std::string sha256(std::span<const std::byte> bytes) {
    Digest digest;
    digest.add(bytes.data(), bytes.size());
    return digest.hex();
}

Result<std::string> sha256_file(const std::filesystem::path& file, const StopToken& stop) {
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return fail(ErrorKind::Input, "{} cannot be read; check that it exists and that you may read it.",
                    file.string());
    Digest digest;
    std::vector<char> block(1 << 20);
    while (in) {
        if (stop.stop_requested())
            return cancelled();
        in.read(block.data(), static_cast<std::streamsize>(block.size()));
        digest.add(block.data(), static_cast<std::size_t>(in.gcount()));
    }
    return digest.hex();
}

Result<std::string> remembered_sha256(const std::filesystem::path& file, const StopToken& stop) {
    const std::string identity = identity_of(file);
    std::error_code ignored;
    const std::string path = std::filesystem::absolute(file, ignored).lexically_normal().string();
    const auto note = cache_dir() / "hashes" / sha256(std::as_bytes(std::span(path)));
    std::string known, hash;
    if (std::ifstream in(note);
        std::getline(in, known) && std::getline(in, hash) && known == identity && hash.size() == 64)
        return hash;
    C2C_TRY(hash, sha256_file(file, stop));
    if (identity.empty() || identity_of(file) != identity)
        return hash;
    std::filesystem::create_directories(note.parent_path(), ignored);
    // A cache that cannot be written is no error.
    (void)write_atomically(note, Overwrite::Yes, [&](const std::filesystem::path& temporary) -> Result<void> {
        std::ofstream(temporary) << identity << '\n' << hash << '\n';
        return {};
    });
    return hash;
}

} // namespace c2c
