#include "core/nn/winograd.h"

#include "core/nn/winograd_kernel.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <memory>
#include <new>

namespace c2c::nn {
namespace {

using Kernel = void (*)(const WinogradJob&, long, long, float*);

Kernel kernel_for_this_cpu() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return winograd_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return winograd_avx2;
#endif
    return nullptr;
}

/// G·g·Gᵀ for every pair of channels, in doubles: [out, in, 3, 3] → [36, in, out_padded]. One product with
/// G⊗G.
at::Tensor transform_kernel(const at::Tensor& weight) {
    const at::Tensor g =
        at::tensor({1.0 / 4, 0.0, 0.0, -1.0 / 6, -1.0 / 6, -1.0 / 6, -1.0 / 6, 1.0 / 6, -1.0 / 6, 1.0 / 24,
                    1.0 / 12, 1.0 / 6, 1.0 / 24, -1.0 / 12, 1.0 / 6, 0.0, 0.0, 1.0},
                   at::kDouble)
            .view({6, 3});
    const auto out = weight.size(0), in = weight.size(1), padded = (out + 15) / 16 * 16;
    const at::Tensor pairs = weight.permute({2, 3, 1, 0}).reshape({9, in * out}).to(at::kDouble);
    at::Tensor packed = at::zeros({36, in, padded}, at::kFloat);
    packed.slice(2, 0, out).copy_(at::matmul(at::kron(g, g), pairs).view({36, in, out}));
    return packed;
}

/// Scratch memory of a thread, kept: to allocate it anew costs more in page faults than a small picture's
/// work.
float* scratch(std::size_t floats) {
    struct Free {
        void operator()(float* memory) const { ::operator delete[](memory, std::align_val_t{64}); }
    };
    thread_local std::unique_ptr<float[], Free> memory;
    thread_local std::size_t size = 0;
    if (size < floats) {
        memory.reset(static_cast<float*>(::operator new[](floats * sizeof(float), std::align_val_t{64})));
        size = floats;
    }
    return memory.get();
}

} // namespace

bool winograd_supported() {
    return kernel_for_this_cpu() != nullptr;
}

Weights with_winograd(const Weights& w, const std::function<bool(std::string_view)>& wanted) {
    if (!winograd_supported())
        return w;
    std::map<std::string, at::Tensor> kernels;
    const std::string prefix = w.path().empty() ? "" : w.path() + ".";
    for (const std::string& name : w.names()) {
        const at::Tensor& weight = w.tensor(name);
        if (name.ends_with("weight") && weight.dim() == 4 && weight.size(2) == 3 && weight.size(3) == 3 &&
            weight.scalar_type() == at::kFloat && weight.is_cpu() && weight.size(1) % 16 == 0 &&
            (!wanted || wanted(name)))
            kernels[prefix + name.substr(0, name.size() - 6) + "winograd"] = transform_kernel(weight);
    }
    return w.with(kernels);
}

at::Tensor winograd_conv3x3(const Weights& w, const at::Tensor& x, const ConvExtras& extras) {
    const at::Tensor& kernel = w.tensor("winograd");
    const at::Tensor input = x.contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor bias = w.tensor_or_none("bias");
    WinogradJob job;
    const long scale = extras.doubled ? 2 : 1;
    job.doubled = extras.doubled;
    job.height = x.size(2) * scale;
    job.width = x.size(3) * scale;
    job.in = x.size(1);
    job.out = w.tensor("weight").size(0);
    job.out_padded = kernel.size(2);
    TORCH_CHECK(job.in == kernel.size(1), "the picture has ", job.in, " channels, the kernel ",
                kernel.size(1));
    at::Tensor output =
        at::empty({x.size(0), job.out, job.height, job.width}, x.options(), at::MemoryFormat::ChannelsLast);
    const at::Tensor padded_bias = bias.defined() && job.out != job.out_padded
                                       ? at::constant_pad_nd(bias, {0, job.out_padded - job.out})
                                       : bias;
    const at::Tensor added =
        extras.residual ? extras.residual->contiguous(at::MemoryFormat::ChannelsLast) : at::Tensor();
    TORCH_CHECK(!added.defined() || added.sizes() == output.sizes(), "the residual has another shape");
    job.input = input.data_ptr<float>();
    job.kernel = kernel.data_ptr<float>();
    job.bias = bias.defined() ? padded_bias.data_ptr<float>() : nullptr;
    job.residual = added.defined() ? added.data_ptr<float>() : nullptr;
    job.relu = extras.relu;
    job.output = output.data_ptr<float>();

    const Kernel run = kernel_for_this_cpu();
    const long tiles = x.size(0) * ((job.height + 3) / 4) * ((job.width + 3) / 4);
    at::parallel_for(0, tiles, 6, [&](std::int64_t first, std::int64_t last) {
        run(job, first, last, scratch(static_cast<std::size_t>(winograd_scratch(job))));
    });
    return output;
}

} // namespace c2c::nn
