#include "core/face/estimate.h"
#include "core/face/onnx.h"
#include "tests/face/pictures.h"

#include <fstream>

using namespace c2c;
using namespace c2c::test;

namespace {

std::string bytes_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
void put(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
}
void copy_models(const std::filesystem::path& to) {
    for (const char* name : {"face.json", "yunet.onnx", "age.onnx", "gender.onnx", "age_gender.onnx"})
        std::filesystem::copy_file(face_models() / name, to / name);
}

} // namespace

TEST_CASE("a face net that is missing, truncated or altered is named", "[models]") {
    TempDir dir;
    copy_models(dir.path());
    REQUIRE(AgeGenderEstimator::create(dir.path()));

    const auto refused = [&](const char* what) {
        const auto result = AgeGenderEstimator::create(dir.path());
        REQUIRE_FALSE(result);
        CHECK(result.error().kind == ErrorKind::Model);
        CHECK_THAT(result.error().text, Catch::Contains((dir / "age.onnx").string()));
        CHECK_THAT(result.error().text, Catch::Contains(what));
        CHECK_THAT(result.error().text, Catch::Contains("install"));
    };
    const std::string good = bytes_of(dir / "age.onnx");
    std::string bad = good;
    bad[bad.size() / 2] ^= 1;
    put(dir / "age.onnx", bad);
    refused("altered");
    put(dir / "age.onnx", good.substr(0, good.size() / 2));
    refused("bytes");
    std::filesystem::remove(dir / "age.onnx");
    refused("missing");

    put(dir / "face.json", "{ \"files\": [");
    const auto broken = FaceFinder::create(dir.path());
    REQUIRE_FALSE(broken);
    CHECK_THAT(broken.error().text, Catch::Contains("face.json"));
    std::filesystem::remove(dir / "face.json");
    REQUIRE_FALSE(FaceFinder::create(dir.path()));
}

TEST_CASE("a landmark model that is missing or broken is named with its package", "[models]") {
    TempDir dir;
    const auto missing = Landmarker::load(dir / "none.dat");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == ErrorKind::Model);
    CHECK_THAT(missing.error().text,
               Catch::Contains("none.dat") && Catch::Contains("apt install libdlib-data"));
    put(dir / "text.dat", "not a shape predictor");
    const auto broken = Landmarker::load(dir / "text.dat");
    REQUIRE_FALSE(broken);
    CHECK_THAT(broken.error().text, Catch::Contains("text.dat") && Catch::Contains("cannot be read"));
}

TEST_CASE("half-precision weights are widened and nothing else is touched", "[onnx]") {
    const std::string single = bytes_of(face_models() / "yunet.onnx");
    REQUIRE(widen_halves(single).value() == single);
    const std::string half = bytes_of(face_models() / "age.onnx");
    CHECK(widen_halves(half).value().size() > half.size() * 19 / 10);
    for (std::size_t n = 1; n < half.size(); n = n * 3 / 2 + 1) // cut anywhere: an answer, never a crash
        (void)widen_halves(std::string_view(half).substr(0, n));
    REQUIRE_FALSE(widen_halves(std::string_view(half).substr(0, half.size() / 2)));
}
