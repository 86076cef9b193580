// Stage times of the embedded model, and of the published kind of folder that C2C_BENCH_MODEL names, by hand:
// test_nn "[bench]". C2C_BENCH_RUNS, C2C_BENCH_THREADS, C2C_BENCH_ONLY and C2C_BENCH_TYPE are read.
#include "tests/nn/tensors.h"

#include "core/nn/autoencoder_kl.h"
#include "core/nn/autoencoder_tiny.h"
#include "core/nn/clip_text.h"
#include "core/nn/clip_vision.h"
#include "core/nn/device.h"
#include "core/nn/iresnet.h"
#include "core/nn/lora.h"
#include "core/nn/mlp.h"
#include "core/nn/unet.h"
#include "core/weights/model_folder.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iostream>

using namespace c2c;
using namespace c2c::nn;
using c2c::test::nano;
using c2c::test::value;

namespace {

int setting(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text ? std::atoi(text) : otherwise;
}

double cpu_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

/// The processor's time is given as well: it says more where others use the machine at the same time.
template <class Work> void time(const std::string& what, Work&& work) {
    if (const char* only = std::getenv("C2C_BENCH_ONLY"); only && what != only)
        return;
    std::vector<double> ms, cpu;
    for (int i = 0; i < setting("C2C_BENCH_RUNS", 15); ++i) {
        const double cpu_start = cpu_ms();
        const auto start = std::chrono::steady_clock::now();
        work();
        ms.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
        cpu.push_back(cpu_ms() - cpu_start);
    }
    const double first = ms.front();
    std::sort(ms.begin(), ms.end());
    std::sort(cpu.begin(), cpu.end());
    std::cout << fmt::format(
        "{:16} median {:7.1f} ms, best {:7.1f}, first {:7.1f}; processor median {:7.1f}, best {:7.1f}\n",
        what, ms[ms.size() / 2], ms.front(), first, cpu[cpu.size() / 2], cpu.front());
}

} // namespace

TEST_CASE("Stage times", "[.][bench]") {
    std::cout << "threads " << set_threads(setting("C2C_BENCH_THREADS", 0)) << "\n";
    for (const DType type : {DType::F32, DType::BF16}) {
        const Placement placement{{}, type};
        const std::string name(name_of(type));
        const UNet unet = value(UNet::load(nano("unet"), placement));
        const AutoencoderTiny vae =
            value(AutoencoderTiny::load(nano("vae/encoder.safetensors"), nano("vae/decoder.safetensors"),
                                        {32, AutoencoderTiny::MidBlock::Pool}, placement));
        const at::Tensor z = at::randn({1, 32, 28, 28}), rgb = at::rand({1, 3, 224, 224});
        const at::Tensor tokens = at::randn({1, 2, 128}), pooled = at::randn({1, 128});
        const at::Tensor ids = at::tensor({224.0f, 224.0f, 0.0f, 0.0f, 224.0f, 224.0f}).unsqueeze(0);
        time(name + " unet", [&] { return value(unet(z, 499, tokens, pooled, ids)); });
        time(name + " encode", [&] { return value(vae.encode(rgb)); });
        time(name + " decode", [&] { return value(vae.decode(z)); });
    }
}

TEST_CASE("Stage times of a full model", "[.][bench]") {
    const char* folder = std::getenv("C2C_BENCH_MODEL");
    if (!folder)
        return;
    std::cout << "threads " << set_threads(setting("C2C_BENCH_THREADS", 0)) << "\n";
    const char* wanted = std::getenv("C2C_BENCH_TYPE");
    const DType type = wanted && std::string(wanted) == "fp32" ? DType::F32 : auto_type(Device{});
    const Placement placement{{}, type}, exact{};
    const ModelFolder model = value(read_model_folder(folder));
    const at::Tensor rgb = at::rand({1, 3, 512, 512}), z = at::randn({1, 4, 64, 64});
    {
        const AutoencoderKL vae = value(AutoencoderKL::load(model.vae, placement));
        time("encode", [&] { return value(vae.encode(rgb)); });
        time("decode", [&] { return value(vae.decode(z)); });
    }
    {
        const UNet unet = value(UNet::load(model.unet, placement));
        const at::Tensor tokens = at::randn({1, 77, 2048}), identity = at::randn({1, 2, 2048}),
                         pooled = at::randn({1, 1280});
        const at::Tensor ids = at::tensor({512.0f, 512.0f, 0.0f, 0.0f, 512.0f, 512.0f}).unsqueeze(0);
        time("unet", [&] { return value(unet(z, 499, tokens, pooled, ids)); });
        const Lora lora = value(load_lora(model.lora));
        for (const bool beside : {true, false}) {
            const UNet changed = value(beside ? unet.with_lora_beside(lora) : unet.with_lora(lora));
            time(beside ? "lora beside" : "lora merged",
                 [&] { return value(changed(z, 249, identity, pooled, ids)); });
        }
    }
    time("load vision", [&] { return value(ClipVision::load(model.clip, exact)); });
    const ClipVision vision = value(ClipVision::load(model.clip, exact));
    time("vision", [&] { return value(vision(rgb)); });
    time("load arcface", [&] { return value(IResNet::load(model.backbone, exact)); });
    const IResNet backbone = value(IResNet::load(model.backbone, exact));
    time("arcface", [&] { return value(backbone(rgb)); });
    const Mlp project = value(Mlp::load(model.face_project, placement));
    time("face project", [&] { return value(project(at::randn({1, project.in_features()}))); });
    const ClipText text = value(ClipText::load(model.text_encoder_2, placement));
    const std::vector<std::vector<std::int64_t>> words(1, std::vector<std::int64_t>(77, 49407));
    time("text 2", [&] { return value(text(words)); });
}
