#pragma once

#include "ui/session/session.h"
#include "ui/widgets/canvas.h"
#include "ui/widgets/section.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QPushButton>
#include <QSpinBox>

namespace c2c::ui {

/// Everything of the look: who it is, how strongly, how it goes back into the photo, and what is left alone.
class AdjustPanel : public QWidget {
    Q_OBJECT
  public:
    explicit AdjustPanel(Session& session, QWidget* parent = nullptr);

    std::optional<Brush> brush() const; ///< while painting

    void toggle_brush();
    void toggle_matte();

  public slots:
    void refresh(); ///< from the session

  signals:
    void matte_shown(bool on);
    void brush_changed();

  private:
    void build_person();
    void build_result();
    void build_protect();
    /// Changes one thing of the look, as one undo step.
    template <class Change> void change(const QString& name, Change&& apply);

    Session& session_;
    QVBoxLayout* column_;
    QDoubleSpinBox* own_age_;
    QComboBox *gender_, *mode_;
    LabelledSlider *amount_, *radius_, *hardness_;
    QCheckBox *grey_, *matte_, *eyes_, *lips_, *hair_, *clothes_;
    QSpinBox* seed_;
    QPushButton *paint_, *erase_, *clear_;
    bool refreshing_ = false;
};

} // namespace c2c::ui
