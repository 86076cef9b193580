#pragma once

#include <QImage>
#include <QWidget>

#include <map>
#include <optional>

namespace c2c::ui {

/// The ages of a life: a slider 0..100 with the own-age mark, and above it the film strip of what is cached.
/// Moving the slider scrubs, a click on a picture jumps there, a click with Shift (or the menu) makes it A,
/// what is compared with.
class AgeStrip : public QWidget {
    Q_OBJECT
  public:
    explicit AgeStrip(QWidget* parent = nullptr);

    void set_age(double age);
    void set_own_age(std::optional<double> age, const QImage& thumbnail, bool estimated);
    void
    set_thumbnails(const std::map<int, QImage>* thumbnails); ///< by age_key; kept, not copied; null: none
    void thumbnail_added(int age_key);
    void set_compared(std::optional<double> age); ///< A

    double age() const { return age_; }
    double x_of(double age) const;
    double age_at(double x) const;
    int cell_step() const; ///< years from one picture of the strip to the next

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

  signals:
    void drag_began();
    void age_moved(double age);
    void drag_ended();
    void compare_chosen(std::optional<double> age);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    QRectF cell(int age) const;
    double largest_cell() const;
    double side_room() const;
    double cell_side() const;
    double track_y() const;
    std::optional<int> cell_at(QPointF at) const;
    const QImage* picture_of(int key) const;
    void hover(std::optional<QPointF> at);
    void draw_cells(QPainter& painter) const;
    void draw_track(QPainter& painter) const;
    void draw_own_mark(QPainter& painter) const;

    double age_ = 70;
    std::optional<double> own_, compared_;
    bool own_estimated_ = true;
    QImage own_thumbnail_;
    const std::map<int, QImage>* thumbnails_ = nullptr;
    bool dragging_ = false;
    std::optional<QPointF> hovered_;
    class Preview* preview_; ///< the picture above the pointer
};

} // namespace c2c::ui
