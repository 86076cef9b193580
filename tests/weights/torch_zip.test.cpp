#include "core/weights/torch_zip.h"

#include "core/weights/mapped_file.h"
#include "core/weights/pickle.h"
#include "tests/support.h"

#include <array>
#include <cstring>
#include <fstream>

using namespace c2c;
using namespace c2c::test;
using Catch::Matchers::Contains;

namespace {

std::filesystem::path torch_file(const std::string& name) {
    return data("torch") / name;
}

template <class T> std::vector<T> numbers(const TensorFile& file, const std::string& name) {
    INFO(name);
    const TensorView& view = file.tensors.at(name);
    std::vector<T> values(view.bytes.size() / sizeof(T));
    REQUIRE(values.size() * sizeof(T) == view.bytes.size());
    if (!values.empty())
        std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
    return values;
}

std::string refusal(const std::filesystem::path& file) {
    const auto result = read_tensors(file);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Model);
    CHECK_THAT(result.error().text, Contains(file.filename().string()));
    CHECK_THAT(result.error().text, !Contains("\n"));
    return result.error().text;
}

std::string refused_pickle(std::string_view opcodes) {
    static constexpr std::array<std::string_view, 1> allowed = {"collections.OrderedDict"};
    const auto result = read_pickle(std::as_bytes(std::span(opcodes)), allowed);
    REQUIRE_FALSE(result);
    return result.error();
}

using Shape = std::vector<std::int64_t>;

} // namespace

TEST_CASE("torch_zip: every type and layout that torch.save writes") {
    const auto file = value(read_torch_zip(torch_file("tensors.pth")));
    CHECK(file.tensors.size() == 18);
    std::vector<float> counting(24);
    for (int i = 0; i < 24; ++i)
        counting[static_cast<std::size_t>(i)] = static_cast<float>(i);
    CHECK(file.tensors.at("f32").shape == Shape{2, 3, 4});
    CHECK(numbers<float>(file, "f32") == counting);
    CHECK(numbers<double>(file, "f64").at(23) == 23.0);
    CHECK(file.tensors.at("f16").type == DType::F16);
    CHECK(numbers<std::uint16_t>(file, "f16").at(1) == 0x3c00);
    CHECK(file.tensors.at("bf16").type == DType::BF16);
    CHECK(numbers<std::uint16_t>(file, "bf16").at(1) == 0x3f80);
    CHECK(numbers<std::int64_t>(file, "i64") == std::vector<std::int64_t>{-2, -1, 0, 1});
    CHECK(numbers<std::int32_t>(file, "i32") == std::vector<std::int32_t>{-2, -1, 0, 1});
    CHECK(numbers<std::int16_t>(file, "i16") == std::vector<std::int16_t>{-2, -1, 0, 1});
    CHECK(numbers<std::int8_t>(file, "i8") == std::vector<std::int8_t>{-2, -1, 0, 1});
    CHECK(numbers<std::uint8_t>(file, "u8") == std::vector<std::uint8_t>{0, 1, 2, 3});
    CHECK(numbers<std::uint8_t>(file, "bool") == std::vector<std::uint8_t>{1, 0, 1});
    CHECK(file.tensors.at("scalar").shape.empty());
    CHECK(numbers<float>(file, "scalar") == std::vector<float>{7});
    CHECK(file.tensors.at("empty").shape == Shape{0, 3});
    CHECK(numbers<float>(file, "empty").empty());
    CHECK(file.tensors.at("transposed").shape == Shape{4, 3});
    CHECK(numbers<float>(file, "transposed") == std::vector<float>{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11});
    CHECK(numbers<float>(file, "rows") == std::vector<float>{4, 5, 6, 7, 8, 9, 10, 11});
    CHECK(numbers<float>(file, "columns") == std::vector<float>{1, 2, 5, 6, 9, 10});
    CHECK(numbers<float>(file, "expanded") == std::vector<float>{1, 1, 1, 2, 2, 2});
    CHECK(numbers<float>(file, "parameter") == std::vector<float>{1, 1});
}

TEST_CASE("torch_zip: nested checkpoints, protocol 4, 64-bit archives") {
    const auto file = value(read_tensors(torch_file("checkpoint.pth")));
    CHECK(file.tensors.size() == 9);
    CHECK(file.tensors.at("state_dict.0.weight").shape == Shape{3, 2});
    CHECK(numbers<float>(file, "state_dict.1.bias") == std::vector<float>(3, 0.5F));
    CHECK(numbers<std::int64_t>(file, "state_dict.1.num_batches_tracked") == std::vector<std::int64_t>{0});
    CHECK(numbers<float>(file, "list.0") == std::vector<float>{1});
    CHECK(numbers<float>(file, "list.1.a") == std::vector<float>{0});

    CHECK(numbers<float>(value(read_tensors(torch_file("zip64.pth"))), "weight") ==
          std::vector<float>{0, 1, 2});
    CHECK(value(read_tensors(std::filesystem::path(C2C_SOURCE_DIR) / "models/nano/face_project.safetensors"))
              .tensors.contains("fc_out.weight"));
}

TEST_CASE("torch_zip: what is not plain data is refused by name") {
    CHECK_THAT(refusal(torch_file("evil.pth")), Contains("posix.system is not allowed"));
    CHECK_THAT(refusal(torch_file("module.pth")), Contains("torch.nn.modules.linear.Linear is not allowed"));
    CHECK_THAT(refusal(torch_file("script.pt")), Contains("TorchScript program"));
    CHECK_THAT(refusal(torch_file("old.pth")), Contains("before 1.6"));
    CHECK_THAT(refusal(torch_file("fp8.pth")), Contains("torch.float8_e4m3fn"));
    CHECK_THAT(refusal(torch_file("deflated.pth")), Contains("compressed"));
    CHECK_THAT(refusal(torch_file("no_tensors.pth")), Contains("holds no tensors"));
}

TEST_CASE("torch_zip: any truncation and any altered byte ends in an error or in tensors inside the file") {
    const auto whole = value(map_file(torch_file("tensors.pth")));
    const TempDir folder;
    const auto path = folder / "x.pth";
    const auto write = [&](std::span<const std::byte> bytes) {
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    };
    for (std::size_t size = 1; size < whole.bytes.size(); size += 37) {
        write(whole.bytes.first(size));
        CHECK_FALSE(read_torch_zip(path));
    }
    write(whole.bytes);
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    const auto put = [&](std::size_t at,
                         std::byte byte) { // in place: a new file each time takes long on slow disks
        file.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(byte)).flush();
        REQUIRE(file);
    };
    for (std::size_t at = 0; at < whole.bytes.size(); ++at) {
        if (at > 0)
            put(at - 1, whole.bytes[at - 1]);
        put(at, whole.bytes[at] ^ std::byte{static_cast<unsigned char>(at % 2 == 0 ? 0x01 : 0xff)});
        const auto result = read_tensors(path);
        if (!result)
            continue;
        // Touch every byte, so that the address sanitizer sees a range outside the memory.
        std::uint64_t sum = 0;
        for (const auto& [name, view] : result->tensors)
            for (const std::byte byte : view.bytes)
                sum += static_cast<std::uint64_t>(byte);
        CHECK(sum > 0);
    }
}

TEST_CASE("pickle: harmful or broken opcodes are errors") {
    using namespace std::string_view_literals;
    CHECK(refused_pickle("\x80\x02"
                         "cos\nsystem\n(X\x02\0\0\0lstR."sv) == "os.system is not allowed");
    CHECK(refused_pickle("\x80\x04\x8c\x02os\x8c\x06system\x93."sv) == "os.system is not allowed");
    CHECK(refused_pickle("\x80\x04\x8c\x08"
                         "builtins\x8c\x04"
                         "eval\x93."sv) == "builtins.eval is not allowed");
    CHECK(refused_pickle("(ios\nsystem\n."sv) == "the pickle opcode 0x69 is not allowed"); // INST
    CHECK(refused_pickle("\x82\x01."sv) == "the pickle opcode 0x82 is not allowed");       // EXT1
    CHECK(refused_pickle("}\x81."sv) == "the pickle opcode 0x81 is not allowed");          // NEWOBJ
    CHECK(refused_pickle(""sv) == "it ends too early");
    CHECK(refused_pickle("X\xff\xff\xff\xff"sv) == "it ends too early");
    CHECK(refused_pickle("\x8d\xff\xff\xff\xff\xff\xff\xff\xff."sv) == "it ends too early");
    CHECK(refused_pickle("."sv) == "it takes from an empty stack");
    CHECK(refused_pickle("N(0."sv) == "it takes from an empty stack");
    CHECK(refused_pickle("t."sv) == "it lacks a mark");
    CHECK(refused_pickle("h\x01."sv) == "it recalls what it never stored");
    CHECK(refused_pickle("}(NNNu."sv) == "it has a key without a value");
    CHECK(refused_pickle("NNs."sv) == "it takes from an empty stack");
    CHECK(refused_pickle("N)R."sv) == "it calls something that is not a function");
    CHECK(refused_pickle("]}b."sv) == "it sets attributes of something that is not a dict");
    CHECK(refused_pickle("\x8a\x09\0\0\0\0\0\0\0\0\x01."sv) == "it has a number of more than 64 bits");

    const auto circle = read_pickle(std::as_bytes(std::span("]q\0h\0a."sv)), {});
    REQUIRE(circle);
    CHECK(circle->root->items.at(0) == circle->root);
    const auto number = read_pickle(std::as_bytes(std::span("\x8a\x02\xff\xff."sv)), {});
    REQUIRE(number);
    CHECK(number->root->number == -1);
}
