#include "core/weights/safetensors.h"

#include "core/weights/mapped_file.h"
#include "core/weights/strict_json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <limits>

namespace c2c {
namespace {

static_assert(std::endian::native == std::endian::little, "weight files are little-endian");

constexpr std::uint64_t kMaxHeader = 100'000'000; // the limit of the reference reader

struct TypeName {
    DType type;
    std::string_view name;
    std::size_t bytes;
};
constexpr std::array<TypeName, 10> kTypes = {{{DType::F64, "F64", 8},
                                              {DType::F32, "F32", 4},
                                              {DType::F16, "F16", 2},
                                              {DType::BF16, "BF16", 2},
                                              {DType::I64, "I64", 8},
                                              {DType::I32, "I32", 4},
                                              {DType::I16, "I16", 2},
                                              {DType::I8, "I8", 1},
                                              {DType::U8, "U8", 1},
                                              {DType::Bool, "BOOL", 1}}};

const TypeName& entry(DType type) {
    return *std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& t) { return t.type == type; });
}

struct Range {
    std::uint64_t begin = 0, end = 0;
    std::string_view name;
};

bool multiply(std::uint64_t& product, std::uint64_t factor) {
    return !__builtin_mul_overflow(product, factor, &product);
}

/// One entry of the header, checked alone; `data` is everything behind the header.
Result<Range> read_entry(const std::string& file, std::string_view name, const nlohmann::json& info,
                         std::span<const std::byte> data, TensorView& view) {
    const auto damaged = [&](std::string_view why) {
        return fail(ErrorKind::Model,
                    "{}: the entry of tensor {} {}; the file is damaged, download it again.", file, name,
                    why);
    };
    if (!info.is_object() || info.size() != 3 || !info.contains("dtype") || !info.contains("shape") ||
        !info.contains("data_offsets"))
        return damaged("is not a dtype, a shape and data_offsets");

    if (!info["dtype"].is_string())
        return damaged("has a dtype that is not a string");
    const auto& type_name = info["dtype"].get_ref<const std::string&>();
    const auto type =
        std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& t) { return t.name == type_name; });
    if (type == kTypes.end())
        return fail(ErrorKind::Model,
                    "{}: tensor {} has the type {}, which is not supported; use an fp32, fp16 or bf16 file.",
                    file, name, type_name);
    view.type = type->type;

    if (!info["shape"].is_array())
        return damaged("has a shape that is not a list");
    std::uint64_t bytes = type->bytes;
    for (const auto& side : info["shape"]) {
        if (!side.is_number_unsigned() ||
            side.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
            return damaged("has a side that is not a whole number");
        view.shape.push_back(side.get<std::int64_t>());
        if (!multiply(bytes, side.get<std::uint64_t>()))
            return damaged("has a shape too large to count");
    }

    const auto& offsets = info["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned())
        return damaged("has data_offsets that are not two whole numbers");
    const Range range{offsets[0].get<std::uint64_t>(), offsets[1].get<std::uint64_t>(), name};
    if (range.begin > range.end)
        return damaged("ends before it begins");
    if (range.end > data.size())
        return fail(ErrorKind::Model,
                    "{} is truncated: tensor {} ends at byte {} of {}; download the file again.", file, name,
                    range.end, data.size());
    if (range.end - range.begin != bytes)
        return damaged(fmt::format("says {} {} but holds {} bytes", type_name, shape_text(view.shape),
                                   range.end - range.begin));
    view.bytes = data.subspan(range.begin, bytes);
    return range;
}

/// The ranges must cover the data exactly once, so nothing can hide between or behind tensors.
Result<void> check_tiling(const std::string& file, std::vector<Range> ranges, std::uint64_t size) {
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t at = 0;
    for (const Range& range : ranges) {
        if (range.begin != at)
            return fail(ErrorKind::Model, "{}: tensor {} {}; the file is damaged, download it again.", file,
                        range.name, range.begin < at ? "overlaps another one" : "leaves a hole before it");
        at = range.end;
    }
    if (at != size)
        return fail(
            ErrorKind::Model,
            "{}: {} bytes behind the last tensor belong to none; the file is damaged, download it again.",
            file, size - at);
    return {};
}

} // namespace

std::size_t size_of(DType type) {
    return entry(type).bytes;
}

std::string_view name_of(DType type) {
    return entry(type).name;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
    return fmt::format("[{}]", fmt::join(shape, ", "));
}

Result<TensorFile> read_safetensors(const std::filesystem::path& path) {
    const std::string file = path.string();
    C2C_TRY(const MappedFile mapped, map_file(path));
    const auto damaged = [&](std::string_view why) {
        return fail(ErrorKind::Model, "{} {}; it is not a whole safetensors file, download it again.", file,
                    why);
    };
    if (mapped.bytes.size() < 8)
        return damaged("is shorter than its header");
    std::uint64_t length = 0;
    std::memcpy(&length, mapped.bytes.data(), 8);
    if (length > kMaxHeader)
        return damaged("says it has a header of more than 100 MB");
    if (length > mapped.bytes.size() - 8)
        return damaged("is shorter than its header");
    const std::string_view header(reinterpret_cast<const char*>(mapped.bytes.data()) + 8, length);
    if (!header.starts_with('{'))
        return damaged("has a header that does not begin with {");
    const auto json = parse_strict_json(header);
    if (!json)
        return damaged("has a header that cannot be read (" + json.error() + ")");

    TensorFile result{path, mapped.owner, {}, {}, mapped.bytes};
    const auto data = mapped.bytes.subspan(8 + length);
    std::vector<Range> ranges;
    for (const auto& [name, info] : json->items()) {
        if (name == "__metadata__") {
            if (!info.is_object())
                return damaged("has __metadata__ that is not an object");
            for (const auto& [key, value] : info.items()) {
                if (!value.is_string())
                    return damaged("has __metadata__ that is not text");
                result.metadata[key] = value.get<std::string>();
            }
            continue;
        }
        const auto place = result.tensors.emplace(name, TensorView{}).first;
        C2C_TRY(const Range range, read_entry(file, place->first, info, data, place->second));
        ranges.push_back(range);
    }
    C2C_CHECK(check_tiling(file, std::move(ranges), data.size()));
    return result;
}

Result<void> write_safetensors(const std::filesystem::path& file,
                               const std::map<std::string, TensorView, std::less<>>& tensors,
                               const std::map<std::string, std::string>& metadata) {
    std::map<std::string, TensorHeader, std::less<>> headers;
    for (const auto& [name, view] : tensors)
        headers[name] = {view.type, view.shape};
    return write_safetensors(
        file, headers,
        [&](const std::string& name, const ByteSink& sink) -> Result<void> {
            sink(tensors.at(name).bytes);
            return {};
        },
        metadata);
}

Result<void>
write_safetensors(const std::filesystem::path& file,
                  const std::map<std::string, TensorHeader, std::less<>>& tensors,
                  const std::function<Result<void>(const std::string& name, const ByteSink& sink)>& fill,
                  const std::map<std::string, std::string>& metadata) {
    nlohmann::json json = nlohmann::json::object();
    if (!metadata.empty())
        json["__metadata__"] = metadata;
    std::uint64_t at = 0;
    std::map<std::string_view, std::uint64_t> sizes;
    for (const auto& [name, tensor] : tensors) {
        std::uint64_t& bytes = sizes[name] = size_of(tensor.type);
        for (const std::int64_t side : tensor.shape)
            bytes *= static_cast<std::uint64_t>(side);
        json[name] = {
            {"dtype", name_of(tensor.type)}, {"shape", tensor.shape}, {"data_offsets", {at, at + bytes}}};
        at += bytes;
    }
    std::string header = json.dump();
    header.resize((header.size() + 7) / 8 * 8,
                  ' '); // so that the data are aligned, as the reference writer does
    const std::uint64_t length = header.size();

    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char*>(&length), 8);
    out.write(header.data(), static_cast<std::streamsize>(header.size()));
    for (const auto& [name, tensor] : tensors) {
        std::uint64_t written = 0;
        C2C_CHECK(fill(name, [&](std::span<const std::byte> bytes) {
            out.write(reinterpret_cast<const char*>(bytes.data()),
                      static_cast<std::streamsize>(bytes.size()));
            written += bytes.size();
        }));
        if (written != sizes.at(name))
            return fail(ErrorKind::Internal,
                        "Tensor {} of {} has {} bytes instead of {}; please report this.", name,
                        file.string(), written, sizes.at(name));
        if (!out)
            break;
    }
    out.close();
    if (!out)
        return fail(ErrorKind::Output, "{} could not be written; check the folder and the free space.",
                    file.string());
    return {};
}

} // namespace c2c
