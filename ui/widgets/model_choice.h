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

/// The models known by name, to switch between: the built-in one and those of `models add`. Looked up anew
/// whenever the list opens, in the background: a folder may lie on a slow disk.
class KnownModels : public QComboBox {
    Q_OBJECT
  public:
    KnownModels();

    void refresh();
    void
    set_in_use(const std::filesystem::path& folder); ///< empty: the built-in one; one not known is listed too
    void showPopup() override;

  signals:
    void chosen(const std::filesystem::path& folder);
    void unusable(const QString& why); ///< chosen, but its files are gone

  private:
    struct Known {
        QString name, folder, lacks; ///< `lacks`: in words; empty where it is whole
        bool operator==(const Known&) const = default;
    };
    static std::vector<Known> look();
    void list();
    std::vector<Known> known_;
    std::filesystem::path in_use_;
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
