#include "ui/widgets/theme.h"

#include <QApplication>
#include <QGuiApplication>
#include <QPainter>
#include <QPalette>
#include <QProxyStyle>
#include <QStyleFactory>
#include <QStyleOption>

namespace c2c::ui {
namespace {

Colors current;
Theme wish = Theme::System;

Colors dark() {
    return {QColor(0x1d1e20),
            QColor(0x242527),
            QColor(0x303236),
            QColor(0x3a3c40),
            QColor(0xe6e6e6),
            QColor(0x9b9da1),
            QColor(0xe9a35f),
            QColor(0x1d1e20),
            QColor(0x7cc48d),
            QColor(0xe6c15c),
            QColor(0xe8796b),
            QColor(0x161718),
            true};
}

Colors light() {
    return {QColor(0xf1f1f2),
            QColor(0xfafafa),
            QColor(0xffffff),
            QColor(0xd3d4d7),
            QColor(0x202124),
            QColor(0x66686d),
            QColor(0xb25e14),
            QColor(0xffffff),
            QColor(0x2f7d46),
            QColor(0x8f6a00),
            QColor(0xb3362a),
            QColor(0xdedfe1),
            false};
}

bool system_is_dark() {
    static const QPalette first = QGuiApplication::palette(); // before a palette of ours is set
    if (wish != Theme::System)
        return wish == Theme::Dark;
    const QString platform =
        qEnvironmentVariable("QT_QPA_PLATFORMTHEME") + qEnvironmentVariable("XDG_CURRENT_DESKTOP");
    return platform.isEmpty() || first.color(QPalette::Window).lightness() < 128;
}

QPalette palette_of(const Colors& c) {
    QPalette p;
    p.setColor(QPalette::Window, c.window);
    p.setColor(QPalette::WindowText, c.text);
    p.setColor(QPalette::Base, c.dark ? QColor(0x18191b) : QColor(0xffffff));
    p.setColor(QPalette::AlternateBase, c.panel);
    p.setColor(QPalette::Text, c.text);
    p.setColor(QPalette::PlaceholderText, c.dim);
    p.setColor(QPalette::Button, c.raised);
    p.setColor(QPalette::ButtonText, c.text);
    p.setColor(QPalette::BrightText, c.bad);
    p.setColor(QPalette::Highlight, c.accent);
    p.setColor(QPalette::HighlightedText, c.on_accent);
    p.setColor(QPalette::ToolTipBase, c.raised);
    p.setColor(QPalette::ToolTipText, c.text);
    p.setColor(QPalette::Link, c.accent);
    p.setColor(QPalette::LinkVisited, c.accent);
    p.setColor(QPalette::Light, c.raised.lighter(115));
    p.setColor(QPalette::Midlight, c.raised);
    p.setColor(QPalette::Mid, c.border);
    p.setColor(QPalette::Dark, c.border.darker(115));
    p.setColor(QPalette::Shadow, QColor(0, 0, 0));
    for (const auto role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText}) {
        QColor faint = c.dim;
        faint.setAlpha(140);
        p.setColor(QPalette::Disabled, role, faint);
    }
    p.setColor(QPalette::Disabled, QPalette::Highlight, c.border);
    return p;
}

QString sheet(const Colors& c) {
    const QColor faint =
        QColor::fromRgb((c.dim.red() + c.window.red()) / 2, (c.dim.green() + c.window.green()) / 2,
                        (c.dim.blue() + c.window.blue()) / 2);
    // Only what the palette cannot say: flat buttons with room around their words, and quiet frames.
    return QStringLiteral(R"(
QToolTip { background: %1; color: %2; border: 1px solid %3; padding: 5px; }
QMenu { padding: 5px; }
QPushButton, QToolButton[boxed="true"] { background: %1; border: 1px solid %3; border-radius: 5px;
    padding: 5px 12px; }
QPushButton:hover, QToolButton[boxed="true"]:hover { border-color: %4; }
QPushButton:focus, QToolButton[boxed="true"]:focus { border-color: %5; }
QPushButton:pressed, QToolButton[boxed="true"]:checked { background: %3; }
QPushButton:checked { background: %3; border-color: %5; color: %5; }
QPushButton[primary="true"] { background: %5; color: %6; border-color: %5; font-weight: 600; }
QPushButton[primary="true"]:hover { background: %7; }
QPushButton[primary="true"]:disabled { background: %1; color: %8; border-color: %3; }
QLabel[dim="true"] { color: %4; }
QToolButton { border: none; border-radius: 5px; padding: 5px 8px; color: %2; }
QToolButton:hover { background: %1; }
QToolButton:checked { background: %1; color: %5; }
QToolButton:focus { border: 1px solid %5; padding: 4px 7px; }
QPushButton:disabled, QToolButton:disabled, QLabel[dim="true"]:disabled { color: %8; }
QScrollArea { border: none; }
QProgressBar { border: none; background: %3; border-radius: 3px; height: 6px; text-align: center; }
QProgressBar::chunk { background: %5; border-radius: 3px; }
QLabel[heading="true"] { font-weight: 600; }
)")
        .arg(c.raised.name(), c.text.name(), c.border.name(), c.dim.name(), c.accent.name(),
             c.on_accent.name(), c.accent.lighter(110).name(), faint.name());
}

/// Fusion, but for boxes to tick, whose own vanish on a dark ground, and its pictures on OK and Cancel.
class Style : public QProxyStyle {
  public:
    Style() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* more) const override {
        return hint == SH_DialogButtonBox_ButtonsHaveIcons
                   ? 0
                   : QProxyStyle::styleHint(hint, option, widget, more);
    }

    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override {
        if (element != PE_IndicatorCheckBox && element != PE_IndicatorRadioButton)
            return QProxyStyle::drawPrimitive(element, option, painter, widget);
        const Colors& c = current;
        const bool on = option->state & State_On, round = element == PE_IndicatorRadioButton;
        const QRectF box = QRectF(option->rect).adjusted(1, 1, -1, -1);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setOpacity(option->state & State_Enabled ? 1 : .45);
        const bool focus = option->state & (State_HasFocus | State_MouseOver);
        painter->setPen(QPen(on || focus ? c.accent : c.dim, 1.2));
        painter->setBrush(on ? c.accent : option->palette.color(QPalette::Base));
        const double radius = round ? box.width() / 2 : 3;
        painter->drawRoundedRect(box, radius, radius);
        if (on && round) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(c.on_accent);
            painter->drawEllipse(box.center(), box.width() / 5, box.width() / 5);
        } else if (on) {
            painter->setPen(QPen(c.on_accent, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            const QPointF at = box.topLeft();
            const double s = box.width();
            painter->drawPolyline(QPolygonF(
                {at + QPointF(.22, .52) * s, at + QPointF(.42, .72) * s, at + QPointF(.78, .3) * s}));
        }
        painter->restore();
    }
};

} // namespace

Theme system_wish() {
    return wish;
}

void set_system_wish(Theme now) {
    wish = now;
}

const Colors& colors() {
    return current;
}

void apply_theme(QApplication& application, Theme theme) {
    const bool system_dark = system_is_dark();
    current = theme == Theme::Dark || (theme == Theme::System && system_dark) ? dark() : light();
    application.setStyle(new Style); // the application owns it
    application.setPalette(palette_of(current));
    application.setStyleSheet(sheet(current));
}

QString name_of(Theme theme) {
    return theme == Theme::Dark    ? QStringLiteral("dark")
           : theme == Theme::Light ? QStringLiteral("light")
                                   : QStringLiteral("system");
}

Theme theme_from(const QString& name) {
    if (name == QStringLiteral("dark"))
        return Theme::Dark;
    return name == QStringLiteral("light") ? Theme::Light : Theme::System;
}

} // namespace c2c::ui
