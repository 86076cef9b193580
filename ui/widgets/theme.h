#pragma once

#include <QColor>
#include <QString>

class QApplication;

namespace c2c::ui {

enum class Theme { System, Dark, Light };

/// The few colours that the program's own widgets draw with. Greys are neutral, so that they do not shift how
/// the photo's colours are seen; there is one accent.
struct Colors {
    QColor window, panel, raised, border, text, dim, accent, on_accent, good, warn, bad, canvas;
    bool dark = true;
};

const Colors& colors();

/// What the desktop wishes for (see system_theme.h); System where it has said nothing.
Theme system_wish();
void set_system_wish(Theme wish);

/// Sets style, palette and fonts of the whole program. System is what the desktop wishes for, else as the
/// platform's palette is, and dark where that has no say, as a room for looking at pictures.
void apply_theme(QApplication& application, Theme theme);

/// "system", "dark", "light"; System for anything else.
Theme theme_from(const QString& name);
QString name_of(Theme theme);

} // namespace c2c::ui
