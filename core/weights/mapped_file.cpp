#include "core/weights/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace c2c {

Result<MappedFile> map_file(const std::filesystem::path& file) {
    const int descriptor =
        ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe must not block us
    if (descriptor < 0)
        return fail(ErrorKind::Model,
                    "{} cannot be read ({}); check that it exists and that you may read it.", file.string(),
                    std::strerror(errno));
    struct ::stat status {};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0) {
        ::close(descriptor);
        return fail(ErrorKind::Model, "{} is {}; download it again.", file.string(),
                    S_ISREG(status.st_mode) ? "empty" : "not a file");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    const int reason = errno;
    ::close(descriptor);
    if (memory == MAP_FAILED && reason == ENOMEM) // the memory ladder has a rung for it
        return fail(ErrorKind::Device, "There was not enough memory for {}; close other programs.",
                    file.string());
    if (memory == MAP_FAILED)
        return fail(ErrorKind::Model, "{} cannot be mapped into memory ({}).", file.string(),
                    std::strerror(reason));
    return MappedFile{
        std::shared_ptr<const void>(memory, [size](const void* m) { ::munmap(const_cast<void*>(m), size); }),
        {static_cast<const std::byte*>(memory), size}};
}

void release_pages(std::span<const std::byte> mapped) {
    if (!mapped.empty()) // what is refused here (locked pages) is no loss
        ::madvise(const_cast<std::byte*>(mapped.data()), mapped.size(), MADV_DONTNEED);
}

} // namespace c2c
