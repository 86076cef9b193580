#include "ui/session/frame.h"

#include <QPainter>

#include <algorithm>

namespace c2c::ui {
namespace {

/// Levels are means of sRGB values, whatever the screen: a frame's lie exactly on its photo's.
Pyramid shown(Pyramid levels, const ScreenColor& screen) {
    for (QImage& level : levels)
        level = screen.shown(level);
    return levels;
}

} // namespace

std::size_t Frame::bytes() const {
    std::size_t sum = static_cast<std::size_t>(matte.sizeInBytes() + thumbnail.sizeInBytes());
    for (const QImage& level : levels)
        sum += static_cast<std::size_t>(level.sizeInBytes());
    const bool shared = !levels.empty() && srgb.cacheKey() == levels[0].cacheKey();
    return sum + (shared ? 0 : static_cast<std::size_t>(srgb.sizeInBytes()));
}

QRectF thumbnail_square(const Box& face, const QSize& photo) {
    const double side =
        std::min({1.6 * std::max(face.width, face.height), double(photo.width()), double(photo.height())});
    const double x = std::clamp(face.x + face.width / 2 - side / 2, 0.0, photo.width() - side);
    const double y = std::clamp(face.y + face.height * .45 - side / 2, 0.0, photo.height() - side);
    return {x, y, side, side};
}

QImage make_thumbnail(const Picture& photo, const Frame* frame, const Box& face) {
    const QRectF square = thumbnail_square(face, photo.levels[0].size());
    const double ratio = square.width() / thumbnail_size;
    const int level = made_level(frame ? frame->levels : photo.levels, level_for(1 / ratio));
    const double scale = 1.0 / (1 << level);
    QImage thumbnail(thumbnail_size, thumbnail_size, QImage::Format_RGB32);
    QPainter painter(&thumbnail);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    const auto draw = [&](const QImage& image, QPointF corner) {
        painter.setTransform(QTransform::fromScale(1 / ratio, 1 / ratio)
                                 .translate(corner.x() - square.x(), corner.y() - square.y())
                                 .scale(1 / scale, 1 / scale));
        painter.drawImage(QPointF(0, 0), image);
    };
    const auto index = static_cast<std::size_t>(level);
    draw(photo.levels[index], {0, 0});
    if (frame)
        draw(frame->levels[index], QPointF(frame->rect.x, frame->rect.y));
    return thumbnail;
}

Picture make_picture(int id, const PhotoInfo& info, const QImage& srgb, const ScreenColor& screen) {
    return {id, info, srgb, shown(make_pyramid(srgb), screen)};
}

Frame make_frame(const Picture& photo, const FrameJob& job, Region region, const ScreenColor& screen) {
    Frame frame;
    frame.job = job;
    frame.pass = region.pass;
    frame.rect = region.rect;
    Pyramid levels = make_pyramid(region.pixels, region.level);
    frame.srgb = levels[0];
    frame.levels = shown(std::move(levels), screen);
    frame.matte_rect = region.matte_rect;
    frame.matte = std::move(region.matte);
    frame.seconds = std::move(region.seconds);
    frame.thumbnail = make_thumbnail(photo, &frame, job.face);
    return frame;
}

} // namespace c2c::ui
