#include "core/sequence/run.h"
#include "core/base/sha256.h"
#include "core/image/read.h"
#include "core/image/write.h"
#include "tests/support.h"

#include <cmath>
#include <fstream>

using namespace c2c;
using c2c::test::TempDir;
using c2c::test::value;
namespace fs = std::filesystem;

namespace {

/// One model for all cases: loading it takes longer than a frame.
Studio& studio() {
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1); // the files' ModifyDate, else the only thing that differs
    static Studio one = value(Studio::create({}));
    return one;
}

std::vector<FaceCurve> curve(const char* text) {
    return {{0, value(parse_curve(text))}};
}

struct Job {
    std::vector<std::string> inputs;
    PlanOptions plan;
    RunOptions run = {};
};

Result<RunReport> make(const Job& job, StopToken stop = {}) {
    C2C_TRY(FrameSource source, open_source(job.inputs, 1001));
    C2C_TRY(const SequencePlan plan, plan_sequence(std::move(source), job.plan));
    return run_sequence(plan, job.plan.curves, job.run, studio(), {}, stop);
}

std::map<std::string, std::string> hashes(const fs::path& folder, const std::string& suffix = ".png") {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == suffix)
            all[entry.path().filename().string()] = value(sha256_file(entry.path()));
    return all;
}

/// Half its size: what is tested here is the way of the frames, and pixels cost time.
const std::string& small_photo() {
    static const TempDir folder;
    static const std::string name = [] {
        Photo photo = value(read_photo(test::photo("woman_35.jpg")));
        Image half(photo.width() / 2, photo.height() / 2, 3);
        for (int y = 0; y < half.height; ++y)
            for (int x = 0; x < half.width; ++x)
                for (int c = 0; c < 3; ++c)
                    half.at(x, y, c) =
                        (photo.color.at(2 * x, 2 * y, c) + photo.color.at(2 * x + 1, 2 * y, c) +
                         photo.color.at(2 * x, 2 * y + 1, c) + photo.color.at(2 * x + 1, 2 * y + 1, c)) /
                        4;
        photo.color = std::move(half);
        value(write_photo(photo, folder / "woman.png"));
        return (folder / "woman.png").string();
    }();
    return name;
}

Job photo_job(const fs::path& folder, const char* ages) {
    return {{small_photo()},
            {.curves = curve(ages), .output = (folder / "a.####.png").string()},
            {.stage = Stage::Draft}};
}

double mean_difference(const Image& a, const Image& b) {
    REQUIRE(a.data.size() == b.data.size());
    double sum = 0;
    for (std::size_t i = 0; i < a.data.size(); ++i)
        sum += std::abs(a.data[i] - b.data[i]);
    return 255 * sum / static_cast<double>(a.data.size());
}

/// The photo panned by two pixels a frame, with its own grain in each frame.
void make_plate(const TempDir& folder, int frames) {
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

} // namespace

TEST_CASE("a photo's frames: every one there, recorded, and as smooth as the ages", "[run]") {
    const TempDir folder;
    Job job = photo_job(folder.path(), "1:30,5:34");
    job.run.stage = Stage::Settled;
    const auto report = value(make(job));
    CHECK(report.written == 5);
    const auto records = value(read_frame_manifest(folder / "a.manifest.jsonl"));
    REQUIRE(records.size() == 5);
    std::vector<Image> frames;
    for (const auto& [number, record] : records) {
        CHECK(frame_is_valid(record, folder.path(), record.job));
        CHECK(record.faces.at(0).age == 30 + static_cast<double>(number - 1001));
        frames.push_back(value(read_photo(folder / record.file)).color);
    }
    // One noise for all: neighbours of one year differ by far less than the ends do by four.
    const double ends = mean_difference(frames.front(), frames.back());
    CHECK(ends > 0);
    for (std::size_t i = 1; i < frames.size(); ++i)
        CHECK(mean_difference(frames[i - 1], frames[i]) < 0.6 * ends);
}

TEST_CASE("the same command gives the same bytes, in one run or in shards", "[run]") {
    const TempDir whole, again, shards;
    value(make(photo_job(whole.path(), "1:30,4:60")));
    value(make(photo_job(again.path(), "1:30,4:60")));
    CHECK(hashes(whole.path()).size() == 4);
    CHECK(hashes(again.path()) == hashes(whole.path()));
    for (int i = 1; i <= 3; ++i) {
        Job job = photo_job(shards.path(), "1:30,4:60");
        job.plan.shard = Shard{i, 3};
        value(make(job));
    }
    CHECK(hashes(shards.path()) == hashes(whole.path()));
    Job rest = photo_job(shards.path(), "1:30,4:60"); // the whole job sees what its parts have made
    rest.run.resume = true;
    CHECK(value(make(rest)).valid == 4);
}

TEST_CASE("resume makes what is missing, damaged or of other settings, and nothing else", "[run]") {
    const TempDir folder;
    Job job = photo_job(folder.path(), "1:30,4:60");
    value(make(job));
    const auto before = hashes(folder.path());

    const auto refused = make(job);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Output);
    CHECK_THAT(refused.error().text, Catch::Contains("--resume"));

    job.run.resume = true;
    auto report = value(make(job));
    CHECK(report.written == 0);
    CHECK(report.valid == 4);

    fs::remove(folder / "a.1002.png");
    std::ofstream(folder / "a.1003.png") << "half a picture";
    std::ofstream(folder / ".a.1003.77-1.tmp.png") << "left by a killed run";
    report = value(make(job));
    CHECK(report.written == 2);
    CHECK(report.valid == 2);
    CHECK(hashes(folder.path()) == before);
    CHECK_FALSE(fs::exists(folder / ".a.1003.77-1.tmp.png"));

    job.plan.curves = curve("1:30,4:61"); // only the first frame keeps its age
    report = value(make(job));
    CHECK(report.written == 3);
    CHECK(report.valid == 1);
    job.run.amount = 0.5;
    CHECK(value(make(job)).written == 4);
}

TEST_CASE("a stop leaves whole frames only, and resume ends the job", "[run]") {
    const TempDir folder;
    Job job = photo_job(folder.path(), "1:30,6:60");
    std::stop_source source;
    job.run.finished = [&](const FrameRecord& record) {
        if (record.frame == 1002)
            source.request_stop();
    };
    const auto stopped = make(job, source.get_token());
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().kind == ErrorKind::Cancelled);
    for (const auto& [name, hash] : hashes(folder.path()))
        CHECK(read_photo(folder / name));
    for (const auto& entry : fs::directory_iterator(folder.path()))
        CHECK_FALSE(entry.path().filename().string().starts_with("."));
    job.run.finished = {};
    job.run.resume = true;
    const auto report = value(make(job));
    CHECK(report.valid >= 2);
    CHECK(report.valid + report.written == 6);
}

TEST_CASE("a plate: the face is tracked, shards agree, a frame without a face is left alone", "[run]") {
    const TempDir plate, whole, shards;
    make_plate(plate, 4);
    Photo blank = value(read_photo(plate / "plate.1001.png"));
    for (float& v : blank.color.data)
        v = 0.5f;
    for (int number = 1005; number <= 1006; ++number)
        value(write_photo(blank, plate / fmt::format("plate.{}.png", number)));

    Job job{{plate.path().string()},
            {.curves = curve("1:60"), .output = (whole / "a.####.png").string()},
            {.stage = Stage::Draft}};
    job.plan.matte = (whole / "matte.####.tif").string();
    const auto report = value(make(job));
    CHECK(report.written == 6);
    REQUIRE(report.notes.size() == 1);
    CHECK_THAT(report.notes[0], Catch::Contains("lost at frame 1005"));
    const Image own = value(read_photo(plate / "plate.1003.png")).color;
    const Image aged = value(read_photo(whole / "a.1003.png")).color;
    const Image matte = value(read_photo(whole / "matte.1003.tif")).color;
    CHECK(mean_difference(own, aged) > 0.5);
    for (std::size_t i = 0; i < matte.data.size(); ++i)
        if (matte.data[i] == 0) { // outside the mask: bit for bit
            CHECK(aged.data[3 * i] == own.data[3 * i]);
            if (aged.data[3 * i] != own.data[3 * i])
                break;
        }
    CHECK(value(read_photo(whole / "a.1006.png")).color.data ==
          value(read_photo(plate / "plate.1006.png")).color.data);

    job.plan.matte.clear();
    job.plan.output = (shards / "a.####.png").string();
    for (int i = 1; i <= 2; ++i) {
        job.plan.shard = Shard{i, 2};
        value(make(job));
    }
    CHECK(hashes(shards.path()) == hashes(whole.path()));
}

TEST_CASE("a photo becomes a movie, and a movie another", "[run]") {
    const TempDir folder;
    Job job = photo_job(folder.path(), "1:30,4:60");
    job.plan.output = (folder / "a.mov").string();
    CHECK(value(make(job)).written == 4);
    Job second{{(folder / "a.mov").string()},
               {.curves = curve("1:20"), .output = (folder / "b.mp4").string()},
               {.stage = Stage::Draft}};
    second.plan.frames = std::vector<std::int64_t>{1002, 1003};
    CHECK(value(make(second)).written == 2);
    const auto first = value(VideoReader::open(folder / "a.mov")).info();
    auto reader = value(VideoReader::open(folder / "b.mp4"));
    CHECK(reader.info().width == first.width);
    CHECK(reader.info().rate.value() == Approx(24));
    int count = 0;
    while (value(reader.next(false)))
        ++count;
    CHECK(count == 2);

    second.run.resume = true; // it is whole: nothing to do
    CHECK(value(make(second)).valid == 2);
    second.plan.output = (folder / "a.mov").string();
    CHECK_FALSE(make(second));
}

TEST_CASE("a movie that was stopped goes on with --resume and has the bytes of an undisturbed one", "[run]") {
    const TempDir whole, broken;
    const auto movie = [](const fs::path& folder, const char* name) {
        Job job = photo_job(folder, "1:30,2:31,60:31"); // held: the network has two ages to draw
        job.plan.output = (folder / name).string();
        return job;
    };
    for (const char* name : {"a.mp4", "a.webm"}) {
        CHECK(value(make(movie(whole.path(), name))).written == 60);
        CHECK_FALSE(fs::exists(whole / (std::string(name) + ".parts")));
        Job job = movie(broken.path(), name);
        std::stop_source source;
        int recorded = 0;
        job.run.finished = [&](const FrameRecord&) {
            if (++recorded == 30) // in the second part
                source.request_stop();
        };
        const auto stopped = make(job, source.get_token());
        REQUIRE_FALSE(stopped);
        CHECK(stopped.error().kind == ErrorKind::Cancelled);
        CHECK_FALSE(fs::exists(broken / name));
        CHECK_FALSE(make(job)); // neither --resume nor --overwrite

        job.run.finished = {};
        job.run.resume = true;
        auto report = value(make(job));
        CHECK(report.valid >= 30); // the frames of a part in work are kept too
        CHECK(report.valid + report.written == 60);
        CHECK(value(sha256_file(broken / name)) == value(sha256_file(whole / name)));
        report = value(make(job));
        CHECK(report.valid == 60);
        CHECK(value(read_frame_manifest(broken / (std::string(name) + ".manifest.jsonl"))).size() == 60);

        fs::resize_file(broken / name, fs::file_size(broken / name) / 2); // damaged: made again
        CHECK(value(make(job)).written == 60);
        CHECK(value(sha256_file(broken / name)) == value(sha256_file(whole / name)));
    }
}

TEST_CASE("an animated WebP and a GIF: every frame, at its time, and what resume leaves alone", "[run]") {
    const TempDir folder;
    for (const char* name : {"a.webp", "a.gif"}) {
        INFO(name);
        Job job = photo_job(folder.path(), "1:30,4:60");
        job.plan.output = (folder / name).string();
        job.run.movie.rate = {10, 1};
        std::stop_source source;
        job.run.finished = [&](const FrameRecord& record) {
            if (record.frame == 1002)
                source.request_stop();
        };
        REQUIRE_FALSE(make(job, source.get_token()));
        job.run.finished = {};
        job.run.resume = true;
        CHECK(value(make(job)).valid >= 2);
        CHECK(value(make(job)).valid == 4);
        CHECK_FALSE(fs::exists(folder / (std::string(name) + ".parts")));
        const Image first = value(read_photo(folder / name)).color;
        const Image own = value(read_photo(small_photo())).color;
        CHECK(first.width == own.width);
        CHECK(mean_difference(first, own) < 8);
        if (std::string(name) == "a.gif") {
            auto reader = value(VideoReader::open(folder / name));
            std::vector<Image> frames;
            for (int i = 0; i < 4; ++i) {
                const auto frame = value(reader.next());
                REQUIRE(frame);
                CHECK(static_cast<double>(frame->time) * reader.info().time_base.value() == Approx(0.1 * i));
                frames.push_back(frame->photo.color);
            }
            CHECK_FALSE(value(reader.next()));
            CHECK(mean_difference(frames[0], frames[3]) > 0.3);
            CHECK(frames[0].at(2, 2, 0) == frames[3].at(2, 2, 0)); // what stands still does not shimmer
        }
    }
    Job shard = photo_job(folder.path(), "1:30,4:60");
    shard.plan.output = (folder / "b.gif").string();
    shard.plan.shard = Shard{1, 2};
    CHECK(make(shard).error().kind == ErrorKind::Usage);
}

TEST_CASE("what a mask protects stays, bit for bit", "[run]") {
    const TempDir folder;
    const Photo photo = value(read_photo(small_photo()));
    Photo mask;
    mask.color = Image(photo.width(), photo.height(), 3);
    for (int y = 0; y < photo.height(); ++y)
        for (int x = 0; x < 3 * photo.width() / 2; ++x)
            mask.color.row(y)[x] = 1;
    value(write_photo(mask, folder / "mask.png"));
    Job job = photo_job(folder.path(), "1:70,2:70");
    job.run.protect = folder / "mask.png";
    value(make(job));
    const Image aged = value(read_photo(folder / "a.1001.png")).color;
    double left = 0, right = 0;
    for (int y = 0; y < photo.height(); ++y)
        for (int x = 0; x < 3 * photo.width(); ++x)
            (x < 3 * photo.width() / 2 ? left : right) +=
                std::abs(double(aged.row(y)[x]) - photo.color.row(y)[x]);
    CHECK(left == 0);
    CHECK(right > 10);
    job.run.limits.max_pixels = 1000;
    job.run.resume = true;
    CHECK(make(job).error().kind == ErrorKind::Input);
}

TEST_CASE("all faces follow one curve, except one with its own", "[run]") {
    const TempDir folder;
    const Photo one = value(read_photo(small_photo()));
    Photo two = one;
    two.color = Image(2 * one.width(), one.height(), 3);
    for (int y = 0; y < one.height(); ++y)
        for (int x = 0; x < 6 * one.width(); ++x)
            two.color.row(y)[x] = one.color.row(y)[x % (3 * one.width())];
    two.source.clear();
    value(write_photo(two, folder / "two.png"));
    Job job = photo_job(folder.path(), "1:70,2:70");
    job.inputs = {(folder / "two.png").string()};
    job.plan.curves = {{FaceCurve::every_other, value(parse_curve("1:70,2:70"))},
                       {2, value(parse_curve("1:20,2:20"))}};
    value(make(job));
    const auto record = value(read_frame_manifest(folder / "a.manifest.jsonl")).at(1001);
    REQUIRE(record.faces.size() == 2);
    CHECK(record.faces[0].age == 70);
    CHECK(record.faces[1].age == 20);
}

TEST_CASE("a job that cannot work is refused before a frame is written", "[run]") {
    const TempDir folder;
    Job none = photo_job(folder.path(), "1:30,3:40");
    Photo blank = value(read_photo(none.inputs[0]));
    for (float& v : blank.color.data)
        v = 0.5f;
    value(write_photo(blank, folder / "blank.png"));
    none.inputs = {(folder / "blank.png").string()};
    const auto no_face = make(none);
    REQUIRE_FALSE(no_face);
    CHECK(no_face.error().kind == ErrorKind::NoFace);
    Job third = photo_job(folder.path(), "1:30,3:40");
    third.plan.curves[0].face = 3;
    CHECK(make(third).error().kind == ErrorKind::NoFace);
    CHECK(hashes(folder.path()).size() == 1);
    Job nowhere = photo_job("/proc/none", "1:30,3:40");
    CHECK(make(nowhere).error().kind == ErrorKind::Output);
}
