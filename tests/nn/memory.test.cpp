// What keeps full-size networks within memory and time: pages given back, and pages of 2 MB.
#include "tests/nn/tensors.h"

#include "core/nn/autoencoder_kl.h"
#include "core/nn/clip_vision.h"
#include "core/nn/large_pages.h"
#include "core/nn/random_weights.h"
#include "core/weights/weight_files.h"

#include <fstream>
#include <sstream>

using namespace c2c;
using namespace c2c::nn;
using c2c::test::TempDir;
using c2c::test::value;
using Catch::Contains;

namespace {

/// What /proc/self/smaps says of the mapping that holds the address, or of those of the file: the lines below
/// its first.
std::string mapping_of(const std::function<bool(std::uintptr_t, std::uintptr_t, const std::string&)>& is_it) {
    std::ifstream smaps("/proc/self/smaps");
    std::string found, line;
    for (bool inside = false; std::getline(smaps, line);) {
        std::uintptr_t begin = 0, end = 0;
        char dash = 0;
        std::istringstream words(line);
        if (words >> std::hex >> begin >> dash >> end && dash == '-')
            inside = is_it(begin, end, line);
        else if (inside)
            found += line + "\n";
    }
    return found;
}

std::int64_t resident_kb(const std::filesystem::path& file) {
    std::istringstream lines(
        mapping_of([&](auto, auto, const std::string& line) { return line.ends_with(file.string()); }));
    std::int64_t sum = 0;
    for (std::string word; lines >> word;)
        if (std::int64_t kb = 0; word == "Rss:" && lines >> kb)
            sum += kb;
    return sum;
}

} // namespace

TEST_CASE("Weights are used where the file is mapped, and its pages can be given back", "[memory]") {
    const TempDir folder;
    const auto file = folder / "weights.safetensors";
    const std::vector<float> numbers(4 << 20, 0.5F);
    value(write_safetensors(file, {{"w", {DType::F32, {4 << 20}, std::as_bytes(std::span(numbers))}}}));
    const Weights weights = value(load_weights(file, {}));
    CHECK(weights.tensor("w").sum().item<double>() == Approx(2 << 20));
    CHECK(resident_kb(file) >= 16 << 10);
    weights.release();
    CHECK(resident_kb(file) <= 64);
    CHECK(weights.tensor("w").sum().item<double>() == Approx(2 << 20)); // and are there again when needed

    const Weights copied = value(load_weights(file, {Device{}, DType::BF16}));
    CHECK(resident_kb(file) >= 16 << 10); // the first one's
    weights.release();
    CHECK(copied.tensor("w").sum().item<double>() == Approx(2 << 20));
    CHECK(resident_kb(file) <= 64); // of what was converted nothing is read from the file
}

TEST_CASE("Large tensors begin on pages of 2 MB, and ask for such", "[memory]") {
    use_large_pages();
    at::Tensor large = at::ones({32 << 20}), small = at::ones({1 << 10});
    CHECK(small.sum().item<float>() == 1 << 10);
    const auto address = reinterpret_cast<std::uintptr_t>(large.data_ptr());
    CHECK(address % (2 << 20) == 0);
    const std::string said = mapping_of([&](std::uintptr_t begin, std::uintptr_t end, const std::string&) {
        return begin <= address && address < end;
    });
    INFO(said);
    if (said.find("VmFlags") != said.npos)
        CHECK_THAT(said, Contains(" hg"));
    large.resize_({1 << 10}); // freed and taken again without harm
    for (int i = 0; i < 8; ++i)
        large = at::ones({(9 + i) << 20});
    CHECK(large.sum().item<double>() == 16 << 20);
}

TEST_CASE("A stop is heard inside the autoencoder", "[cancel]") {
    const auto config = test::data("parity/sdxl/vae/config.json");
    const AutoencoderKL vae =
        value(AutoencoderKL::from(config, random_weights(value(autoencoder_kl_shapes(config)), 6), {}));
    std::stop_source stop;
    stop.request_stop();
    const at::Tensor latent = at::zeros({1, 4, 8, 8}), image = at::full({1, 3, 64, 64}, 0.5);
    for (const std::int64_t tile : {0, 4}) {
        CHECK(vae.decode(latent, tile));
        CHECK(vae.decode(latent, tile, stop.get_token()).error().kind == ErrorKind::Cancelled);
        CHECK(vae.encode(image, tile, stop.get_token()).error().kind == ErrorKind::Cancelled);
        CHECK(vae.encode_sampled(image, latent, tile, stop.get_token()).error().kind == ErrorKind::Cancelled);
    }
}

TEST_CASE("CLIP's feature of a picture in bfloat16 points where that in float does", "[sdxl]") {
    const auto config = test::data("parity/sdxl/clip/config.json");
    const Weights weights = random_weights(value(clip_vision_shapes(config)), 6);
    const at::Tensor image = at::rand({1, 3, 100, 100});
    const at::Tensor exact = value(value(ClipVision::from(config, weights, {}))(image));
    std::map<std::string, at::Tensor> halves;
    for (const std::string& name : weights.names())
        halves[name] = weights.tensor(name).to(at::kBFloat16);
    const at::Tensor rough = value(
        value(ClipVision::from(config, Weights::from(halves, "halves"), {Device{}, DType::BF16}))(image));
    const auto cosine = (exact * rough).sum().item<double>();
    INFO("cosine " << cosine);
    CHECK(cosine > 0.999); // Rotate-CLIP turns it by far more
    CHECK(rough.scalar_type() == at::kFloat);
}
