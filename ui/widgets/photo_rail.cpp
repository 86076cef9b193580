#include "ui/widgets/photo_rail.h"

#include "core/image/color.h"
#include "core/image/read.h"
#include "core/image/resample.h"
#include "ui/widgets/files.h"
#include "ui/widgets/theme.h"

#include <QColorSpace>
#include <QImageReader>
#include <QSignalBlocker>

#include <algorithm>

namespace c2c::ui {
namespace {

constexpr int side = 84;

/// EXR, camera raw and what else Qt does not know, as the photo itself is read.
QImage read_by_core(const std::filesystem::path& file) {
    const auto photo = read_photo(file);
    if (!photo)
        return {};
    const auto color = ColorTransform::create(*photo);
    if (!color)
        return {};
    const Image srgb = color->to_srgb(fit_within(photo->color, 4 * side));
    QImage image(srgb.width, srgb.height, QImage::Format_RGB32);
    const auto byte = [](float value) { return static_cast<int>(std::clamp(value, 0.f, 1.f) * 255 + .5f); };
    for (int y = 0; y < srgb.height; ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        const float* from = srgb.row(y);
        for (int x = 0; x < srgb.width; ++x, from += 3)
            line[x] = qRgb(byte(from[0]), byte(from[1]), byte(from[2]));
    }
    return image;
}

QImage small_picture(const std::filesystem::path& file, const ScreenColor& screen) {
    QImageReader reader(text_of(file));
    reader.setAutoTransform(true);
    QSize size = reader.size();
    if (size.isValid() && size.width() > 0 && size.height() > 0)
        reader.setScaledSize(size.scaled(2 * side, 2 * side, Qt::KeepAspectRatioByExpanding));
    QImage image = reader.read();
    if (image.isNull())
        image = read_by_core(file);
    if (image.isNull())
        return {};
    const int square = std::min(image.width(), image.height());
    image = image.copy((image.width() - square) / 2, (image.height() - square) / 3, square, square)
                .scaled(2 * side, 2 * side, Qt::KeepAspectRatio, Qt::SmoothTransformation);
    if (image.colorSpace().isValid())
        image.convertToColorSpace(QColorSpace::SRgb);
    image.convertTo(image.hasAlphaChannel() ? QImage::Format_ARGB32 : QImage::Format_RGB32);
    return screen.shown(image);
}

} // namespace

PhotoRail::PhotoRail(QWidget* parent) : QListWidget(parent) {
    setViewMode(QListView::IconMode);
    setFlow(QListView::TopToBottom);
    setWrapping(false);
    setMovement(QListView::Static);
    setIconSize({side, side});
    setSpacing(6);
    setFixedWidth(side + 34);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::TabFocus);
    setAccessibleName(tr("Photos"));
    hide();
    connect(this, &QListWidget::currentRowChanged, this, [this](int row) {
        if (row >= 0 && row < static_cast<int>(photos_.size()))
            emit chosen(photos_[static_cast<std::size_t>(row)]);
    });
}

void PhotoRail::set_photos(const std::vector<std::filesystem::path>& photos) {
    const QSignalBlocker blocker(this);
    photos_ = photos;
    ++generation_;
    clear();
    QPixmap blank(2 * side, 2 * side);
    blank.fill(colors().raised);
    for (const auto& photo : photos_) {
        auto* item = new QListWidgetItem(QIcon(blank), QString(), this);
        item->setToolTip(text_of(photo.filename()));
        item->setData(Qt::AccessibleTextRole, text_of(photo.filename()));
    }
    setVisible(photos_.size() > 1);
    if (photos_.size() > 1)
        load_thumbnail(0);
}

void PhotoRail::set_screen(const ScreenColor& screen) {
    if (std::exchange(screen_, screen).changes_nothing() && screen.changes_nothing())
        return;
    ++generation_;
    load_thumbnail(0);
}

void PhotoRail::load_thumbnail(int row) {
    if (row >= static_cast<int>(photos_.size()))
        return;
    in_background(
        this,
        [file = photos_[static_cast<std::size_t>(row)], screen = screen_] {
            return small_picture(file, screen);
        },
        [this, row, generation = generation_](const QImage& image) {
            if (generation != generation_)
                return;
            if (!image.isNull() && item(row))
                item(row)->setIcon(QIcon(QPixmap::fromImage(image)));
            load_thumbnail(row + 1); // one after the other: the networks need the cores more
        });
}

void PhotoRail::mark(const std::filesystem::path& photo) {
    const QSignalBlocker blocker(this);
    for (std::size_t i = 0; i < photos_.size(); ++i)
        if (photos_[i] == photo)
            return setCurrentRow(static_cast<int>(i));
    clear(); // a photo from elsewhere
    photos_.clear();
    hide();
}

} // namespace c2c::ui
