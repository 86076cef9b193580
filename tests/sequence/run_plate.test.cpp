#include "tests/sequence/rig.h"

using namespace c2c;
using namespace c2c::test;

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

TEST_CASE("a plate's masks are each frame's own", "[run]") {
    const TempDir plate, out;
    make_plate(plate, 3);
    const Image own = value(read_photo(plate / "plate.1001.png")).color;
    const int half = own.width / 2;
    // Frame 1001 keeps its left half, 1002 its right one, 1003 nothing.
    for (int frame = 1001; frame <= 1003; ++frame) {
        Photo mask;
        mask.color = Image(own.width, own.height, 1);
        for (int y = 0; y < own.height; ++y)
            for (int x = 0; x < own.width; ++x)
                mask.color.at(x, y) = frame == 1001 ? x < half : frame == 1002 ? x >= half : 0;
        value(write_photo(mask, out / fmt::format("mask.{}.png", frame)));
    }
    Job job{{plate.path().string()},
            {.curves = curve("1:80"), .output = (out / "a.####.png").string()},
            {.stage = Stage::Draft}};
    job.run.protect = out / "mask.####.png";
    value(make(job));
    for (int frame = 1001; frame <= 1003; ++frame) {
        const Image before = value(read_photo(plate / fmt::format("plate.{}.png", frame))).color;
        const Image after = value(read_photo(out / fmt::format("a.{}.png", frame))).color;
        double left = 0, right = 0;
        for (int y = 0; y < before.height; ++y)
            for (int x = 0; x < before.width; ++x)
                (x < half ? left : right) += std::abs(after.at(x, y, 1) - before.at(x, y, 1));
        INFO("frame " << frame);
        CHECK((left == 0) == (frame == 1001));
        CHECK((right == 0) == (frame == 1002));
    }
    fs::remove(out / "mask.1002.png");
    job.run.resume = true;
    const auto missing = make(job);
    REQUIRE_FALSE(missing);
    CHECK_THAT(missing.error().text, Catch::Contains("mask.1002.png"));
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
