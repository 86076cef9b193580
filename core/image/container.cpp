#include "core/image/container.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;

namespace c2c {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct File {
    std::ifstream stream;
    std::uint64_t size = 0;

    /// Up to `count` bytes from `offset`; fewer at the end.
    Bytes read(std::uint64_t offset, std::size_t count) {
        Bytes bytes;
        if (offset >= size)
            return bytes;
        bytes.resize(std::size_t(std::min<std::uint64_t>(count, size - offset)));
        stream.clear();
        stream.seekg(std::streamoff(offset));
        stream.read(reinterpret_cast<char*>(bytes.data()), std::streamsize(bytes.size()));
        if (stream.gcount() < std::streamsize(bytes.size())) // the file shrank meanwhile
            bytes.erase(bytes.begin() + stream.gcount(), bytes.end());
        return bytes;
    }
};

std::uint64_t big(const std::uint8_t* p, int count) {
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i)
        value = value << 8 | p[i];
    return value;
}
std::uint64_t little(const std::uint8_t* p, int count) {
    std::uint64_t value = 0;
    for (int i = count; i-- > 0;)
        value = value << 8 | p[i];
    return value;
}
bool starts(const Bytes& bytes, std::size_t at, std::string_view text) {
    return bytes.size() >= at + text.size() && std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

/// Marker by marker (ITU T.81 annex B): thumbnails lie inside segments, so their EOI is not taken for ours.
void inspect_jpeg(File& file, Container& found) {
    const Bytes bytes = file.read(0, std::size_t(file.size));
    found.cut_short = true;
    std::size_t at = 2;
    while (at + 1 < bytes.size()) {
        const auto* next =
            static_cast<const std::uint8_t*>(std::memchr(bytes.data() + at, 0xFF, bytes.size() - at - 1));
        if (!next)
            return;
        at = std::size_t(next - bytes.data()) + 1;
        const int marker = bytes[at];
        if (marker == 0xFF) // fill byte
            continue;
        ++at;
        if (marker == 0xD9) {
            found.cut_short = false;
            return;
        }
        if (marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8)) // stuffed zero, restart: no length
            continue;
        if (at + 2 > bytes.size())
            return;
        const std::size_t length = std::size_t(big(&bytes[at], 2));
        if (length < 2 || at + length > bytes.size())
            return;
        const bool frame =
            marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (frame && length >= 8)
            found.cmyk = bytes[at + 7] == 4;
        if (marker == 0xEB) { // APP11: JUMBF boxes, of which one is labelled c2pa
            const std::string_view segment(reinterpret_cast<const char*>(&bytes[at]), length);
            found.content_credentials |= segment.find("c2pa") != segment.npos;
        }
        at += length; // after SOS the coded data follows, which the search for 0xFF steps through
    }
}

void inspect_png(File& file, Container& found) {
    found.cut_short = true;
    for (std::uint64_t at = 8;;) {
        const Bytes head = file.read(at, 8);
        if (head.size() < 8)
            return;
        at += 12 + big(head.data(), 4);
        if (starts(head, 4, "caBX"))
            found.content_credentials = true;
        if (starts(head, 4, "IEND")) {
            found.cut_short = at > file.size;
            return;
        }
    }
}

void inspect_riff(File& file, Container& found) {
    found.cut_short = little(file.read(4, 4).data(), 4) + 8 > file.size;
    for (std::uint64_t at = 12; at + 8 <= file.size;) {
        const Bytes head = file.read(at, 8);
        found.content_credentials |= starts(head, 0, "C2PA");
        const std::uint64_t length = little(&head[4], 4);
        at += 8 + length + (length & 1);
    }
}

void inspect_boxes(File& file, Container& found) {
    constexpr std::string_view c2pa = "\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81";
    for (std::uint64_t at = 0; at + 8 <= file.size;) {
        const Bytes head = file.read(at, 32);
        std::uint64_t length = big(head.data(), 4);
        if (length == 1 && head.size() >= 16)
            length = big(&head[8], 8);
        else if (length == 0)
            length = file.size - at;
        found.content_credentials |= starts(head, 4, "uuid") && starts(head, 8, c2pa);
        if (length < 8 || length > file.size - at) {
            found.cut_short = true;
            return;
        }
        at += length;
    }
}

/// Camera raw files are TIFFs by their first bytes. DNG says so by a tag, others by their colour filter array
/// or Canon's mark; Nikon, Sony and Pentax hide it in sub-directories, there the suffix decides.
void inspect_tiff(File& file, const fs::path& path, Container& found) {
    const Bytes head = file.read(0, 16);
    const bool swapped = head[0] == 'M';
    const auto number = [&](const std::uint8_t* p, int count) {
        return swapped ? big(p, count) : little(p, count);
    };
    if (head.size() < 16 || number(&head[2], 2) != 42) // BigTIFF is no raw format
        return;
    bool raw = starts(head, 8, "CR\x02");
    std::vector<std::uint64_t> offsets, lengths; // of strips or tiles
    std::vector<std::uint64_t> later;
    const auto read_directory = [&](std::uint64_t at, bool first) {
        const Bytes count = file.read(at, 2);
        const std::size_t size = count.size() == 2 ? 12 * std::size_t(number(count.data(), 2)) : 0;
        const Bytes entries = file.read(at + 2, size);
        found.cut_short |= size == 0 || entries.size() < size;
        for (std::size_t i = 0; i + 12 <= entries.size(); i += 12) {
            const auto tag = number(&entries[i], 2), type = number(&entries[i + 2], 2);
            const std::uint64_t values = number(&entries[i + 4], 4), value = number(&entries[i + 8], 4);
            constexpr int sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
            const std::uint64_t bytes = values * std::uint64_t(type < std::size(sizes) ? sizes[type] : 0);
            if (!first) // maker notes are known for wild offsets
                continue;
            found.cut_short |= bytes > 4 && value + bytes > file.size;
            const auto short_value = number(&entries[i + 8], 2);
            if (tag == 50706 || (tag == 262 && (short_value == 32803 || short_value == 34892)))
                raw = true;
            if (tag == 0xCD41)
                found.content_credentials = true;
            if (tag == 34665 || tag == 34853) // EXIF and GPS directories
                later.push_back(value);
            const bool is_offset = tag == 273 || tag == 324, is_length = tag == 279 || tag == 325;
            if ((is_offset || is_length) && (type == 3 || type == 4) && !found.cut_short) {
                const Bytes list = bytes > 4 ? file.read(value, std::size_t(bytes))
                                             : Bytes(&entries[i + 8], &entries[i + 8] + bytes);
                for (std::size_t at_value = 0; at_value < list.size(); at_value += std::size_t(sizes[type]))
                    (is_offset ? offsets : lengths).push_back(number(&list[at_value], sizes[type]));
            }
        }
    };
    read_directory(number(&head[4], 4), true);
    for (const std::uint64_t at : later)
        read_directory(at, false);
    for (std::size_t i = 0; i < std::min(offsets.size(), lengths.size()); ++i)
        found.cut_short |= offsets[i] + lengths[i] > file.size;
    constexpr std::array<std::string_view, 17> suffixes{".nef", ".nrw", ".arw", ".srf", ".sr2", ".pef",
                                                        ".3fr", ".erf", ".dcr", ".kdc", ".mef", ".mos",
                                                        ".iiq", ".rwl", ".srw", ".fff", ".raw"};
    std::string suffix = path.extension().string();
    std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    raw |= std::find(suffixes.begin(), suffixes.end(), suffix) != suffixes.end();
    if (raw) { // whose strips the decoder knows better
        found.format = "raw";
        found.cut_short = false;
    }
}

std::string format_of(const Bytes& head) {
    struct Magic {
        std::size_t at;
        std::string_view bytes;
        const char* format;
    };
    using namespace std::string_view_literals;
    static constexpr Magic magics[] = {
        {0, "\xFF\xD8\xFF"sv, "jpeg"},
        {0, "\x89PNG\r\n\x1a\n"sv, "png"},
        {0, "\x76\x2f\x31\x01"sv, "openexr"},
        {0, "II*\0"sv, "tiff"},
        {0, "MM\0*"sv, "tiff"},
        {0, "II+\0"sv, "tiff"},
        {0, "MM\0+"sv, "tiff"},
        {8, "WEBP"sv, "webp"},
        {4, "ftypcrx "sv, "raw"},
        {4, "ftypheic"sv, "heic"},
        {4, "ftypheix"sv, "heic"},
        {4, "ftypheim"sv, "heic"},
        {4, "ftypheis"sv, "heic"},
        {4, "ftypmif1"sv, "heic"},
        {4, "ftypmsf1"sv, "heic"},
        {4, "ftyphevc"sv, "heic"},
        {4, "ftypavif"sv, "heic"},
        {0, "FUJIFILMCCD-RAW"sv, "raw"},
        {0, "IIRO"sv, "raw"},
        {0, "IIRS"sv, "raw"},
        {0, "MMOR"sv, "raw"},
        {0, "IIU\0"sv, "raw"},
        {0, "\0MRM"sv, "raw"},
        {0, "FOVb"sv, "raw"},
        {6, "HEAPCCDR"sv, "raw"},
        {0, "GIF8"sv, "gif"},
        {0, "#?RADIANCE"sv, "hdr"},
        {0, "#?RGBE"sv, "hdr"},
        {4, "jP  \r\n"sv, "jpeg2000"},
        {0, "\xFF\x4F\xFF\x51"sv, "jpeg2000"},
    };
    for (const Magic& magic : magics)
        if (starts(head, magic.at, magic.bytes))
            return magic.format;
    // Two letters are a weak sign: the fields after them must fit as well.
    if (starts(head, 0, "BM") && head.size() >= 18 && little(&head[14], 4) >= 12 &&
        little(&head[14], 4) <= 124)
        return "bmp";
    if (head.size() > 2 && head[0] == 'P' && std::strchr("123456fF", head[1]) && std::isspace(head[2]))
        return "pnm";
    return {};
}

} // namespace

Result<Container> inspect_container(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
        if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
            return fail(ErrorKind::Input, "{} cannot be opened ({}); check its permissions.", path.string(),
                        error.message());
        return fail(ErrorKind::Input, "{} does not exist; check the name.", path.string());
    }
    if (fs::is_directory(status))
        return fail(ErrorKind::Input, "{} is a folder; name a photo in it.", path.string());
    if (!fs::is_regular_file(status))
        return fail(ErrorKind::Input, "{} is not a file on a disk; save the photo to one first.",
                    path.string());

    File file;
    file.size = fs::file_size(path, error);
    if (!error && file.size == 0)
        return fail(ErrorKind::Input, "{} is empty; choose another file.", path.string());
    errno = 0;
    file.stream.open(path, std::ios::binary);
    if (error || !file.stream)
        return fail(ErrorKind::Input, "{} cannot be opened ({}); check its permissions.", path.string(),
                    error ? error.message() : std::strerror(errno));

    Container found;
    const Bytes head = file.read(0, 64);
    found.format = format_of(head);
    if (found.format == "jpeg")
        inspect_jpeg(file, found);
    else if (found.format == "png")
        inspect_png(file, found);
    else if (found.format == "webp")
        inspect_riff(file, found);
    else if (found.format == "heic")
        inspect_boxes(file, found);
    else if (found.format == "tiff")
        inspect_tiff(file, path, found);
    return found;
}

} // namespace c2c
