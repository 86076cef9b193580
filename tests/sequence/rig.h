#pragma once

// Jobs for the tests of whole runs.

#include "core/base/sha256.h"
#include "core/image/read.h"
#include "core/image/resample.h"
#include "core/image/write.h"
#include "core/sequence/run.h"
#include "tests/support.h"

#include <cmath>
#include <map>

namespace c2c::test {
namespace fs = std::filesystem;

/// One model for all cases: loading it takes longer than a frame.
inline Studio& studio() {
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1); // the files' ModifyDate, else the only thing that differs
    static Studio one = value(Studio::create({}));
    return one;
}

inline std::vector<FaceCurve> curve(const char* text) {
    return {{0, value(parse_curve(text))}};
}

struct Job {
    std::vector<std::string> inputs;
    PlanOptions plan;
    RunOptions run = {};
};

inline Result<RunReport> make(const Job& job, StopToken stop = {}) {
    C2C_TRY(FrameSource source, open_source(job.inputs, 1001));
    C2C_TRY(const SequencePlan plan, plan_sequence(std::move(source), job.plan));
    return run_sequence(plan, job.plan.curves, job.run, studio(), {}, stop);
}

inline std::map<std::string, std::string> hashes(const fs::path& folder, const std::string& suffix = ".png") {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == suffix)
            all[entry.path().filename().string()] = value(sha256_file(entry.path()));
    return all;
}

/// Half its size: what is tested here is the way of the frames, and pixels cost time.
inline const std::string& small_photo() {
    static const TempDir folder;
    static const std::string name = [] {
        Photo photo = value(read_photo(test::photo("woman_35.jpg")));
        photo.color = resize_area(photo.color, photo.width() / 2, photo.height() / 2);
        value(write_photo(photo, folder / "woman.png"));
        return (folder / "woman.png").string();
    }();
    return name;
}

inline Job photo_job(const fs::path& folder, const char* ages) {
    return {{small_photo()},
            {.curves = curve(ages), .output = (folder / "a.####.png").string()},
            {.stage = Stage::Draft}};
}

inline double mean_difference(const Image& a, const Image& b) {
    REQUIRE(a.data.size() == b.data.size());
    double sum = 0;
    for (std::size_t i = 0; i < a.data.size(); ++i)
        sum += std::abs(a.data[i] - b.data[i]);
    return 255 * sum / static_cast<double>(a.data.size());
}

/// The photo panned by two pixels a frame, with its own grain in each frame.
inline void make_plate(const TempDir& folder, int frames) {
    const Photo photo = value(read_photo(small_photo()));
    std::mt19937 random(5);
    std::normal_distribution<float> grain(0, 0.01f);
    for (int f = 0; f < frames; ++f) {
        Photo plate = photo;
        for (int y = 0; y < plate.height(); ++y)
            for (int x = 0; x < plate.width(); ++x) {
                const float g = grain(random);
                for (int c = 0; c < 3; ++c)
                    plate.color.at(x, y, c) =
                        photo.color.at(std::min(x + 2 * f, photo.width() - 1), y, c) + g;
            }
        plate.source.clear();
        plate.metadata = {};
        value(write_photo(plate, folder / fmt::format("plate.{}.png", 1001 + f)));
    }
}

} // namespace c2c::test
