#pragma once

#include <QFrame>
#include <QLabel>
#include <QToolButton>

#include <deque>
#include <functional>

namespace c2c::ui {

/// Messages above the photo that stay until they are read; never a dialog in the way. Several wait in a row.
class MessageBar : public QFrame {
    Q_OBJECT
  public:
    explicit MessageBar(QWidget* parent = nullptr);

    enum class Kind { Error, Note };
    struct Message {
        Kind kind = Kind::Error;
        QString text;
        QString detail = {};      ///< copied with the diagnostics
        QString action_text = {}; ///< a button, when not empty
        std::function<void()> action = {};
        std::function<void()> dismissed = {}; ///< closed without the button
    };
    void add(Message message);
    void remove(const QString& text); ///< it is no longer true
    void show_first();                ///< anew, for another theme
    int count() const { return static_cast<int>(messages_.size()); }
    QString text() const { return label_->text(); }

  signals:
    void copy_requested(const QString& text);

  private:
    void next();

    std::deque<Message> messages_;
    QLabel* label_;
    QLabel* more_;
    QToolButton* action_;
    QToolButton* copy_;
};

} // namespace c2c::ui
