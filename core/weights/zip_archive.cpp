#include "core/weights/zip_archive.h"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace c2c {
namespace {

constexpr std::size_t kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20, kCentralSize = 46, kLocalSize = 30;
constexpr std::uint32_t kEndMark = 0x06054b50, kEnd64Mark = 0x06064b50, kLocatorMark = 0x07064b50,
                        kCentralMark = 0x02014b50, kLocalMark = 0x04034b50;

template <class T> T number(std::span<const std::byte> bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value); // zip is little-endian, as we are
    return value;
}

bool inside(std::span<const std::byte> bytes, std::uint64_t at, std::uint64_t size) {
    return at <= bytes.size() && size <= bytes.size() - at;
}

std::string_view text(std::span<const std::byte> bytes, std::size_t at, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes.data()) + at, size};
}

struct Directory {
    std::uint64_t offset = 0, size = 0, entries = 0;
};

/// The end record stands within the last 64 KiB, behind it only a comment; false when there is none.
bool find_directory(std::span<const std::byte> bytes, Directory& directory) {
    if (bytes.size() < kEndSize)
        return false;
    const std::size_t last = bytes.size() - kEndSize;
    const std::size_t first = last > 0xffff ? last - 0xffff : 0;
    for (std::size_t at = last + 1; at-- > first;) {
        if (number<std::uint32_t>(bytes, at) != kEndMark ||
            at + kEndSize + number<std::uint16_t>(bytes, at + 20) != bytes.size())
            continue;
        directory = {number<std::uint32_t>(bytes, at + 16), number<std::uint32_t>(bytes, at + 12),
                     number<std::uint16_t>(bytes, at + 10)};
        // A record of 64-bit numbers stands before it when one of them did not fit.
        if (at >= kLocatorSize && number<std::uint32_t>(bytes, at - kLocatorSize) == kLocatorMark) {
            const auto end64 = number<std::uint64_t>(bytes, at - kLocatorSize + 8);
            if (!inside(bytes, end64, kEnd64Size) || number<std::uint32_t>(bytes, end64) != kEnd64Mark)
                return false;
            directory = {number<std::uint64_t>(bytes, end64 + 48), number<std::uint64_t>(bytes, end64 + 40),
                         number<std::uint64_t>(bytes, end64 + 32)};
        }
        return inside(bytes, directory.offset, directory.size);
    }
    return false;
}

struct Member {
    std::string_view name;
    std::uint64_t packed = 0, size = 0, header = 0;
    std::uint16_t flags = 0, method = 0;
    std::size_t length = 0; ///< of the directory's entry
};

/// Where a 32-bit number is all ones, the 64-bit one stands in the extra field 1, in this order.
bool read_large_numbers(std::span<const std::byte> extra, Member& member) {
    std::uint64_t* const large[] = {&member.size, &member.packed, &member.header};
    for (std::size_t at = 0; inside(extra, at, 4);) {
        const auto id = number<std::uint16_t>(extra, at), size = number<std::uint16_t>(extra, at + 2);
        if (!inside(extra, at + 4, size))
            return false;
        if (id == 1) {
            auto rest = extra.subspan(at + 4, size);
            for (std::uint64_t* value : large) {
                if (*value != 0xffffffff)
                    continue;
                if (rest.size() < 8)
                    return false;
                *value = number<std::uint64_t>(rest, 0);
                rest = rest.subspan(8);
            }
            return true;
        }
        at += 4 + std::size_t{size};
    }
    return member.size != 0xffffffff && member.packed != 0xffffffff && member.header != 0xffffffff;
}

bool read_member(std::span<const std::byte> directory, Member& member) {
    if (directory.size() < kCentralSize || number<std::uint32_t>(directory, 0) != kCentralMark)
        return false;
    const std::size_t name = number<std::uint16_t>(directory, 28),
                      extra = number<std::uint16_t>(directory, 30),
                      comment = number<std::uint16_t>(directory, 32);
    member.length = kCentralSize + name + extra + comment;
    if (directory.size() < member.length)
        return false;
    member.flags = number<std::uint16_t>(directory, 8);
    member.method = number<std::uint16_t>(directory, 10);
    member.packed = number<std::uint32_t>(directory, 20);
    member.size = number<std::uint32_t>(directory, 24);
    member.header = number<std::uint32_t>(directory, 42);
    member.name = text(directory, kCentralSize, name);
    return read_large_numbers(directory.subspan(kCentralSize + name, extra), member);
}

} // namespace

Result<ZipArchive> read_zip(const std::filesystem::path& path) {
    const std::string file = path.string();
    C2C_TRY(const MappedFile mapped, map_file(path));
    const auto bytes = mapped.bytes;
    const auto damaged = [&](std::string_view why) {
        return fail(ErrorKind::Model, "{} {}; it is truncated or damaged, download it again.", file, why);
    };

    Directory directory;
    if (!find_directory(bytes, directory))
        return damaged("has no zip directory at its end");
    auto rest = bytes.subspan(directory.offset, directory.size);
    ZipArchive archive{mapped.owner, {}, {}};
    for (std::uint64_t i = 0; i < directory.entries; ++i) {
        Member member;
        if (!read_member(rest, member))
            return damaged("has a zip directory that cannot be read");
        rest = rest.subspan(member.length);
        if (member.method != 0 || (member.flags & 1) != 0) {
            archive.packed.emplace(member.name);
            continue;
        }
        if (!inside(bytes, member.header, kLocalSize) ||
            number<std::uint32_t>(bytes, member.header) != kLocalMark)
            return damaged(fmt::format("lacks its member {}", member.name));
        const std::uint64_t begin = member.header + kLocalSize +
                                    number<std::uint16_t>(bytes, member.header + 26) +
                                    number<std::uint16_t>(bytes, member.header + 28);
        if (member.packed != member.size || !inside(bytes, begin, member.size))
            return damaged(fmt::format("ends within its member {}", member.name));
        if (!archive.members.emplace(member.name, bytes.subspan(begin, member.size)).second)
            return damaged(fmt::format("has two members {}", member.name));
    }
    return archive;
}

} // namespace c2c
