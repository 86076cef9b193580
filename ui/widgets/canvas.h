#pragma once

#include "ui/session/frame.h"
#include "ui/widgets/viewport.h"

#include <QWidget>

#include <optional>

class QTouchEvent;

namespace c2c::ui {

enum class Compare { Off, Wipe, Side };

/// A brush for the protect mask.
struct Brush {
    double radius = 24; ///< in view pixels, so that zooming in paints finer
    double hardness = .5;
    bool erase = false;
};

/// The photo at any zoom, with the aged face on it. B is what is worked on; A what it is compared with: the
/// original, or another age. Only the face's part is drawn anew while scrubbing: the rest is kept as it was
/// last drawn.
class Canvas : public QWidget {
    Q_OBJECT
  public:
    explicit Canvas(QWidget* parent = nullptr);

    void set_picture(const PicturePtr& picture);
    void recolor(const PicturePtr& picture);                       ///< the same photo for another screen
    void set_frame(const FramePtr& frame);                         ///< B; null: the original
    void set_frame_a(const FramePtr& frame, const QString& label); ///< A; null: the original
    void set_label_b(const QString& label);
    void set_faces(const std::vector<FaceEstimate>& faces, std::size_t chosen);
    void set_compare(Compare compare);
    void hold_original(bool on);
    void show_matte(bool on);
    void set_brush(const std::optional<Brush>& brush);
    void set_protect(const Image& mask); ///< see protect_mask.h; empty: none
    void set_hint(const QString& text);  ///< shown while there is no photo

    Compare compare() const { return compare_; }
    double zoom() const; ///< device pixels a photo pixel
    const FramePtr& frame() const { return frame_; }
    const Viewport& viewport() const { return view_; }
    QRectF picture_area(int side) const; ///< of the view: side 0 holds A, or all; 1 holds B

  public slots:
    void fit();
    void actual_size();
    void zoom_in();
    void zoom_out();
    void pan(QPointF by);
    void move_wipe(double by); ///< of the photo's width

  signals:
    void zoom_changed(double zoom);
    void face_chosen(std::size_t face);
    void stroke_painted(const c2c::Stroke& stroke);
    void open_requested(); ///< a click where there is no photo yet

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;

  private:
    enum class Grab { None, Pan, Wipe, Paint, Face };

    void draw_side(QPainter& painter, int side, const QRect& dirty);
    void draw_levels(QPainter& painter, const Pyramid& levels, QPointF corner, const QRectF& visible) const;
    void draw_base(QPainter& painter, int side);
    void draw_overlays(QPainter& painter, int side);
    void draw_faces(QPainter& painter) const;
    void draw_wipe(QPainter& painter) const;
    void draw_label(QPainter& painter, const QString& text, QPointF corner, bool right) const;
    void draw_empty(QPainter& painter) const;
    void changed_view();
    void update_frame(const FramePtr& old, const FramePtr& now);
    QPointF in_side(QPointF view) const; ///< a place of the right side as the left side's
    double wipe_x() const;
    int face_at(QPointF view) const;
    void zoom_at(double factor, QPointF anchor);
    void touch(QTouchEvent& event);
    void paint_to(QPointF view);
    void tint_mask(const Rect& part);
    void update_cursor(QPointF view);

    PicturePtr picture_;
    FramePtr frame_, frame_a_;
    QString label_a_, label_b_, hint_;
    std::vector<FaceEstimate> faces_;
    std::size_t chosen_ = 0;
    Viewport view_;
    Compare compare_ = Compare::Off;
    double wipe_ = .5; ///< of the photo's width
    bool original_ = false, matte_ = false, hovered_ = false;
    std::optional<Brush> brush_;
    Image mask_;
    QImage mask_tint_;
    Stroke stroke_;
    Grab grab_ = Grab::None;
    QPointF last_, pressed_;
    int hover_face_ = -1;
    double fingers_apart_ = 0; ///< 0: there are not two; −1: one of two is left
    QImage base_;              ///< the original as last drawn, in device pixels
};

} // namespace c2c::ui
