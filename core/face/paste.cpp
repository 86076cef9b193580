#include "core/face/paste.h"

#include "core/image/opencv.h"

#include <opencv2/core/hal/intrin.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace c2c {

namespace {

/// The part of the photo that the template square touches.
Rect footprint(const Warp& warp, int template_size, int width, int height) {
    double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
    for (const double x : {-0.5, template_size - 0.5})
        for (const double y : {-0.5, template_size - 0.5}) {
            const Point p = warp.apply({x, y});
            left = std::min(left, p.x), right = std::max(right, p.x);
            top = std::min(top, p.y), bottom = std::max(bottom, p.y);
        }
    const auto clip = [](double v, int end) {
        return static_cast<int>(std::clamp(v, 0.0, static_cast<double>(end)));
    };
    Rect rect{clip(std::floor(left), width), clip(std::floor(top), height), 0, 0};
    rect.width = clip(std::ceil(right) + 1, width) - rect.x;
    rect.height = clip(std::ceil(bottom) + 1, height) - rect.y;
    return rect.empty() ? Rect{} : rect;
}

cv::Rect as_rect(Rect r) {
    return {r.x, r.y, r.width, r.height};
}

Image part(const Image& image, Rect rect) {
    Image out(rect.width, rect.height, image.channels);
    as_mat(image)(as_rect(rect)).copyTo(as_mat(out));
    return out;
}

Rect moved(Rect rect, Rect origin) {
    return {rect.x - origin.x, rect.y - origin.y, rect.width, rect.height};
}

} // namespace

namespace {

/// Where a pixel of a rect of the photo lies in a picture of a square that `warp` puts there as `size` pixels
/// a side.
cv::Matx23d to_square(int side, const Warp& warp, int size, Rect rect) {
    const double k = static_cast<double>(side) / size;
    const Warp back = warp.inverse();
    const Point corner = back.apply({static_cast<double>(rect.x), static_cast<double>(rect.y)});
    return {back.m[0] * k, back.m[1] * k, (corner.x + 0.5) * k - 0.5,
            back.m[3] * k, back.m[4] * k, (corner.y + 0.5) * k - 0.5};
}

/// Made ready for bilinear sampling: averaged where it will shrink, enlarged smoothly where it will grow,
/// because bilinear alone would show its facets. Averaged to half more than the photo's density only: the
/// sampling that follows is itself a blur.
cv::Mat prepared(const cv::Mat& crop, const Warp& warp, int size) {
    const double cover = warp.scale() * size / crop.cols; // photo pixels a pixel of the crop
    if (cover >= 0.67 && cover <= 1.5)
        return crop;
    const int side =
        cover > 1.5 ? 2 * crop.cols : std::max(8, static_cast<int>(std::lround(crop.cols * cover * 1.5)));
    cv::Mat out;
    cv::resize(crop, out, {side, side}, 0, 0, cover > 1.5 ? cv::INTER_CUBIC : cv::INTER_AREA);
    return out;
}

/// RGB anywhere in a square, by four lanes at once (the fourth is padding).
class Sampler {
  public:
    Sampler(const Image& crop, const Warp& warp, int size, Rect rect) {
        cv::Mat padded(crop.height, crop.width, CV_32FC4, cv::Scalar::all(0));
        const int from_to[] = {0, 0, 1, 1, 2, 2};
        const cv::Mat source = as_mat(crop);
        cv::mixChannels(&source, 1, &padded, 1, from_to, 3);
        pixels_ = prepared(padded, warp, size);
        to_ = to_square(pixels_.cols, warp, size, rect);
        right_ = static_cast<float>(pixels_.cols - 1) - 1e-3f;
        bottom_ = static_cast<float>(pixels_.rows - 1) - 1e-3f;
    }

    /// Row y of the rect, from its pixel x on.
    struct Row {
        float x, y, step_x, step_y;
    };
    Row row(int x, int y) const {
        return {static_cast<float>(to_(0, 0) * x + to_(0, 1) * y + to_(0, 2)),
                static_cast<float>(to_(1, 0) * x + to_(1, 1) * y + to_(1, 2)), static_cast<float>(to_(0, 0)),
                static_cast<float>(to_(1, 0))};
    }

    /// At pixel i of the row; beyond the square its edge goes on.
    cv::v_float32x4 at(const Row& row, int i) const {
        const float px = std::clamp(row.x + row.step_x * static_cast<float>(i), 0.0f, right_);
        const float py = std::clamp(row.y + row.step_y * static_cast<float>(i), 0.0f, bottom_);
        const int ix = static_cast<int>(px), iy = static_cast<int>(py);
        const cv::v_float32x4 fx = cv::v_setall_f32(px - static_cast<float>(ix));
        const cv::v_float32x4 fy = cv::v_setall_f32(py - static_cast<float>(iy));
        const float* above = pixels_.ptr<float>(iy) + 4 * ix;
        const float* below = pixels_.ptr<float>(iy + 1) + 4 * ix;
        const cv::v_float32x4 a = cv::v_load(above), b = cv::v_load(below);
        const cv::v_float32x4 top = a + fx * (cv::v_load(above + 4) - a);
        const cv::v_float32x4 low = b + fx * (cv::v_load(below + 4) - b);
        return top + fy * (low - top);
    }

  private:
    cv::Mat pixels_; // CV_32FC4
    cv::Matx23d to_;
    float right_ = 0, bottom_ = 0;
};

} // namespace

Image template_in_photo(const Image& crop, const Warp& warp, int template_size, Rect rect) {
    Image out(rect.width, rect.height, crop.channels);
    if (rect.empty() || crop.empty())
        return out;
    const cv::Mat source = prepared(as_mat(crop), warp, template_size);
    cv::warpAffine(source, as_mat(out), to_square(source.cols, warp, template_size, rect),
                   {rect.width, rect.height}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_CONSTANT,
                   cv::Scalar::all(0));
    return out;
}

PasteContext prepare_paste(const Photo& photo, const ColorTransform& color, const Warp& warp,
                           int template_size, const BlendMask& mask, const RegionMask& protect) {
    PasteContext context;
    context.warp = warp;
    context.template_size = template_size;
    context.color = color;
    const Rect rect = footprint(mask.warp, mask_size, photo.width(), photo.height());
    if (rect.empty())
        return context;
    Image whole = template_in_photo(mask.pixels, mask.warp, mask_size, rect);
    if (!protect.pixels.empty()) {
        const cv::Rect common = as_rect(rect) & as_rect(protect.rect);
        if (!common.empty()) {
            const Rect both{common.x, common.y, common.width, common.height};
            cv::Mat kept = as_mat(whole)(as_rect(moved(both, rect)));
            cv::Mat factor = 1.0 - as_mat(protect.pixels)(as_rect(moved(both, protect.rect)));
            cv::max(factor, 0.0, factor);
            cv::min(factor, 1.0, factor);
            cv::multiply(kept, factor, kept);
        }
    }
    cv::Mat touched = as_mat(whole) > 0;
    const cv::Rect tight = cv::boundingRect(touched);
    if (tight.empty())
        return context;
    const Rect inner{tight.x, tight.y, tight.width, tight.height};
    context.rect = {rect.x + inner.x, rect.y + inner.y, inner.width, inner.height};
    context.mask = part(whole, inner);
    context.window = template_in_photo(fade_window(mask_size, 0.0, 0.2), warp, template_size, context.rect);
    cv::multiply(as_mat(context.window), as_mat(context.mask), as_mat(context.window));
    context.continuation = prepare_continuation(mask, template_size);
    context.own = part(photo.color, context.rect);
    context.srgb = color.to_srgb(context.own);
    return context;
}

PasteContext shrunk(const PasteContext& context, int level, const Rect& rect, const Image& srgb,
                    const ColorTransform& color) {
    const int side = 1 << level;
    PasteContext small;
    small.rect = rect;
    const double k = 1.0 / side, shift = 0.5 * k - 0.5; // pixels are where their middles are
    small.warp = compose(Warp{{k, 0, shift, 0, k, shift}}, context.warp);
    small.template_size = context.template_size;
    small.color = color;
    small.continuation = context.continuation;
    small.own = small.srgb = srgb;
    const auto shrink = [&](const Image& mask) {
        Image wide(rect.width * side, rect.height * side, 1), out(rect.width, rect.height, 1);
        as_mat(mask).copyTo(as_mat(wide)(as_rect(moved(context.rect, {rect.x * side, rect.y * side, 0, 0}))));
        cv::resize(as_mat(wide), as_mat(out), {rect.width, rect.height}, 0, 0, cv::INTER_AREA);
        return out;
    };
    small.mask = shrink(context.mask);
    small.window = shrink(context.window);
    return small;
}

namespace {

/// The model saw the photo through the crop's blur and made its change for that. A photo is crisper: one step
/// of Van Cittert's deconvolution, so that the crop of the pasted photo shows what the model asked for.
/// `sigma`: the crop's prefilter and both interpolations together, template pixels.
Image deblurred(const Image& change, double sigma) {
    Image out = change;
    cv::Mat blurred;
    cv::GaussianBlur(as_mat(change), blurred, {}, sigma);
    cv::addWeighted(as_mat(change), 2.0, blurred, -1.0, 0.0, as_mat(out));
    return out;
}

Image continued(const PasteContext& context, const Image& change) {
    const double cover = context.warp.scale() * context.template_size / change.width;
    const bool alike = cover >= 0.75 && cover <= 1.5; // one pixel for another: little is lost
    return continue_change(context.continuation,
                           alike ? change : deblurred(change, 0.45 * std::max(1.0, 1.0 / cover)));
}

/// One age's change, ready to be asked for any part of the region.
class Change {
  public:
    Change(const PasteContext& context, const Image& crop, double amount, PasteMode mode)
        : context_(context), replace_(mode == PasteMode::Replace), amount_(static_cast<float>(amount)),
          source_(replace_ ? crop : continued(context, crop),
                  replace_ ? context.warp : continued_warp(context),
                  replace_ ? context.template_size : context.continuation.size(), context.rect) {}

    /// Fills `delta` (zeros, as large as `part`), part in pixels of the region.
    void add_to(Image& delta, Rect part) const {
        for (int y = 0; y < part.height; ++y) {
            float* d = delta.row(y);
            const Sampler::Row row = source_.row(part.x, part.y + y);
            const float* s = &context_.srgb.data[context_.srgb.index(part.x, part.y + y)];
            const float* m = &context_.mask.data[context_.mask.index(part.x, part.y + y)];
            const float* w = &context_.window.data[context_.window.index(part.x, part.y + y)];
            for (int x = 0; x < part.width; ++x, d += 3, s += 3) {
                const float weight = (replace_ ? w[x] : m[x]) * amount_;
                if (m[x] <= 0.0f || weight == 0.0f)
                    continue;
                float v[4];
                cv::v_store(v, source_.at(row, x));
                for (int i = 0; i < 3; ++i)
                    d[i] = (replace_ ? v[i] - s[i] : v[i]) * weight;
            }
        }
    }

  private:
    static Warp continued_warp(const PasteContext& context) {
        Warp warp = context.warp;
        const double margin = context.continuation.margin;
        const Point corner = warp.apply({-margin, -margin});
        warp.m[2] = corner.x, warp.m[5] = corner.y;
        return warp;
    }

    const PasteContext& context_;
    bool replace_;
    float amount_;
    Sampler source_;
};

constexpr int band_rows = 8;

} // namespace

Image paste_delta(const PasteContext& context, const Image& crop, double amount, PasteMode mode) {
    Image delta(context.rect.width, context.rect.height, 3);
    if (context.rect.empty())
        return delta;
    const Change change(context, crop, amount, mode);
    cv::parallel_for_({0, delta.height}, [&](const cv::Range& rows) {
        Image line(delta.width, 1, 3);
        for (int y = rows.start; y < rows.end; ++y) {
            std::fill(line.data.begin(), line.data.end(), 0.0f);
            change.add_to(line, {0, y, delta.width, 1});
            std::copy(line.data.begin(), line.data.end(), delta.row(y));
        }
    });
    return delta;
}

void paste_parts(const PasteContext& context, const Image& crop, double amount, PasteMode mode,
                 const std::function<void(const Rect& area, Image changed)>& take) {
    if (context.rect.empty())
        return;
    const Change change(context, crop, amount, mode);
    // In bands that stay in the cache, and of each only the columns that the mask touches.
    const int bands = (context.rect.height + band_rows - 1) / band_rows;
    cv::parallel_for_({0, bands}, [&](const cv::Range& range) {
        for (int band = range.start; band < range.end; ++band) {
            const int y = band * band_rows;
            const Rect rows{0, y, context.rect.width, std::min(band_rows, context.rect.height - y)};
            const cv::Mat touched = as_mat(context.mask)(as_rect(rows)) > 0;
            const cv::Rect tight = cv::boundingRect(touched);
            if (tight.empty())
                continue;
            const Rect area{tight.x, y + tight.y, tight.width, tight.height};
            Image delta(area.width, area.height, 3);
            change.add_to(delta, area);
            const Image own = part(context.own, area);
            const Image srgb = context.color.is_srgb() ? Image() : part(context.srgb, area);
            take(area, context.color.add_change(own, srgb.empty() ? own : srgb, delta));
        }
    });
}

Patch paste(const PasteContext& context, const Image& crop, double amount, PasteMode mode) {
    Patch patch{context.rect, context.own};
    paste_parts(context, crop, amount, mode, [&](const Rect& area, const Image changed) {
        as_mat(changed).copyTo(as_mat(patch.color)(as_rect(area)));
    });
    return patch;
}

void apply(const Patch& patch, Photo& photo) {
    if (!patch.rect.empty())
        as_mat(patch.color).copyTo(as_mat(photo.color)(as_rect(patch.rect)));
}

} // namespace c2c
