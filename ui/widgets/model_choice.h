#pragma once

#include "ui/session/engine.h"

#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QPushButton>

namespace c2c::ui {

/// Words to choose from, each of which stands for a value such as "cpu".
class ChoiceBox : public QComboBox {
    Q_OBJECT
  public:
    ChoiceBox(const QString& name, std::initializer_list<std::pair<QString, QString>> items);
    static ChoiceBox* device();
    static ChoiceBox* precision();

    QString value() const { return currentData().toString(); }
    void set_value(const QString& value); ///< the first one where it is not among them
};

/// A model to choose: the built-in one, those registered by name, or any folder. Below it is said in words
/// what the folder holds, or what is missing in it and where that is published.
class ModelBox : public QWidget {
    Q_OBJECT
  public:
    explicit ModelBox(QWidget* parent = nullptr);

    std::filesystem::path folder() const; ///< empty: the built-in one
    void set_folder(const std::filesystem::path& folder);
    bool usable() const { return usable_; } ///< false also while it is looked at
    QString words() const { return words_->text(); }

  signals:
    void checked(bool usable);

  private:
    void browse();
    void check();
    QComboBox* box_;
    QLabel* words_;
    bool usable_ = false;
    int last_ = 0, checks_ = 0;
};

/// A dialog grows with words that need more lines than it has room for.
void make_room(QDialog* dialog);

/// Another model, looked at before it is used.
class ModelDialog : public QDialog {
    Q_OBJECT
  public:
    ModelDialog(const std::filesystem::path& folder, QWidget* parent);

  signals:
    void chosen(const std::filesystem::path& folder);
};

} // namespace c2c::ui
