#include "core/nn/ops.h"

#include "core/nn/winograd.h"

#include <ATen/ATen.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>

namespace c2c::nn {

at::Tensor linear(const Weights& w, const at::Tensor& x) {
    at::Tensor out = at::linear(x, w.tensor("weight"), w.tensor_or_none("bias"));
    if (const at::Tensor down = w.tensor_or_none("lora_down"); down.defined())
        out.add_(at::linear(at::linear(x, down), w.tensor("lora_up")));
    return out;
}

at::Tensor conv2d(const Weights& w, const at::Tensor& x, std::int64_t stride, std::int64_t padding) {
    const at::Tensor& weight = w.tensor("weight");
    if (padding < 0)
        padding = weight.size(2) / 2;
    return at::conv2d(x, weight, w.tensor_or_none("bias"), stride, padding);
}

at::Tensor conv3x3(const Weights& w, const at::Tensor& x, const ConvExtras& extras) {
    // Few tiles do not pay for reading the larger kernel.
    constexpr std::int64_t kFewPixels = 16 * 24;
    const std::int64_t scale = extras.doubled ? 4 : 1;
    if (x.size(0) * x.size(2) * x.size(3) * scale >= kFewPixels && w.has("winograd"))
        return winograd_conv3x3(w, x, extras);
    at::Tensor out = conv2d(w, extras.doubled ? upsample2x(x) : x);
    if (extras.residual)
        out.add_(*extras.residual);
    return extras.relu ? out.relu_() : out;
}

at::Tensor group_norm(const Weights& w, const at::Tensor& x, std::int64_t groups, double epsilon) {
    return at::group_norm(x, groups, w.tensor("weight"), w.tensor("bias"), epsilon);
}

at::Tensor group_norm_silu(const Weights& w, const at::Tensor& x, std::int64_t groups, double epsilon) {
    at::Tensor out = group_norm(w, x, groups, epsilon);
    return at::silu_(out);
}

at::Tensor layer_norm(const Weights& w, const at::Tensor& x, double epsilon) {
    return at::layer_norm(x, {x.size(-1)}, w.tensor("weight"), w.tensor("bias"), epsilon);
}

at::Tensor quick_gelu(const at::Tensor& x) {
    return x * at::sigmoid(1.702 * x);
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads,
                     Mask mask, std::int64_t rows) {
    if (rows > 0 && rows < q.size(1) && mask == Mask::None) {
        at::Tensor out = at::empty_like(q);
        for (std::int64_t begin = 0; begin < q.size(1); begin += rows) {
            const std::int64_t count = std::min(rows, q.size(1) - begin);
            out.narrow(1, begin, count).copy_(attention(q.narrow(1, begin, count).contiguous(), k, v, heads));
        }
        return out;
    }
    const auto split = [heads](const at::Tensor& x) { // [B, n, C] → [B, heads, n, d]
        return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
    };
    const at::Tensor Q = split(q), K = split(k), V = split(v);
#if TORCH_VERSION_MAJOR >= 2
    const at::Tensor out = at::scaled_dot_product_attention(Q, K, V, {}, 0.0, mask == Mask::Causal);
#else
    at::Tensor scores = at::matmul(Q * (1.0 / std::sqrt(static_cast<double>(Q.size(3)))), K.transpose(2, 3));
    if (mask == Mask::Causal) {
        const at::Tensor later = at::ones({Q.size(2), K.size(2)}, Q.options().dtype(at::kBool)).triu(1);
        scores = scores.masked_fill(later, -std::numeric_limits<double>::infinity());
    }
    const at::Tensor out = at::matmul(at::softmax(scores, -1), V);
#endif
    return out.transpose(1, 2).reshape(q.sizes());
}

at::Tensor timestep_embedding(const at::Tensor& t, std::int64_t channels, bool flip_sin_to_cos,
                              double freq_shift) {
    const std::int64_t half = channels / 2;
    const auto options = t.options().dtype(at::kFloat);
    const at::Tensor exponent =
        at::arange(half, options) * -std::log(10000.0) / (static_cast<double>(half) - freq_shift);
    const at::Tensor angles = t.to(at::kFloat).unsqueeze(1) * at::exp(exponent).unsqueeze(0);
    at::Tensor out = flip_sin_to_cos ? at::cat({at::cos(angles), at::sin(angles)}, 1)
                                     : at::cat({at::sin(angles), at::cos(angles)}, 1);
    return channels % 2 == 1 ? at::constant_pad_nd(out, {0, 1}) : out;
}

at::Tensor upsample2x(const at::Tensor& x) {
    return at::upsample_nearest2d(x, {x.size(2) * 2, x.size(3) * 2});
}

} // namespace c2c::nn
