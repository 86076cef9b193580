#include "core/weights/torch_zip.h"

#include "core/weights/mapped_file.h"
#include "core/weights/pickle.h"
#include "core/weights/zip_archive.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace c2c {
namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t kMaxValues =
    1'000'000; // SDXL's UNet has 1,680 tensors; lists that share lists can be endless
constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxSides = 16;
constexpr std::uint64_t kMaxCopy = std::uint64_t{1} << 32; // a stride of 0 repeats one number without end

struct StorageType {
    std::string_view global;
    DType type;
};
constexpr std::array<StorageType, 10> kStorages = {{{"torch.DoubleStorage", DType::F64},
                                                    {"torch.FloatStorage", DType::F32},
                                                    {"torch.HalfStorage", DType::F16},
                                                    {"torch.BFloat16Storage", DType::BF16},
                                                    {"torch.LongStorage", DType::I64},
                                                    {"torch.IntStorage", DType::I32},
                                                    {"torch.ShortStorage", DType::I16},
                                                    {"torch.CharStorage", DType::I8},
                                                    {"torch.ByteStorage", DType::U8},
                                                    {"torch.BoolStorage", DType::Bool}}};

constexpr std::string_view kOrderedDict = "collections.OrderedDict", kSize = "torch.Size",
                           kTensor = "torch._utils._rebuild_tensor_v2",
                           kTensorV3 = "torch._utils._rebuild_tensor_v3", // for types without a storage class
    kParameter = "torch._utils._rebuild_parameter", kUntyped = "torch.storage.UntypedStorage";

/// Types without a storage class, which we cannot use either: known so that the error can say the type.
constexpr std::array<std::string_view, 9> kOtherTypes = {
    "torch.float8_e4m3fn",   "torch.float8_e5m2",    "torch.float8_e4m3fnuz",
    "torch.float8_e5m2fnuz", "torch.float8_e8m0fnu", "torch.float4_e2m1fn_x2",
    "torch.uint16",          "torch.uint32",         "torch.uint64"};

std::vector<std::string_view> allowed_globals() {
    std::vector<std::string_view> names = {kOrderedDict, kSize, kTensor, kTensorV3, kParameter, kUntyped};
    for (const StorageType& storage : kStorages)
        names.push_back(storage.global);
    names.insert(names.end(), kOtherTypes.begin(), kOtherTypes.end());
    return names;
}

struct Copies {
    std::shared_ptr<const void> file;
    std::vector<std::vector<std::byte>> tensors;
};

class Collector {
  public:
    Collector(std::string file, std::string folder, const ZipArchive& archive, TensorFile& result,
              Copies& copies)
        : file_(std::move(file)), folder_(std::move(folder)), archive_(archive), result_(result),
          copies_(copies) {}

    /// Puts every tensor at or below `value` in the result.
    Result<void> collect(const std::string& name, const PickleValue& value, int depth = 0) {
        if (depth > kMaxDepth || ++visited_ > kMaxValues)
            return damaged(name, "is nested too deep or holds too many values");
        switch (value.kind) {
        case Kind::Dict:
            for (std::size_t i = 0; i < value.items.size(); i += 2) {
                const PickleValue& key = *value.items[i];
                if (key.kind != Kind::Text && key.kind != Kind::Int)
                    return damaged(name, "has a key that is neither text nor a number");
                C2C_CHECK(collect(join(name, key.kind == Kind::Int ? std::to_string(key.number) : key.text),
                                  *value.items[i + 1], depth + 1));
            }
            return {};
        case Kind::List:
        case Kind::Tuple:
            for (std::size_t i = 0; i < value.items.size(); ++i)
                C2C_CHECK(collect(join(name, std::to_string(i)), *value.items[i], depth + 1));
            return {};
        case Kind::Call:
            if (value.text == kParameter && !value.items.empty())
                return collect(name, *value.items[0], depth + 1);
            if (value.text == kTensor || value.text == kTensorV3)
                return add(name, value);
            return {};
        default:
            return {}; // numbers and text: epochs, names
        }
    }

  private:
    static std::string join(const std::string& name, const std::string& key) {
        return name.empty() ? key : name + "." + key;
    }

    tl::unexpected<Error> damaged(const std::string& name, std::string_view why) const {
        return fail(ErrorKind::Model, "{}: {} {}; the file is damaged, download it again.", file_,
                    name.empty() ? "its content" : name, why);
    }

    /// Arguments: the storage's persistent id, the offset, the sizes, the strides, …, the type in version 3.
    Result<void> add(const std::string& name, const PickleValue& call) {
        const auto& arguments = call.items;
        if (arguments.size() < 4 || arguments[0]->kind != Kind::Persistent ||
            arguments[1]->kind != Kind::Int || arguments[2]->kind != Kind::Tuple ||
            arguments[3]->kind != Kind::Tuple)
            return damaged(name, "is not a tensor as PyTorch writes it");
        // ('storage', class, key, device, count)
        const auto& id = *arguments[0]->items[0];
        if (id.kind != Kind::Tuple || id.items.size() != 5 || id.items[1]->kind != Kind::Global ||
            id.items[2]->kind != Kind::Text)
            return damaged(name, "has a storage that is not as PyTorch writes it");
        const std::string& storage_class = id.items[1]->text;
        const auto storage = std::find_if(kStorages.begin(), kStorages.end(),
                                          [&](const StorageType& s) { return s.global == storage_class; });
        if (storage == kStorages.end()) {
            const bool named = arguments.size() > 6 && arguments[6]->kind == Kind::Global;
            return fail(
                ErrorKind::Model,
                "{}: tensor {} has the type {}, which is not supported; use an fp32, fp16 or bf16 file.",
                file_, name, named ? arguments[6]->text : storage_class);
        }
        const auto member = archive_.members.find(folder_ + "data/" + id.items[2]->text);
        if (member == archive_.members.end())
            return damaged(name, "lacks its data");

        Layout layout{storage->type, arguments[1]->number, {}, {}};
        for (const PickleValue* side : arguments[2]->items)
            layout.shape.push_back(side->kind == Kind::Int ? side->number : -1);
        for (const PickleValue* step : arguments[3]->items)
            layout.strides.push_back(step->kind == Kind::Int ? step->number : -1);
        return place(name, layout, member->second);
    }

    struct Layout {
        DType type;
        std::int64_t offset; ///< of the first element, in elements
        std::vector<std::int64_t> shape, strides;
    };

    Result<void> place(const std::string& name, const Layout& layout, std::span<const std::byte> storage) {
        const std::uint64_t size = size_of(layout.type), held = storage.size() / size;
        if (layout.shape.size() != layout.strides.size() || layout.shape.size() > kMaxSides ||
            layout.offset < 0)
            return damaged(name, "has a shape or strides that cannot be");
        std::uint64_t count = 1, last = static_cast<std::uint64_t>(layout.offset);
        bool in_order = true, countable = true;
        for (std::size_t i = layout.shape.size(); i-- > 0;) {
            const std::int64_t side = layout.shape[i], step = layout.strides[i];
            if (side < 0 || step < 0)
                return damaged(name, "has a shape or strides that cannot be");
            in_order = in_order && (side == 1 || static_cast<std::uint64_t>(step) == count);
            std::uint64_t reach = 0;
            countable = countable &&
                        !__builtin_mul_overflow(count, static_cast<std::uint64_t>(side), &count) &&
                        (side == 0 || !__builtin_mul_overflow(static_cast<std::uint64_t>(side - 1),
                                                              static_cast<std::uint64_t>(step), &reach)) &&
                        !__builtin_add_overflow(last, reach, &last);
        }
        if (!countable || (count > 0 && last >= held))
            return fail(
                ErrorKind::Model,
                "{} is truncated or damaged: tensor {} reaches beyond its data; download the file again.",
                file_, name);
        TensorView view{layout.type, layout.shape, {}};
        if (count > 0) {
            const auto first = storage.subspan(static_cast<std::uint64_t>(layout.offset) * size);
            C2C_TRY(view.bytes, in_order ? first.first(count * size) : copied(name, layout, first, count));
        }
        if (!result_.tensors.emplace(name, std::move(view)).second)
            return damaged(name, "is given twice");
        return {};
    }

    /// The elements in row-major order.
    Result<std::span<const std::byte>> copied(const std::string& name, const Layout& layout,
                                              std::span<const std::byte> first, std::uint64_t count) {
        const std::size_t size = size_of(layout.type);
        if (count > kMaxCopy / size)
            return damaged(name, "repeats its elements too often");
        auto& bytes = copies_.tensors.emplace_back(count * size);
        std::vector<std::int64_t> at(layout.shape.size(), 0);
        std::size_t from = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            std::memcpy(bytes.data() + i * size, first.data() + from * size, size);
            for (std::size_t side = at.size(); side-- > 0;) {
                from += static_cast<std::size_t>(layout.strides[side]);
                if (++at[side] < layout.shape[side])
                    break;
                from -= static_cast<std::size_t>(layout.strides[side] * layout.shape[side]);
                at[side] = 0;
            }
        }
        return bytes;
    }

    std::string file_, folder_;
    const ZipArchive& archive_;
    TensorFile& result_;
    Copies& copies_;
    std::size_t visited_ = 0;
};

bool begins_with(std::span<const std::byte> bytes, std::string_view head) {
    return bytes.size() >= head.size() && std::memcmp(bytes.data(), head.data(), head.size()) == 0;
}

bool is_zip(std::span<const std::byte> bytes) {
    return begins_with(bytes, "PK");
}

} // namespace

Result<TensorFile> read_torch_zip(const std::filesystem::path& path) {
    const std::string file = path.string();
    {
        C2C_TRY(const MappedFile head, map_file(path));
        // A pickle (protocol byte) or a tar file is how PyTorch before 1.6 wrote.
        if (begins_with(head.bytes, "\x80"))
            return fail(ErrorKind::Model,
                        "{} is in PyTorch's format from before 1.6; open it in Python with torch.load(…, "
                        "weights_only=True), save it again with torch.save and use the new file.",
                        file);
        if (!is_zip(head.bytes))
            return fail(ErrorKind::Model, "{} is not a PyTorch file; download it again.", file);
    }
    C2C_TRY(const ZipArchive archive, read_zip(path));

    if (const auto code = std::find_if(archive.packed.begin(), archive.packed.end(),
                                       [](const auto& name) { return name.find("/code/") != name.npos; });
        code != archive.packed.end())
        return fail(ErrorKind::Model,
                    "{} is a TorchScript program, which is never run; use the file of its weights alone.",
                    file);
    if (!archive.packed.empty())
        return fail(
            ErrorKind::Model,
            "{}: its member {} is compressed or encrypted, which torch.save never does; save it again "
            "with torch.save.",
            file, *archive.packed.begin());
    const auto pickle_member =
        std::find_if(archive.members.begin(), archive.members.end(), [](const auto& member) {
            return member.first == "data.pkl" ||
                   (member.first.ends_with("/data.pkl") &&
                    std::count(member.first.begin(), member.first.end(), '/') == 1);
        });
    if (pickle_member == archive.members.end())
        return fail(ErrorKind::Model, "{} is a zip file but not one of PyTorch's; download it again.", file);
    const std::string folder =
        pickle_member->first.substr(0, pickle_member->first.size() - std::string_view("data.pkl").size());
    if (const auto order = archive.members.find(folder + "byteorder");
        order != archive.members.end() && !begins_with(order->second, "little"))
        return fail(ErrorKind::Model, "{} was written by a big-endian computer; save it again on this one.",
                    file);

    const auto allowed = allowed_globals();
    const auto pickle = read_pickle(pickle_member->second, allowed);
    if (!pickle)
        return fail(
            ErrorKind::Model,
            "{} is refused: {}. Only tensors, lists and dicts are read and its code is never run; use a "
            "safetensors file.",
            file, pickle.error());

    TensorFile result{path, nullptr, {}, {}, {}};
    auto copies = std::make_shared<Copies>(Copies{archive.memory, {}});
    try {
        C2C_CHECK(Collector(file, folder, archive, result, *copies).collect("", *pickle->root));
    } catch (const std::bad_alloc&) {
        return fail(ErrorKind::Device, "{} does not fit in memory; close other programs and try again.",
                    file);
    }
    if (result.tensors.empty())
        return fail(ErrorKind::Model, "{} holds no tensors; choose the file of the weights.", file);
    result.memory = std::move(copies);
    return result;
}

Result<TensorFile> read_tensors(const std::filesystem::path& file) {
    C2C_TRY(const MappedFile head, map_file(file));
    // A safetensors file begins with the length of its JSON, whose bytes may be those of "PK" or of a pickle.
    const bool json = head.bytes.size() > 8 && head.bytes[8] == std::byte{'{'};
    return !json && (is_zip(head.bytes) || begins_with(head.bytes, "\x80")) ? read_torch_zip(file)
                                                                            : read_safetensors(file);
}

} // namespace c2c
