#include "ui/widgets/message_bar.h"

#include "ui/widgets/theme.h"

#include <QAccessible>
#include <QHBoxLayout>

#include <algorithm>

namespace c2c::ui {

MessageBar::MessageBar(QWidget* parent) : QFrame(parent) {
    setObjectName(QStringLiteral("messages"));
    label_ = new QLabel;
    label_->setWordWrap(true);
    label_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label_->setTextFormat(Qt::PlainText);
    more_ = new QLabel;
    more_->setProperty("dim", true);
    action_ = new QToolButton;
    action_->setProperty("boxed", true);
    copy_ = new QToolButton;
    copy_->setText(tr("Copy"));
    copy_->setToolTip(tr("Copy this message and the diagnostics"));
    auto* close = new QToolButton;
    close->setText(QStringLiteral("✕"));
    close->setToolTip(tr("I have read this"));
    close->setAccessibleName(tr("Close the message"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(14, 7, 8, 7);
    row->addWidget(label_, 1);
    row->addWidget(more_);
    row->addWidget(action_);
    row->addWidget(copy_);
    row->addWidget(close);
    connect(close, &QToolButton::clicked, this, [this] {
        if (messages_.empty())
            return;
        const auto dismissed = messages_.front().dismissed;
        next();
        if (dismissed)
            dismissed();
    });
    connect(copy_, &QToolButton::clicked, this, [this] {
        if (!messages_.empty())
            emit copy_requested(messages_.front().text + QStringLiteral("\n") + messages_.front().detail);
    });
    connect(action_, &QToolButton::clicked, this, [this] {
        const auto action = messages_.front().action;
        next();
        action();
    });
    hide();
}

void MessageBar::add(Message message) {
    const bool known = std::any_of(messages_.begin(), messages_.end(),
                                   [&](const Message& other) { return other.text == message.text; });
    if (!known)
        messages_.push_back(std::move(message));
    show_first();
    QAccessibleEvent said(label_, QAccessible::Alert); // who does not see the bar hears of it
    QAccessible::updateAccessibility(&said);
}

void MessageBar::remove(const QString& text) {
    std::erase_if(messages_, [&](const Message& message) { return message.text == text; });
    show_first();
}

void MessageBar::next() {
    if (!messages_.empty())
        messages_.pop_front();
    show_first();
}

void MessageBar::show_first() {
    setVisible(!messages_.empty());
    if (messages_.empty())
        return;
    const Message& message = messages_.front();
    const Colors& c = colors();
    label_->setText(message.text);
    const auto waiting = static_cast<int>(messages_.size()) - 1;
    more_->setText(waiting ? tr("%n more", nullptr, waiting) : QString());
    action_->setVisible(!message.action_text.isEmpty());
    action_->setText(message.action_text);
    copy_->setVisible(message.kind == Kind::Error);
    const QColor edge = message.kind == Kind::Error ? c.bad : c.accent;
    setStyleSheet(QStringLiteral("#messages { background: %1; border-left: 4px solid %2; }")
                      .arg(c.raised.name(), edge.name()));
}

} // namespace c2c::ui
