#include "core/weights/safetensors.h"
#include "core/base/files.h"
#include "core/base/philox.h"
#include "tests/support.h"

#include <cstring>
#include <fstream>

using namespace c2c;
using c2c::test::TempDir;
using c2c::test::value;
using Catch::Contains;

namespace {

/// A file of the given header and `data` bytes of zeros.
std::filesystem::path file_with(const TempDir& folder, const std::string& header, std::size_t data) {
    const auto path = folder / "weights.safetensors";
    std::ofstream out(path, std::ios::binary);
    const std::uint64_t length = header.size();
    out.write(reinterpret_cast<const char*>(&length), 8);
    out << header << std::string(data, '\0');
    return path;
}

std::string error_of(const std::filesystem::path& file) {
    const auto result = read_safetensors(file);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Model);
    CHECK_THAT(result.error().text, Contains(file.filename().string()));
    return result.error().text;
}

} // namespace

TEST_CASE("A tensor file reads back as it was written", "[safetensors]") {
    const TempDir folder;
    const std::vector<float> numbers = {1.5f, -2, 3, 4, 5, 6};
    const std::vector<std::uint8_t> flags = {1, 0, 1};
    const auto file = folder / "out.safetensors";
    value(write_safetensors(file,
                            {{"b.weight", {DType::F32, {2, 3}, std::as_bytes(std::span(numbers))}},
                             {"a", {DType::Bool, {3}, std::as_bytes(std::span(flags))}}},
                            {{"licence", "MIT"}}));
    const TensorFile read = value(read_safetensors(file));
    REQUIRE(read.tensors.size() == 2);
    const TensorView& view = read.tensors.at("b.weight");
    CHECK(view.type == DType::F32);
    CHECK(view.shape == std::vector<std::int64_t>{2, 3});
    REQUIRE(view.bytes.size() == 24);
    CHECK(std::memcmp(view.bytes.data(), numbers.data(), 24) == 0);
    CHECK(read.tensors.at("a").type == DType::Bool);
    CHECK(read.metadata.at("licence") == "MIT");
}

TEST_CASE("The embedded model's UNet has its tensors, and they outlive the file object", "[safetensors]") {
    std::shared_ptr<const void> memory;
    std::span<const std::byte> bytes;
    {
        const TensorFile unet =
            value(read_safetensors(models_dir() / "nano/unet/diffusion_pytorch_model.safetensors"));
        const TensorView& conv = unet.tensors.at("conv_in.weight");
        CHECK(conv.type == DType::F16);
        CHECK(conv.shape == std::vector<std::int64_t>{96, 32, 3, 3});
        memory = unet.memory;
        bytes = conv.bytes;
    }
    int not_zero = 0;
    for (const std::byte byte : bytes)
        not_zero += byte != std::byte{0};
    CHECK(not_zero > 1000);
}

TEST_CASE("Scalars and tensors without elements are allowed", "[safetensors]") {
    const TempDir folder;
    const auto file = file_with(folder,
                                R"({"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                                R"("z":{"dtype":"F32","shape":[0,5],"data_offsets":[4,4]}})",
                                4);
    const TensorFile read = value(read_safetensors(file));
    CHECK(read.tensors.at("s").bytes.size() == 4);
    CHECK(read.tensors.at("z").bytes.empty());
}

TEST_CASE("A damaged safetensors file is an error that names file and tensor", "[safetensors]") {
    const TempDir folder;
    const auto error = [&](const std::string& header, std::size_t data) {
        return error_of(file_with(folder, header, data));
    };
    const auto entry = [](const std::string& type, const std::string& shape, const std::string& range) {
        return R"({"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + range + "}";
    };
    SECTION("missing, a folder, empty, shorter than its length") {
        CHECK_THAT(error_of(folder / "none.safetensors"), Contains("cannot be read"));
        CHECK_THAT(error_of(folder.path()), Contains("not a file"));
        std::ofstream(folder / "empty.safetensors");
        CHECK_THAT(error_of(folder / "empty.safetensors"), Contains("empty"));
        std::ofstream(folder / "short.safetensors") << "1234567";
        CHECK_THAT(error_of(folder / "short.safetensors"), Contains("shorter"));
    }
    SECTION("the header's length") {
        for (const std::uint64_t length : {std::uint64_t{3}, std::uint64_t{100'000'001}, ~std::uint64_t{0}}) {
            std::ofstream out(folder / "l.safetensors", std::ios::binary);
            out.write(reinterpret_cast<const char*>(&length), 8) << "{}";
            out.close();
            error_of(folder / "l.safetensors");
        }
    }
    SECTION("the header's JSON") {
        CHECK_THAT(error(" {}", 0), Contains("begin with {"));
        CHECK_THAT(error("[]", 0), Contains("begin with {"));
        CHECK_THAT(error("{", 0), Contains("cannot be read"));
        CHECK_THAT(error("{}x", 0), Contains("cannot be read"));
        CHECK_THAT(error("{\"\xff\":1}", 0), Contains("cannot be read"));
        CHECK_THAT(error("{\"a\":" + std::string(200'000, '['), 0), Contains("cannot be read"));
        CHECK_THAT(
            error("{\"t\":" + entry("U8", "[1]", "[0,1]") + ",\"t\":" + entry("U8", "[1]", "[0,1]") + "}", 1),
            Contains("t is given twice"));
        CHECK_THAT(error(R"({"t":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1),
                   Contains("dtype is given twice"));
        CHECK_THAT(error(R"({"__metadata__":{"a":1}})", 0), Contains("__metadata__"));
    }
    SECTION("an entry") {
        for (const char* wrong :
             {"1", "{}", R"({"dtype":"U8","shape":[1]})", R"({"dtype":1,"shape":[1],"data_offsets":[0,1]})",
              R"({"dtype":"U8","shape":1,"data_offsets":[0,1]})",
              R"({"dtype":"U8","shape":[-1],"data_offsets":[0,1]})",
              R"({"dtype":"U8","shape":[1.0],"data_offsets":[0,1]})",
              R"({"dtype":"U8","shape":[1],"data_offsets":[0,1,2]})",
              R"({"dtype":"U8","shape":[1],"data_offsets":[1,0]})",
              R"({"dtype":"U8","shape":[1],"data_offsets":["0",1]})",
              R"({"dtype":"U8","shape":[1],"data_offsets":[0,1],"extra":0})",
              R"({"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,1]})"})
            CHECK_THAT(error("{\"the.tensor\":" + std::string(wrong) + "}", 1), Contains("the.tensor"));
        CHECK_THAT(error("{\"t\":" + entry("F8_E4M3", "[1]", "[0,1]") + "}", 1),
                   Contains("F8_E4M3") && Contains("not supported"));
        // 2^62 · 4 bytes wraps to zero: a careless product would accept it.
        CHECK_THAT(error("{\"t\":" + entry("F32", "[4611686018427387904]", "[0,0]") + "}", 0),
                   Contains("too large"));
        CHECK_THAT(error("{\"t\":" + entry("F32", "[2]", "[0,4]") + "}", 4), Contains("says F32 [2]"));
        CHECK_THAT(error("{\"t\":" + entry("F32", "[2]", "[0,8]") + "}", 7), Contains("truncated"));
    }
    SECTION("ranges that do not tile the data") {
        const std::string one = entry("U8", "[2]", "[0,2]");
        CHECK_THAT(error("{\"a\":" + one + ",\"b\":" + entry("U8", "[2]", "[1,3]") + "}", 3),
                   Contains("overlaps"));
        CHECK_THAT(error("{\"a\":" + one + ",\"b\":" + one + "}", 2), Contains("overlaps"));
        CHECK_THAT(error("{\"a\":" + one + ",\"b\":" + entry("U8", "[2]", "[3,5]") + "}", 5),
                   Contains("hole"));
        CHECK_THAT(error("{\"a\":" + entry("U8", "[2]", "[1,3]") + "}", 3), Contains("hole"));
        CHECK_THAT(error("{\"a\":" + one + "}", 5), Contains("3 bytes behind"));
    }
}

TEST_CASE("No header, however broken, crashes the reader", "[safetensors]") {
    const TempDir folder;
    const std::string good = R"({"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},)"
                             R"("b":{"dtype":"I64","shape":[1],"data_offsets":[12,20]}})";
    const auto noise = [](std::uint32_t stream) { return normal_noise(7, stream, 3); };
    for (std::uint32_t i = 0; i < 2000; ++i) {
        std::string header = good;
        const auto random = noise(i);
        const auto place = [&](std::size_t k) {
            return static_cast<std::size_t>(std::abs(random[k]) * 1e4f) % header.size();
        };
        if (i % 3 == 0)
            header.resize(place(0));
        else if (i % 3 == 1)
            header[place(0)] = static_cast<char>(static_cast<int>(random[1] * 60) & 0xff);
        else
            header.insert(place(0), header.substr(place(1), 12));
        const auto result = read_safetensors(file_with(folder, header, 20));
        if (result) // a change inside a name or of white space is none that can be seen
            for (const auto& [name, view] : result->tensors)
                REQUIRE(view.bytes.size() <= 20);
    }
}
