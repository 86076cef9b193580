#include "core/nn/guard.h"

#include "core/nn/weights.h"

#include <c10/util/Exception.h>

#include <new>

namespace c2c::nn {
namespace {

Error out_of_memory(std::string_view doing, std::string detail) {
    return {ErrorKind::Device,
            fmt::format("There was not enough memory for {}; close other programs or choose a smaller model.",
                        doing),
            std::move(detail)};
}

} // namespace

Error error_in_flight(std::string_view doing) noexcept {
    try {
        throw;
    } catch (const Stopped&) {
        return cancelled().value();
    } catch (const MissingTensor& missing) {
        return {ErrorKind::Model, missing.what(), {}};
    } catch (const c10::OutOfMemoryError& error) {
        return out_of_memory(doing, error.what_without_backtrace());
    } catch (const c10::Error& error) {
        // The CPU's allocator reports with a plain c10::Error.
        const std::string text = error.what_without_backtrace();
        if (text.find("can't allocate memory") != std::string::npos ||
            text.find("not enough memory") != std::string::npos)
            return out_of_memory(doing, text);
        return {ErrorKind::Internal, fmt::format("The program failed at {}; please report this.", doing),
                text};
    } catch (const std::bad_alloc& error) {
        return out_of_memory(doing, error.what());
    } catch (const std::exception& error) {
        return {ErrorKind::Internal, fmt::format("The program failed at {}; please report this.", doing),
                error.what()};
    } catch (...) {
        return {ErrorKind::Internal, fmt::format("The program failed at {}; please report this.", doing), {}};
    }
}

} // namespace c2c::nn
