#pragma once

#include "core/sequence/curve.h"

#include <QWidget>

#include <optional>
#include <utility>

namespace c2c::ui {

/// An age curve on a graph: frames to the right, ages upwards. Double click adds a key or, on a key, removes
/// it; dragging moves it; a right click chooses how it is reached (linear, ease, hold). A drag on empty
/// ground moves the play head. Keys: Tab through the keys, arrows move the chosen one (Ctrl: by ten), Insert
/// adds one at the play head, Delete removes, L, E and H choose; Page Up and Page Down move the play head.
class CurvePanel : public QWidget {
    Q_OBJECT
  public:
    explicit CurvePanel(QWidget* parent = nullptr);

    void set_curve(const AgeCurve& curve);
    const AgeCurve& curve() const { return curve_; }
    /// The frames that there are: the graph shows them all, whatever the keys are. Nothing: from key to key,
    /// and the first key stays where it is.
    void set_range(std::optional<std::pair<double, double>> frames);
    void set_head(double frame);
    double head() const { return head_; }
    std::optional<std::size_t> chosen() const { return chosen_; }

    QPointF point_of(double frame, double age) const;
    QSize sizeHint() const override { return {560, 240}; }
    QSize minimumSizeHint() const override { return {240, 140}; }

  signals:
    void curve_changed();
    void head_moved(double frame, double age);

  protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    QRectF plot() const;
    double first() const;
    double last() const;
    QPointF units_of(QPointF place) const; ///< frame and age; the inverse of point_of
    std::optional<std::size_t> key_at(QPointF place) const;
    void add_key(double frame, double age);
    void remove_key(std::size_t key);
    void move_key(std::size_t key, double frame, double age);
    void set_segment(Segment segment);
    void choose(std::optional<std::size_t> key);
    void changed();

    AgeCurve curve_{{{1, 20, Segment::Linear}, {96, 80, Segment::Linear}}};
    std::optional<std::pair<double, double>> range_;
    double head_ = 1;
    std::optional<std::size_t> chosen_;
    bool dragging_ = false;
    double shown_last_ = 0; ///< the graph keeps its width while a key is dragged; 0: as the keys say
};

} // namespace c2c::ui
