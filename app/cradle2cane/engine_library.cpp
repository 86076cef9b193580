#include "app/cradle2cane/engine_library.h"

#include <QCoreApplication>
#include <QLibrary>

namespace c2c {

Result<std::unique_ptr<ui::Engine>> load_engine() {
    const QString here = QCoreApplication::applicationDirPath();
    QString why;
    for (const QString& file : {here + QStringLiteral("/libc2c_engine.so"),
                                here + QStringLiteral("/../" C2C_LIBDIR "/cradle2cane/libc2c_engine.so")}) {
        QLibrary library(file);
        if (!library.load()) {
            why += library.errorString() + QLatin1Char('\n');
            continue;
        }
        using Make = ui::Engine* (*)();
        if (const auto make = reinterpret_cast<Make>(library.resolve("c2c_make_engine")))
            return std::unique_ptr<ui::Engine>(make());
        why += library.errorString() + QLatin1Char('\n');
    }
    auto failure = fail(ErrorKind::Model,
                        "The ageing engine (libc2c_engine.so) could not be loaded; reinstall Cradle2Cane.");
    failure.value().detail = why.toStdString();
    return failure;
}

} // namespace c2c
