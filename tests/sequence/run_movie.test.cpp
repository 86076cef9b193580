#include "tests/sequence/rig.h"

#include <fstream>
#include <iterator>

using namespace c2c;
using namespace c2c::test;

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

TEST_CASE("a loop and a movie say how they were made, and still play", "[run]") {
    const TempDir folder;
    for (const char* name : {"a.webp", "a.gif", "a.mp4", "a.mov"}) {
        INFO(name);
        Job job = photo_job(folder.path(), "1:30,3:40");
        job.plan.output = (folder / name).string();
        job.run.write.provenance = Provenance{true, "Cradle2Cane", "a test", "For tests only"};
        CHECK(value(make(job)).written == 3);
        std::ifstream stream(folder / name, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
        CHECK(bytes.find("compositeWithTrainedAlgorithmicMedia") != bytes.npos);
        CHECK(bytes.find("UsageTerms") != bytes.npos);
    }
    for (const char* name : {"a.mp4", "a.mov"}) {
        auto reader = value(VideoReader::open(folder / name));
        int count = 0;
        while (value(reader.next(false)))
            ++count;
        CHECK(count == 3);
    }
}
