#pragma once

namespace at {
class Tensor;
}

// The arithmetic of the identity embedding (paper: "From Cradle to Cane", 3.3). Plain fp32 on any device.

namespace c2c::nn {

/// SVR (paper Eq. 6): `features` [d, n+1] holds the source's feature and n others as columns; F = U·S·Vᵀ
/// (thin), each singular value s becomes s·exp(alpha·s)·beta, and the first column of the rebuilt matrix is
/// returned, [d]. One column alone is f·exp(alpha·|f|)·beta. Throws like ops.h.
at::Tensor svr(const at::Tensor& features, double alpha, double beta);

/// Spherical interpolation of the rows of a and b, which need not be of unit length; rows that are nearly
/// parallel are interpolated linearly.
at::Tensor slerp(double t, const at::Tensor& a, const at::Tensor& b);

/// Code (the published program, and the default): normalize(i + slerp(½, t_target, t_source) − t_source).
/// Paper (Eq. 10): normalize(i + slerp(½, t_target, t_source)).
enum class RotateClip { Code, Paper };

/// Turns the image feature `image` [1, d] from the text feature of the source age to that of the target age;
/// the caller leaves it alone where the ages are equal.
at::Tensor rotate_clip(const at::Tensor& image, const at::Tensor& text_source, const at::Tensor& text_target,
                       RotateClip form = RotateClip::Code);

} // namespace c2c::nn
