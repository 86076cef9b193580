#pragma once

#include "ui/session/engine.h"
#include "ui/session/pyramid.h"
#include "ui/session/screen_color.h"

#include <cstdint>
#include <memory>

namespace c2c::ui {

/// A photo ready for the screen.
struct Picture {
    int id = 0; ///< grows with every photo opened
    PhotoInfo info;
    QImage srgb;    ///< Format_RGB32
    Pyramid levels; ///< in the screen's colours; the first shares `srgb` where those are sRGB
};
using PicturePtr = std::shared_ptr<const Picture>;

/// What is asked of the inference thread: one age of one look.
struct FrameJob {
    std::uint64_t number = 0; ///< grows with every request
    int photo = 0;
    std::uint64_t look_id = 0; ///< equal looks have equal ids
    Look look;
    double age = 0;
    int level = 0; ///< of the pyramid: as much as the screen shows
    Box face;      ///< for the thumbnail
};

/// An aged face ready for the screen.
struct Frame {
    FrameJob job;
    Pass pass = Pass::Draft;
    Rect rect;        ///< of level 0, see pyramid_rect
    QImage srgb;      ///< size of rect; null where only a smaller level was made
    Pyramid levels;   ///< in the screen's colours, as the photo's; null above the one that was made
    Rect matte_rect;  ///< what the engine changed
    QImage matte;     ///< size of matte_rect
    QImage thumbnail; ///< square, around the face
    std::optional<Meters> meters;
    std::map<std::string, double> seconds;

    bool whole() const { return !srgb.isNull(); }
    std::size_t bytes() const;
};
using FramePtr = std::shared_ptr<const Frame>;

constexpr int thumbnail_size = 160;

/// The square of the photo that thumbnails show: the face with hair and chin.
QRectF thumbnail_square(const Box& face, const QSize& photo);

/// The original's thumbnail, or an aged one when `frame` is given, in the screen's colours.
QImage make_thumbnail(const Picture& photo, const Frame* frame, const Box& face);

Picture make_picture(int id, const PhotoInfo& info, const QImage& srgb, const ScreenColor& screen = {});

Frame make_frame(const Picture& photo, const FrameJob& job, Region region, const ScreenColor& screen = {});

} // namespace c2c::ui
