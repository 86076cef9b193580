// What the pipeline keeps, loads and does without: the prompt bank and the rungs of the memory ladder.
#include "core/aging/prompts.h"
#include "core/base/files.h"
#include "tests/aging/sdxl_model.h"

#include <sys/inotify.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <iterator>

using namespace c2c;
using namespace c2c::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

TEST_CASE("sdxl: prompts from the bank give the same bits, and a damaged or foreign bank is made anew",
          "[sdxl]") {
    model();
    const TempDir cache, folder;
    const fs::path path = folder / "model";
    fs::copy(model(), path, fs::copy_options::recursive);
    ::setenv("XDG_CACHE_HOME", cache.path().c_str(), 1);
    const std::vector<float> first = settled_at(path, engine());
    std::vector<fs::path> kept;
    for (const auto& entry : fs::recursive_directory_iterator(cache / "cradle2cane/prompts"))
        if (entry.is_regular_file())
            kept.push_back(entry.path());
    CHECK(kept.size() == 4); // two prompts and two features: the own age and 60
    CHECK(settled_at(path, engine()) == first);

    for (const fs::path& entry : kept) { // one byte turned over
        std::fstream bytes(entry, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(-7, std::ios::end).put('\x7f').flush();
    }
    CHECK(settled_at(path, engine()) == first);
    fs::resize_file(kept[0], 10);
    CHECK(settled_at(path, engine()) == first);

    // Another encoder of the same size and time, altered far behind the file's first bytes.
    const fs::path encoder = path / "text_encoder_2/model.safetensors";
    const auto time = fs::last_write_time(encoder);
    std::fstream file(encoder, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-4096, std::ios::end).write(std::string(4096, '\0').data(), 4096).flush();
    fs::last_write_time(encoder, time);
    CHECK(settled_at(path, engine()) != first);
}

TEST_CASE("sdxl: with all prompts prepared the text encoders stay closed", "[sdxl]") {
    model();
    const TempDir cache;
    ::setenv("XDG_CACHE_HOME", cache.path().c_str(), 1);
    const Image crop = expected(value(read_safetensors(data("parity/pipeline/outputs.safetensors"))), "crop");
    const auto encoders_open = [&] {
        Ager ager = value(Ager::load(model(), engine()));
        const Portrait portrait = value(ager.portrait(crop, {}, {}));
        const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        REQUIRE(::inotify_add_watch(watch, (model() / "text_encoder_2/model.safetensors").c_str(), IN_OPEN) >=
                0);
        for (const double age : {0.0, 44.5, 100.0})
            value(ager.settle(portrait, age));
        std::array<char, 4096> events;
        const bool opened = ::read(watch, events.data(), events.size()) > 0;
        ::close(watch);
        return opened;
    };
    CHECK(encoders_open());
    ::setenv("XDG_CACHE_HOME", (cache / "prepared").c_str(), 1);
    CHECK(value(prepare_prompts(model(), engine())) == 101 * 3); // two prompts and CLIP's feature of each age
    CHECK(value(prepare_prompts(model(), engine())) == 0);
    CHECK_FALSE(encoders_open());

    std::stop_source stop;
    stop.request_stop();
    ::setenv("XDG_CACHE_HOME", (cache / "stopped").c_str(), 1);
    CHECK(prepare_prompts(model(), engine(), {}, stop.get_token()).error().kind == ErrorKind::Cancelled);
    CHECK(prepare_prompts(models_dir() / "nano", engine()).error().kind == ErrorKind::Usage);
}

namespace {

/// The same model for pictures of 8 times `latent` pixels a side.
fs::path larger_model(const TempDir& folder, int latent) {
    const fs::path path = folder / "model";
    fs::copy(model(), path, fs::copy_options::recursive);
    std::ifstream in(path / "unet/config.json");
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::string size = "\"sample_size\": 8";
    text.replace(text.find(size), size.size(), fmt::format("\"sample_size\": {}", latent));
    std::ofstream(path / "unet/config.json") << text;
    return path;
}

/// A smooth picture with an edge, of any size.
Image picture(int side) {
    Image image(side, side, 3);
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x)
            for (int c = 0; c < 3; ++c)
                image.data[static_cast<std::size_t>((y * side + x) * 3 + c)] =
                    0.5F + 0.3F * std::sin(static_cast<float>(x + c * y) * 0.02F) + (x > side / 3 ? 0.1F : 0);
    return image;
}

float mean_difference(const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += std::abs(a[i] - b[i]);
    return static_cast<float>(255 * sum / static_cast<double>(a.size()));
}

} // namespace

TEST_CASE("sdxl: on a CPU all but the UNet and the autoencoder are let go after use", "[sdxl]") {
    model();
    const Image crop = expected(value(read_safetensors(data("parity/pipeline/outputs.safetensors"))), "crop");
    Ager ager = value(Ager::load(model(), engine()));
    const Portrait portrait = value(ager.portrait(crop, {}, {}));
    value(ager.settle(portrait, 60));
    std::ifstream file("/proc/self/maps");
    const std::string maps{std::istreambuf_iterator<char>(file), {}};
    CHECK_THAT(maps, Contains((model() / "unet").string())); // mapped, not copied
    for (const char* part : {"text_encoder", "clip/", "backbone", "face_project", "clip_project"}) {
        INFO(part);
        CHECK_THAT(maps, !Contains((model() / part).string()));
    }
}

TEST_CASE("sdxl: on the lowest rung the passes' pictures go through the autoencoder in tiles", "[sdxl]") {
    const TempDir folder;
    const fs::path path = larger_model(folder, 48); // a tile is 32
    const auto settled = [&](Memory memory) {
        EngineOptions options = engine();
        options.memory = memory;
        Ager ager = value(Ager::load(path, options));
        const Portrait portrait = value(ager.portrait(picture(384), {}, {}));
        return value(ager.settle(portrait, 60)).network.data;
    };
    const auto roomy = settled(Memory::Roomy), frugal = settled(Memory::Frugal),
               least = settled(Memory::Least);
    const float beside = mean_difference(roomy, frugal), tiled = mean_difference(roomy, least);
    INFO("frugal " << beside << "/255, least " << tiled << "/255");
    CHECK(beside <= 0.1F);
    CHECK(tiled > 0.1F); // tiles were used: each has norms and an attention of its own
    CHECK(tiled < 16);
}

// The sanitizer needs address space of its own. LibTorch 2's attention never holds the large table that is
// refused here; there the picture is 3/255 from the lowest rung's (why has not been looked into).
#if !defined(__SANITIZE_ADDRESS__) && !defined(C2C_TORCH_2)
TEST_CASE("sdxl: where the system refuses memory the next rung does, and it is said", "[sdxl]") {
    const TempDir folder;
    constexpr int kLarge = 96; // 9216 pixels that each look at each other: 340 MB, in tiles 4 MB
    const fs::path path = larger_model(folder, kLarge);
    EngineOptions options = engine();
    options.memory = Memory::Least;
    const Image crop = picture(kLarge * 8);
    Ager forced = value(Ager::load(path, options));
    const auto expected_picture = value(forced.settle(value(forced.portrait(crop, {}, {})), 60)).network.data;

    options.memory = Memory::Roomy;
    Ager ager = value(Ager::load(path, options));
    CHECK(ager.info().memory.empty());
    const auto within = [](std::uint64_t more, const auto& work) {
        rlimit before{};
        ::getrlimit(RLIMIT_AS, &before);
        std::uint64_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        const rlimit tight{pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + more,
                           before.rlim_max};
        ::setrlimit(RLIMIT_AS, &tight);
        auto result = work();
        ::setrlimit(RLIMIT_AS, &before);
        return result;
    };
    const auto settled = within(300 << 20, [&]() -> Result<AgedCrop> {
        C2C_TRY(const Portrait portrait, ager.portrait(crop, {}, {}));
        return ager.settle(portrait, 60);
    });
    INFO((settled ? "" : settled.error().text + settled.error().detail));
    REQUIRE(settled);
    CHECK_THAT(ager.info().memory, Contains("tiles"));
    CHECK(mean_difference(settled->network.data, expected_picture) <= 0.1F);

    // Where not even that does, it is an error, and the next try works.
    const auto refused = within(1 << 20, [&]() -> Result<AgedCrop> {
        C2C_TRY(const Portrait portrait, ager.portrait(crop, {}, {}));
        return ager.settle(portrait, 70);
    });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Device);
    CHECK_THAT(refused.error().text, Contains("not enough memory"));
    CHECK(ager.portrait(crop, {}, {}));
}
#endif

TEST_CASE("sdxl: every rung of the memory ladder gives the picture, and says what it does", "[sdxl]") {
    EngineOptions options = engine();
    options.memory = Memory::Roomy;
    const std::vector<float> roomy = settled_at(model(), options);
    const auto largest = [&](const std::vector<float>& other) {
        float most = 0;
        for (std::size_t i = 0; i < other.size(); ++i)
            most = std::max(most, std::abs(other[i] - roomy[i]));
        return most * 255;
    };
    CHECK(value(Ager::load(model(), options)).info().memory.empty());
    options.memory = Memory::Frugal;
    CHECK(largest(settled_at(model(), options)) <= 0.1);
    CHECK_THAT(value(Ager::load(model(), options)).info().memory, Contains("held once"));
    options.memory = Memory::Least; // 8 latent pixels are less than a tile, so only slices differ
    CHECK(largest(settled_at(model(), options)) <= 0.1);
    CHECK_THAT(value(Ager::load(model(), options)).info().memory, Contains("tiles"));
}
