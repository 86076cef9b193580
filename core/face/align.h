#pragma once

#include "core/face/face.h"
#include "core/face/template.h"
#include "core/image/image.h"

#include <array>

namespace c2c {

/// Affine map, row-major 2x3: template pixel centre (x, y, 1) → photo pixel centre.
struct Warp {
    std::array<double, 6> m = {1, 0, 0, 0, 1, 0};
    Point apply(Point p) const;
    Warp inverse() const;
    double scale() const; ///< photo pixels a template pixel
};

/// First `inner`, then `outer`.
Warp compose(const Warp& outer, const Warp& inner);

/// The FFHQ quad of 68 landmarks (FFHQ's download_ffhq.py), scaled by the template's quad_scale, as a warp.
Warp align_ffhq(const std::array<Point, 68>& landmarks, const Template& shape);

/// The template crop of an sRGB photo, RGB 0..1, filtered and filled by the template's rules.
Image crop_face(const Image& srgb, const Warp& warp, const Template& shape);

/// The 112x112 chip that ArcFace-like embedders take: a similarity brings the five points to their template.
Image arcface_chip(const Image& srgb, const std::array<Point, 5>& five);

} // namespace c2c
