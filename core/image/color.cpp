#include "core/image/color.h"

#include "core/base/log.h"
#include "core/image/pixels.h"
#include "core/image/tone.h"

#include <lcms2.h>

#include <opencv2/core.hpp>
#include <opencv2/core/hal/intrin.hpp>

#include <algorithm>
#include <cmath>

namespace c2c {
namespace {

using Matrix = cv::Matx33d;
using Profile = std::unique_ptr<void, decltype(&cmsCloseProfile)>;
using Transform = std::unique_ptr<void, decltype(&cmsDeleteTransform)>;

constexpr float luma_weights[3] = {0.2126f, 0.7152f, 0.0722f}; // Rec. 709

Matrix colorants(cmsHPROFILE profile) {
    Matrix matrix;
    const cmsTagSignature tags[] = {cmsSigRedColorantTag, cmsSigGreenColorantTag, cmsSigBlueColorantTag};
    for (int c = 0; c < 3; ++c) {
        const auto* xyz = static_cast<const cmsCIEXYZ*>(cmsReadTag(profile, tags[c]));
        if (!xyz)
            return Matrix::zeros();
        matrix(0, c) = xyz->X;
        matrix(1, c) = xyz->Y;
        matrix(2, c) = xyz->Z;
    }
    return matrix;
}

Curve curve_of(cmsHPROFILE profile, cmsTagSignature tag) {
    const auto* tone = static_cast<const cmsToneCurve*>(cmsReadTag(profile, tag));
    if (!tone)
        return {};
    std::vector<float> values(4097);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = cmsEvalToneCurveFloat(tone, float(i) / 4096.0f);
    return Curve(std::move(values));
}

/// RGB to XYZ by the primaries' and the white's xy; SMPTE RP 177.
Matrix rgb_to_xyz(const std::array<float, 8>& xy) {
    const auto xyz = [&](int i) {
        const double x = xy[std::size_t(2 * i)], y = xy[std::size_t(2 * i + 1)];
        return cv::Vec3d(x / y, 1.0, (1.0 - x - y) / y);
    };
    Matrix primaries;
    for (int c = 0; c < 3; ++c)
        for (int r = 0; r < 3; ++r)
            primaries(r, c) = xyz(c)[r];
    const cv::Vec3d scale = primaries.inv() * xyz(3);
    return primaries * Matrix::diag(scale);
}

/// Own linear RGB to linear Rec. 709, whites adapted by Bradford.
Matrix to_rec709(const std::array<float, 8>& xy) {
    const std::array<float, 8> rec709{0.64f, 0.33f, 0.30f, 0.60f, 0.15f, 0.06f, 0.3127f, 0.3290f};
    const Matrix bradford(0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296);
    const Matrix own = rgb_to_xyz(xy), target = rgb_to_xyz(rec709);
    const cv::Vec3d ones(1, 1, 1), from = bradford * (own * ones), to = bradford * (target * ones);
    const cv::Vec3d ratio(to[0] / from[0], to[1] / from[1], to[2] / from[2]);
    return target.inv() * bradford.inv() * Matrix::diag(ratio) * bradford * own;
}

bool finite(const Matrix& matrix) {
    return std::all_of(std::begin(matrix.val), std::end(matrix.val),
                       [](double v) { return std::isfinite(v); });
}

bool all_grey(const Image& color) {
    for (std::size_t i = 0; i + 2 < color.data.size(); i += 3)
        if (color.data[i] != color.data[i + 1] || color.data[i] != color.data[i + 2])
            return false;
    return !color.data.empty();
}

float luma(const float* rgb) {
    // Equal values stay what they are: the weights' rounding must not make a grey change another one.
    if (rgb[0] == rgb[1] && rgb[1] == rgb[2])
        return rgb[0];
    return luma_weights[0] * rgb[0] + luma_weights[1] * rgb[1] + luma_weights[2] * rgb[2];
}

} // namespace

struct ColorTransform::Impl {
    int channels = 3;
    bool grey = false;         ///< every pixel is: one value is computed and copied
    bool encoded_srgb = false; ///< own values are sRGB's: nothing to do but clip
    bool within_0_1 = false;   ///< and not even that
    Curve curves[3];           ///< own to linear; empty: linear already
    bool has_matrix = false;   ///< own linear primaries to Rec. 709
    cv::Matx33f matrix, inverse_matrix;
    const Curve& decoding = srgb_decoding();
    const Curve& encoding = srgb_encoding();
    Transform forward{nullptr, cmsDeleteTransform}, backward{nullptr, cmsDeleteTransform}; ///< LUT profiles

    void use_matrix(const Matrix& to_709) {
        has_matrix = cv::norm(to_709 - Matrix::eye()) > 1e-6;
        matrix = to_709;
        inverse_matrix = to_709.inv();
    }

    bool use_chromaticities(const std::array<float, 8>& xy) {
        const Matrix to_709 = to_rec709(xy);
        if (!finite(to_709) || std::abs(cv::determinant(to_709)) < 1e-6)
            return false;
        use_matrix(to_709);
        return true;
    }

    bool use_profile(const std::vector<std::uint8_t>& icc) {
        const Profile profile(cmsOpenProfileFromMem(icc.data(), cmsUInt32Number(icc.size())),
                              cmsCloseProfile);
        if (!profile)
            return false;
        const bool one = channels == 1;
        if (cmsGetColorSpace(profile.get()) != (one ? cmsSigGrayData : cmsSigRgbData))
            return false;
        const Profile srgb(cmsCreate_sRGBProfile(), cmsCloseProfile);
        // Curves and a matrix are what nearly all photos have; our tables do them many times faster than
        // lcms.
        if (cmsGetPCS(profile.get()) == cmsSigXYZData &&
            !cmsIsCLUT(profile.get(), INTENT_RELATIVE_COLORIMETRIC, LCMS_USED_AS_INPUT)) {
            if (one) {
                curves[0] = curve_of(profile.get(), cmsSigGrayTRCTag);
                if (!curves[0].empty())
                    return true;
            } else if (cmsIsMatrixShaper(profile.get())) {
                const cmsTagSignature tags[] = {cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag};
                for (int c = 0; c < 3; ++c)
                    curves[c] = curve_of(profile.get(), tags[c]);
                const Matrix to_709 = colorants(srgb.get()).inv() * colorants(profile.get());
                if (!curves[0].empty() && !curves[1].empty() && !curves[2].empty() && finite(to_709) &&
                    std::abs(cv::determinant(to_709)) > 1e-6) {
                    use_matrix(to_709);
                    return true;
                }
            }
            for (Curve& curve : curves)
                curve = {};
        }
        const auto own_type = one ? TYPE_GRAY_FLT : TYPE_RGB_FLT;
        constexpr cmsUInt32Number flags = cmsFLAGS_NOCACHE; // one transform is used by several threads
        forward.reset(cmsCreateTransform(profile.get(), own_type, srgb.get(), TYPE_RGB_FLT,
                                         INTENT_RELATIVE_COLORIMETRIC, flags));
        backward.reset(cmsCreateTransform(srgb.get(), TYPE_RGB_FLT, profile.get(), own_type,
                                          INTENT_RELATIVE_COLORIMETRIC, flags));
        if (forward && !backward)
            log_warning(
                "The photo's profile works in one direction only; the change is added to its own values.");
        return forward != nullptr;
    }

    /// Linear Rec. 709 of one pixel, not clipped.
    void linear(const float* own, float* rgb) const {
        if (forward) {
            cmsDoTransform(forward.get(), own, rgb, 1);
            for (int c = 0; c < 3; ++c)
                rgb[c] = srgb_decode(rgb[c]);
            return;
        }
        for (int c = 0; c < 3; ++c) {
            const float value = own[channels == 1 ? 0 : c];
            const Curve& curve = curves[channels == 1 ? 0 : c];
            rgb[c] = encoded_srgb ? srgb_decode(value) : curve.empty() ? value : curve(value);
        }
        if (has_matrix && channels == 3) {
            const cv::Vec3f mapped = matrix * cv::Vec3f(rgb[0], rgb[1], rgb[2]);
            std::copy_n(mapped.val, 3, rgb);
        }
        if (grey)
            rgb[0] = rgb[1] = rgb[2] = luma(rgb);
    }

    /// Clips what lcms gives; grey photos stay exactly grey.
    void finish(const float* in, float* rgb) const {
        for (int c = 0; c < 3; ++c)
            rgb[c] = in[c] > 0.0f ? std::min(in[c], 1.0f) : 0.0f;
        if (grey || channels == 1)
            rgb[0] = rgb[1] = rgb[2] = luma(rgb);
    }

    void encoded(const float* own, float* rgb) const {
        if (encoded_srgb) {
            for (int c = 0; c < 3; ++c) {
                const float value = own[channels == 1 ? 0 : c];
                rgb[c] = value > 0.0f ? std::min(value, 1.0f) : 0.0f;
            }
            return;
        }
        if (forward) {
            cmsDoTransform(forward.get(), own, rgb, 1);
            finish(rgb, rgb);
            return;
        }
        linear(own, rgb);
        for (int c = 0; c < 3; ++c)
            rgb[c] = encoding(rgb[c]);
    }

    /// Own values of sRGB-encoded ones in 0..1.
    void inverse(const float* srgb, float* own) const {
        if (encoded_srgb || (forward && !backward)) {
            std::copy_n(srgb, channels, own);
            return;
        }
        if (backward) {
            cmsDoTransform(backward.get(), srgb, own, 1);
            return;
        }
        float rgb[3];
        for (int c = 0; c < 3; ++c)
            rgb[c] = decoding(srgb[c]);
        if (has_matrix && channels == 3) {
            const cv::Vec3f mapped = inverse_matrix * cv::Vec3f(rgb[0], rgb[1], rgb[2]);
            std::copy_n(mapped.val, 3, rgb);
        }
        for (int c = 0; c < channels; ++c)
            own[c] = curves[c].empty() ? rgb[c] : curves[c].inverse(rgb[c]);
    }

    void add(const float* own, const float* srgb, const float* change, float* result) const {
        float before[3], after[3], own_before[3], own_after[3];
        const bool to_luma = grey || channels == 1;
        const float change_luma = to_luma ? luma(change) : 0.0f;
        bool nothing = true;
        for (int c = 0; c < 3; ++c) {
            const float delta = to_luma ? change_luma : change[c];
            nothing &= delta == 0.0f || std::isnan(delta);
            before[c] = std::clamp(srgb[c], 0.0f, 1.0f);
            after[c] = std::clamp(before[c] + (std::isnan(delta) ? 0.0f : delta), 0.0f, 1.0f);
        }
        if (nothing) {
            std::copy_n(own, channels, result);
            return;
        }
        inverse(before, own_before);
        inverse(after, own_after);
        if (grey && channels == 3) { // one difference for all, so that equal values stay equal
            float difference[3];
            for (int c = 0; c < 3; ++c)
                difference[c] = own_after[c] - own_before[c];
            own_after[0] = own_after[1] = own_after[2] = luma(difference);
            own_before[0] = own_before[1] = own_before[2] = 0.0f;
        }
        for (int c = 0; c < channels; ++c)
            result[c] =
                after[c] == before[c] && encoded_srgb ? own[c] : own[c] + (own_after[c] - own_before[c]);
    }

    template <class Pixel> Image map(const Image& from, int to_channels, Pixel pixel) const {
        Image to(from.width, from.height, to_channels);
        parallel_rows(from.height, [&](int y0, int y1) {
            for (int y = y0; y < y1; ++y) {
                const float* in = from.row(y);
                float* out = to.row(y);
                for (int x = 0; x < from.width; ++x, in += from.channels, out += to_channels)
                    pixel(in, out, x, y);
            }
        });
        return to;
    }
};

Result<ColorTransform> ColorTransform::create(const Photo& photo) {
    if (photo.color.channels != 1 && photo.color.channels != 3)
        return fail(ErrorKind::Internal, "{} has {} colour channels; save it as RGB or grey.",
                    photo.source.string(), photo.color.channels);
    try {
        const std::string name = photo.source.empty() ? "The photo" : photo.source.string();
        auto impl = std::make_shared<Impl>();
        impl->channels = photo.color.channels;
        impl->within_0_1 = photo.depth == Depth::U8 || photo.depth == Depth::U16;
        impl->grey = photo.color.channels == 3 && all_grey(photo.color);
        if (photo.linear) {
            if (photo.chromaticities && impl->channels == 3 &&
                !impl->use_chromaticities(*photo.chromaticities))
                log_warning("{} has primaries that make no sense; Rec. 709 is taken.", name);
        } else if (photo.icc.empty()) {
            impl->encoded_srgb = true;
        } else if (!impl->use_profile(photo.icc)) {
            log_warning("{} has a profile that cannot be used; sRGB is taken.", name);
            impl->encoded_srgb = true;
        } else {
            // Profiles that are sRGB under any of its many names: the error of half an 8-bit step is theirs.
            float worst = 0;
            constexpr int steps = 8;
            for (int i = 0; i < (steps + 1) * (steps + 1) * (steps + 1); ++i) {
                const float own[3] = {float(i % (steps + 1)) / steps,
                                      float(i / (steps + 1) % (steps + 1)) / steps,
                                      float(i / (steps + 1) / (steps + 1)) / steps};
                float rgb[3];
                impl->encoded(own, rgb);
                for (int c = 0; c < 3; ++c)
                    worst = std::max(worst, std::abs(rgb[c] - own[impl->channels == 1 ? 0 : c]));
            }
            impl->encoded_srgb = worst < 0.5f / 255.0f && !impl->grey;
        }
        ColorTransform transform;
        transform.impl_ = std::move(impl);
        return transform;
    } catch (const std::exception& error) {
        return tl::unexpected(
            Error{ErrorKind::Internal,
                  fmt::format("The colours of {} cannot be converted; save it as sRGB first.",
                              photo.source.string()),
                  error.what()});
    }
}

bool ColorTransform::is_srgb() const {
    return impl_->encoded_srgb && impl_->within_0_1 && impl_->channels == 3;
}

Image ColorTransform::to_srgb(Image own) const {
    if (is_srgb())
        return own;
    if (impl_->forward) { // lcms is many times quicker on rows than on pixels
        Image rgb(own.width, own.height, 3);
        parallel_rows(own.height, [&](int y0, int y1) {
            for (int y = y0; y < y1; ++y)
                cmsDoTransform(impl_->forward.get(), own.row(y), rgb.row(y), cmsUInt32Number(own.width));
        });
        return impl_->map(rgb, 3, [&](const float* in, float* out, int, int) { impl_->finish(in, out); });
    }
    return impl_->map(own, 3, [&](const float* in, float* out, int, int) { impl_->encoded(in, out); });
}

Image ColorTransform::to_linear(const Image& own) const {
    return impl_->map(own, own.channels, [&](const float* in, float* out, int, int) {
        float rgb[3];
        impl_->linear(in, rgb);
        std::copy_n(rgb, own.channels, out);
    });
}

Image ColorTransform::add_change(const Image& own, const Image& srgb, const Image& change) const {
    if (impl_->encoded_srgb && own.channels == 3 && !impl_->grey) {
        // Most photos: what add() does, without its branches, four values at a time.
        Image out(own.width, own.height, 3);
        const auto count = static_cast<std::ptrdiff_t>(out.data.size());
        const float *o = own.data.data(), *s = srgb.data.data(), *d = change.data.data();
        float* to = out.data.data();
        const cv::v_float32x4 zero = cv::v_setzero_f32(), one = cv::v_setall_f32(1);
        const auto four = [&](const float* own4, const float* srgb4, const float* change4, float* out4) {
            const cv::v_float32x4 value = cv::v_load(own4), step = cv::v_load(change4);
            const cv::v_float32x4 before = cv::v_min(cv::v_max(cv::v_load(srgb4), zero), one);
            const cv::v_float32x4 sum = before + (step & (step == step)); // NaN becomes 0
            const cv::v_float32x4 after = cv::v_min(cv::v_max(sum, zero), one);
            cv::v_store(out4, cv::v_select(after == before, value, value + (after - before)));
        };
        std::ptrdiff_t i = 0;
        for (; i + 4 <= count; i += 4)
            four(o + i, s + i, d + i, to + i);
        if (i < count) {
            float last[4][4] = {};
            std::copy(o + i, o + count, last[0]);
            std::copy(s + i, s + count, last[1]);
            std::copy(d + i, d + count, last[2]);
            four(last[0], last[1], last[2], last[3]);
            std::copy_n(last[3], count - i, to + i);
        }
        return out;
    }
    return impl_->map(own, own.channels, [&](const float* in, float* out, int x, int y) {
        impl_->add(in, srgb.data.data() + srgb.index(x, y), change.data.data() + change.index(x, y), out);
    });
}

} // namespace c2c
