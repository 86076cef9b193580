#include "ui/widgets/photo_rail.h"

#include "ui/widgets/files.h"
#include "ui/widgets/theme.h"

#include <QImageReader>
#include <QSignalBlocker>

namespace c2c::ui {
namespace {

constexpr int side = 84;

QImage small_picture(const std::filesystem::path& file) {
    QImageReader reader(text_of(file));
    reader.setAutoTransform(true);
    QSize size = reader.size();
    if (size.isValid() && size.width() > 0 && size.height() > 0)
        reader.setScaledSize(size.scaled(2 * side, 2 * side, Qt::KeepAspectRatioByExpanding));
    const QImage image = reader.read();
    if (image.isNull())
        return {};
    const int square = std::min(image.width(), image.height());
    return image.copy((image.width() - square) / 2, (image.height() - square) / 3, square, square)
        .scaled(2 * side, 2 * side, Qt::KeepAspectRatio, Qt::SmoothTransformation);
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

void PhotoRail::load_thumbnail(int row) {
    if (row >= static_cast<int>(photos_.size()))
        return;
    in_background(
        this, [file = photos_[static_cast<std::size_t>(row)]] { return small_picture(file); },
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
