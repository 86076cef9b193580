#include "tests/sequence/rig.h"

#include <fstream>

using namespace c2c;
using namespace c2c::test;

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
