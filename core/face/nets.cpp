#include "core/face/nets.h"

#include "core/base/sha256.h"
#include "core/face/onnx.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <span>

namespace c2c {
namespace {

constexpr auto reinstall = "install Cradle2Cane again, or point $C2C_MODELS to a complete models folder.";

struct Listed {
    std::uint64_t bytes = 0;
    std::string sha256;
};

Result<Listed> look_up(const std::filesystem::path& folder, const std::string& name) {
    const auto manifest = folder / "face.json";
    C2C_TRY(const std::string text, read_model_file(manifest));
    const auto json = nlohmann::json::parse(text, nullptr, false);
    try {
        const auto& entry = json.at("files").at(name);
        return Listed{entry.at("bytes").get<std::uint64_t>(), entry.at("sha256").get<std::string>()};
    } catch (const nlohmann::json::exception& e) {
        auto error = fail(ErrorKind::Model, "{} does not list {}; {}", manifest.string(), name, reinstall);
        error.value().detail = e.what();
        return error;
    }
}

} // namespace

Result<std::string> read_model_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    if (!in.is_open() || in.bad() || bytes.empty())
        return fail(ErrorKind::Model, "{} is missing or cannot be read; {}", file.string(), reinstall);
    return bytes;
}

Result<std::string> read_listed(const std::filesystem::path& folder, const std::string& name) {
    C2C_TRY(const Listed listed, look_up(folder, name));
    const auto file = folder / name;
    C2C_TRY(std::string bytes, read_model_file(file));
    if (bytes.size() != listed.bytes)
        return fail(ErrorKind::Model, "{} has {} bytes instead of {}; {}", file.string(), bytes.size(),
                    listed.bytes, reinstall);
    if (sha256(std::as_bytes(std::span(bytes))) != listed.sha256)
        return fail(ErrorKind::Model, "{} has been altered since it was made; {}", file.string(), reinstall);
    return bytes;
}

Result<cv::dnn::Net> parse_net(const std::string& bytes, const std::filesystem::path& file) {
    const auto broken = [&](const std::string& detail) {
        auto error =
            fail(ErrorKind::Model, "{} is not an ONNX net that can be read; {}", file.string(), reinstall);
        error.value().detail = detail;
        return error;
    };
    try {
        const auto model = widen_halves(bytes);
        if (!model)
            return broken("not a protobuf message");
        return cv::dnn::readNetFromONNX(model->data(), model->size());
    } catch (const std::exception& e) { // cv::Exception is one
        return broken(e.what());
    }
}

Result<cv::dnn::Net> load_net(const std::filesystem::path& folder, const std::string& name) {
    C2C_TRY(const std::string bytes, read_listed(folder, name));
    return parse_net(bytes, folder / name);
}

} // namespace c2c
