#include "core/face/paste.h"

#include "core/image/opencv.h"

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

Image template_in_photo(const Image& crop, const Warp& warp, int template_size, Rect rect) {
    Image out(rect.width, rect.height, crop.channels);
    if (rect.empty() || crop.empty())
        return out;
    cv::Mat source = as_mat(crop);
    // Photo pixels that one pixel of the crop covers.
    const double cover = warp.scale() * template_size / crop.width;
    int size = crop.width;
    if (cover < 0.75) { // it shrinks: average first, so that nothing is skipped
        size = std::max(8, static_cast<int>(std::lround(crop.width * cover)));
        cv::resize(as_mat(crop), source = cv::Mat(), {size, size}, 0, 0, cv::INTER_AREA);
    } else if (cover > 1.5) {
        // warpAffine knows 32 places between two pixels; enlarged beforehand, those steps stay below what is
        // seen.
        size *= std::min(4, static_cast<int>(std::ceil(cover)));
        cv::resize(as_mat(crop), source = cv::Mat(), {size, size}, 0, 0, cv::INTER_CUBIC);
    }
    const double k = static_cast<double>(size) / template_size;
    const Warp back = warp.inverse();
    const Point corner = back.apply({static_cast<double>(rect.x), static_cast<double>(rect.y)});
    const cv::Matx23d to_source(back.m[0] * k, back.m[1] * k, (corner.x + 0.5) * k - 0.5, back.m[3] * k,
                                back.m[4] * k, (corner.y + 0.5) * k - 0.5);
    cv::warpAffine(source, as_mat(out), to_source, {rect.width, rect.height},
                   cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_CONSTANT, cv::Scalar::all(0));
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

Image paste_delta(const PasteContext& context, const Image& crop, double amount, PasteMode mode) {
    const bool replace = mode == PasteMode::Replace;
    const Continuation& c = context.continuation;
    Warp warp = context.warp;
    if (!replace) {
        const Point corner = warp.apply({-double(c.margin), -double(c.margin)});
        warp.m[2] = corner.x, warp.m[5] = corner.y;
    }
    Image delta = replace ? template_in_photo(crop, warp, context.template_size, context.rect)
                          : template_in_photo(continue_change(c, crop), warp, c.size(), context.rect);
    const float strength = static_cast<float>(amount);
    cv::parallel_for_({0, delta.height}, [&](const cv::Range& rows) {
        for (int y = rows.start; y < rows.end; ++y) {
            float* d = delta.row(y);
            const float* s = context.srgb.row(y);
            const float* m = (replace ? context.window : context.mask).row(y);
            for (int x = 0; x < delta.width; ++x)
                for (int i = 0; i < 3; ++i) {
                    float& v = d[3 * x + i];
                    v = (replace ? v - s[3 * x + i] : v) * (m[x] * strength);
                }
        }
    });
    return delta;
}

Patch paste(const PasteContext& context, const Image& crop, double amount, PasteMode mode) {
    if (context.rect.empty())
        return {};
    return {context.rect,
            context.color.add_change(context.own, context.srgb, paste_delta(context, crop, amount, mode))};
}

void apply(const Patch& patch, Photo& photo) {
    if (!patch.rect.empty())
        as_mat(patch.color).copyTo(as_mat(photo.color)(as_rect(patch.rect)));
}

} // namespace c2c
