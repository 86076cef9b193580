#include "core/nn/idemb.h"

#include <ATen/ATen.h>

namespace c2c::nn {

at::Tensor svr(const at::Tensor& features, double alpha, double beta) {
    const at::Tensor f = features.to(at::kDouble);
    // U·S'·Vᵀ = F·V·(S'/S)·Vᵀ, and S'/S = exp(alpha·s)·beta: the small matrix FᵀF gives V and s², so the
    // decomposition of the tall matrix is never made. Doubles, because FᵀF squares the condition.
    const auto [squares, v] = at::linalg_eigh(at::matmul(f.t(), f));
    const at::Tensor s = squares.clamp_min(0).sqrt();
    const at::Tensor gain = at::exp(s * alpha) * beta;
    const at::Tensor first = at::matmul(v * gain.unsqueeze(0), v[0].unsqueeze(1)); // V·gain·Vᵀe₁
    return at::matmul(f, first).squeeze(1).to(at::kFloat);
}

at::Tensor slerp(double t, const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor ua = a / a.norm(2, {-1}, true), ub = b / b.norm(2, {-1}, true);
    const at::Tensor cosine = (ua * ub).sum(-1, true).clamp(-1, 1);
    const at::Tensor angle = at::acos(cosine), sine = at::sin(angle);
    const at::Tensor turned = (at::sin(angle * (1 - t)) / sine) * a + (at::sin(angle * t) / sine) * b;
    return at::where(cosine.abs() > 0.9995, a * (1 - t) + b * t, turned);
}

at::Tensor rotate_clip(const at::Tensor& image, const at::Tensor& text_source, const at::Tensor& text_target,
                       RotateClip form) {
    at::Tensor moved = image + slerp(0.5, text_target, text_source);
    if (form == RotateClip::Code)
        moved = moved - text_source;
    return moved / moved.norm(2, {-1}, true);
}

} // namespace c2c::nn
