#include "core/sequence/video.h"
#include "core/base/sha256.h"
#include "core/image/read.h"
#include "core/sequence/video_av.h"
#include "core/sequence/video_join.h"
#include "tests/support.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>

using namespace c2c;
using c2c::test::TempDir;
using c2c::test::value;
namespace fs = std::filesystem;

namespace {

/// A photo, cut to an even size that is quick to encode.
Image picture(int width = 320, int height = 240) {
    const Photo photo = value(read_photo(test::photo("woman_35.jpg")));
    Image part(width, height, 3);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c)
                part.at(x, y, c) = photo.color.at(x + 60, y + 60, c);
    return part;
}

/// The picture under an exposure that tells frames apart.
Image exposed(Image image, double gain) {
    for (float& v : image.data)
        v *= static_cast<float>(gain);
    return image;
}

double mean_difference(const Image& a, const Image& b) {
    REQUIRE(a.data.size() == b.data.size());
    double sum = 0;
    for (std::size_t i = 0; i < a.data.size(); ++i)
        sum += std::abs(a.data[i] - b.data[i]);
    return 255 * sum / static_cast<double>(a.data.size());
}

double gain(std::size_t i) {
    return 0.6 + 0.04 * static_cast<double>(i);
}

void write_movie(const fs::path& file, const VideoOptions& options, const std::vector<std::int64_t>& times) {
    const Image still = picture();
    auto writer = value(VideoWriter::create(file, still.width, still.height, options));
    for (std::size_t i = 0; i < times.size(); ++i)
        value(writer.write(exposed(still, gain(i)), times[i]));
    value(writer.finish());
}

std::vector<VideoFrame> frames_of(const fs::path& file) {
    auto reader = value(VideoReader::open(file));
    std::vector<VideoFrame> frames;
    while (auto frame = value(reader.next()))
        frames.push_back(std::move(*frame));
    return frames;
}

/// A mono PCM tone as a WAV file, written by hand.
void write_wav(const fs::path& file, int seconds) {
    std::ofstream out(file, std::ios::binary);
    const auto u32 = [&](std::uint32_t v) { out.write(reinterpret_cast<const char*>(&v), 4); };
    const auto u16 = [&](std::uint16_t v) { out.write(reinterpret_cast<const char*>(&v), 2); };
    const auto bytes = static_cast<std::uint32_t>(seconds * 48000 * 2);
    out << "RIFF", u32(36 + bytes), out << "WAVEfmt ", u32(16), u16(1), u16(1), u32(48000), u32(96000),
        u16(2), u16(16);
    out << "data", u32(bytes);
    for (int i = 0; i < seconds * 48000; ++i)
        u16(static_cast<std::uint16_t>(
            static_cast<std::int16_t>(8000 * std::sin(i * 2 * std::numbers::pi * 440 / 48000))));
}

/// The samples' bytes of the file's sound.
std::string sound_of(const fs::path& file) {
    auto input = value(av::open_input(file));
    const int index = av_find_best_stream(input.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    std::string bytes;
    av::Packet packet(av_packet_alloc());
    while (index >= 0 && av_read_frame(input.get(), packet.get()) >= 0) {
        if (packet->stream_index == index)
            bytes.append(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size));
        av_packet_unref(packet.get());
    }
    return bytes;
}

} // namespace

TEST_CASE("a movie of each kind comes back: size, rate, colours, every frame at its time") {
    const TempDir folder;
    struct Kind {
        const char* name;
        const char* codec;
        double tolerance; // mean |Δ| of 255: 4:2:0 chroma and quantising
    };
    for (const Kind& kind : {Kind{"a.mp4", "h264", 2.0}, Kind{"a.mkv", "h264", 2.0},
                             Kind{"a.webm", "vp9", 2.6}, Kind{"a.mov", "prores", 1.0}}) {
        INFO(kind.name);
        const std::vector<std::int64_t> times = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        write_movie(folder / kind.name, {.rate = {25, 1}}, times);
        const auto info = value(VideoReader::open(folder / kind.name)).info();
        CHECK(info.width == 320);
        CHECK(info.height == 240);
        CHECK(info.rate.value() == Approx(25));
        CHECK_THAT(info.codec, Catch::Contains(kind.codec));
        CHECK_FALSE(info.has_audio);
        const auto frames = frames_of(folder / kind.name);
        REQUIRE(frames.size() == 10);
        const Image still = picture();
        for (std::size_t i = 0; i < 10; ++i) {
            CHECK(static_cast<double>(frames[i].time) * info.time_base.value() ==
                  Approx(static_cast<double>(i) / 25).margin(0.001));
            CHECK(mean_difference(frames[i].photo.color, exposed(still, gain(i))) < kind.tolerance);
        }
    }
}

TEST_CASE("matrix and range are written, read and used") {
    const TempDir folder;
    // Flat colour patches: a wrong matrix moves saturated ones by 10 and more, a wrong range the white by 16.
    Image patches(64, 64, 3);
    const float colors[4][3] = {{0.9f, 0.1f, 0.1f}, {0.1f, 0.8f, 0.2f}, {0.1f, 0.2f, 0.9f}, {1, 1, 1}};
    for (int y = 0; y < 64; ++y)
        for (int x = 0; x < 64; ++x)
            for (int c = 0; c < 3; ++c)
                patches.at(x, y, c) = colors[(y / 32) * 2 + x / 32][c];
    struct Kind {
        const char* suffix;
        int matrix;
        bool full;
    };
    for (const Kind& kind :
         {Kind{"mp4", 1, false}, Kind{"mp4", 1, true}, Kind{"mp4", 5, false}, Kind{"mp4", 6, false},
          Kind{"mp4", 6, true}, Kind{"mp4", 9, false}, Kind{"webm", 1, true}, Kind{"webm", 6, false},
          Kind{"mov", 1, false}, Kind{"mov", 6, false}, Kind{"mov", 9, false}}) {
        INFO(kind.suffix << " matrix " << kind.matrix << " full " << kind.full);
        const fs::path file = folder / fmt::format("{}{}.{}", kind.matrix, kind.full, kind.suffix);
        auto writer =
            value(VideoWriter::create(file, 64, 64, {.quality = 4, .color = {kind.matrix, 1, 1, kind.full}}));
        for (int i = 0; i < 3; ++i)
            value(writer.write(patches, i));
        value(writer.finish());
        const auto info = value(VideoReader::open(file)).info();
        CHECK(info.color.matrix == kind.matrix);
        CHECK(info.color.full_range == kind.full);
        const auto frames = frames_of(file);
        REQUIRE(frames.size() == 3);
        for (int patch = 0; patch < 4; ++patch)
            for (int c = 0; c < 3; ++c)
                CHECK(255 * frames[1].photo.color.at(16 + 32 * (patch % 2), 16 + 32 * (patch / 2), c) ==
                      Approx(255 * colors[patch][c]).margin(2.5));
    }
}

TEST_CASE("variable frame times survive") {
    const TempDir folder;
    const std::vector<std::int64_t> times = {100, 140, 143, 260, 261, 500};
    write_movie(folder / "v.mp4", {.rate = {24, 1}, .time_base = Ratio{1, 1000}, .start = 100}, times);
    auto reader = value(VideoReader::open(folder / "v.mp4"));
    for (const std::int64_t time : times) {
        const auto frame = value(reader.next());
        REQUIRE(frame);
        CHECK(std::lround(static_cast<double>(frame->time) * reader.info().time_base.value() * 1000) ==
              time - 100);
    }
    CHECK_FALSE(value(reader.next()));
}

TEST_CASE("the rotation tag is applied") {
    const TempDir folder;
    write_movie(folder / "plain.mp4", {.quality = 4}, {0, 1});
    { // The same stream with a display matrix, as phones write it.
        auto input = value(av::open_input(folder / "plain.mp4"));
        AVFormatContext* raw = nullptr;
        REQUIRE(avformat_alloc_output_context2(&raw, nullptr, "mov", (folder / "turned.mov").c_str()) >= 0);
        av::Output output(raw);
        AVStream* stream = avformat_new_stream(raw, nullptr);
        avcodec_parameters_copy(stream->codecpar, input->streams[0]->codecpar);
        stream->codecpar->codec_tag = 0;
        stream->time_base = input->streams[0]->time_base;
        auto* matrix = reinterpret_cast<std::int32_t*>(
            av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t)));
        // What phones held upright write: x' = −y, y' = x, a quarter turn clockwise.
        const std::int32_t quarter[9] = {0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30};
        std::copy(quarter, quarter + 9, matrix);
        REQUIRE(avio_open(&raw->pb, (folder / "turned.mov").c_str(), AVIO_FLAG_WRITE) >= 0);
        REQUIRE(avformat_write_header(raw, nullptr) >= 0);
        av::Packet packet(av_packet_alloc());
        while (av_read_frame(input.get(), packet.get()) >= 0) {
            av_packet_rescale_ts(packet.get(), input->streams[0]->time_base, stream->time_base);
            REQUIRE(av_interleaved_write_frame(raw, packet.get()) >= 0);
        }
        REQUIRE(av_write_trailer(raw) >= 0);
    }
    const auto plain = frames_of(folder / "plain.mp4"), turned = frames_of(folder / "turned.mov");
    const auto info = value(VideoReader::open(folder / "turned.mov")).info();
    CHECK(info.rotation == 90);
    CHECK(info.width == 240);
    CHECK(info.height == 320);
    REQUIRE(turned.size() == 2);
    const Image &a = plain[0].photo.color, &b = turned[0].photo.color;
    REQUIRE(b.width == 240);
    for (int y = 0; y < a.height; y += 13)
        for (int x = 0; x < a.width; x += 17)
            CHECK(b.at(a.height - 1 - y, x, 1) == a.at(x, y, 1));
}

TEST_CASE("sound is copied through, sample for sample, and cut with the picture") {
    const TempDir folder;
    write_wav(folder / "tone.wav", 2);
    std::vector<std::int64_t> two_seconds;
    for (int i = 0; i < 50; ++i)
        two_seconds.push_back(i);
    write_movie(folder / "s.mov", {.rate = {25, 1}, .audio_from = folder / "tone.wav"}, two_seconds);
    CHECK(value(VideoReader::open(folder / "s.mov")).info().has_audio);
    const std::string tone = sound_of(folder / "tone.wav");
    REQUIRE(tone.size() == 2 * 96000);
    CHECK(sound_of(folder / "s.mov") == tone);

    // Frames 25 to 49 alone: the second half, to within a packet.
    write_movie(folder / "half.mov",
                {.rate = {25, 1}, .audio_from = folder / "s.mov", .start = 25, .audio_end = 50},
                {25, 26, 27, 28, 29});
    const std::string half = sound_of(folder / "half.mov");
    CHECK(half.size() > 90'000);
    CHECK(half.size() < 106'000);
    CHECK(tone.ends_with(half));

    const Image still = picture();
    auto writer = value(VideoWriter::create(folder / "s.webm", still.width, still.height,
                                            {.audio_from = folder / "tone.wav"}));
    CHECK_THAT(writer.remark(), Catch::Contains("left out"));
}

TEST_CASE("parts that are joined are one movie: every frame at its time, with the sound") {
    const TempDir folder;
    write_wav(folder / "tone.wav", 2);
    const std::vector<std::int64_t> times = {0,   40,  43,  160, 161, 400, 401, 440, 480, 700,
                                             703, 760, 800, 801, 840, 880, 920, 960, 999, 1400};
    for (const char* name : {"j.mp4", "j.mkv", "j.mov"}) {
        INFO(name);
        VideoOptions options{.rate = {25, 1}, .time_base = Ratio{1, 1000}, .color = {6, 6, 6, false}};
        options.codec = codec_for(name, VideoCodec::Auto);
        std::vector<fs::path> parts;
        const Image still = picture();
        for (std::size_t first = 0; first < times.size(); first += 7) { // the last part is shorter
            parts.push_back(folder / fmt::format("{}.{}.nut", name, first));
            auto writer = value(VideoWriter::create(parts.back(), still.width, still.height, options));
            for (std::size_t i = first; i < std::min(first + 7, times.size()); ++i)
                value(writer.write(exposed(still, gain(i % 10)), times[i]));
            value(writer.finish());
        }
        const bool takes_pcm = std::string(name) != "j.mp4";
        if (takes_pcm)
            options.audio_from = folder / "tone.wav";
        CHECK(value(join_movie(parts, folder / name, options)).empty());
        const auto info = value(VideoReader::open(folder / name)).info();
        CHECK(info.color.matrix == 6);
        CHECK((!takes_pcm || sound_of(folder / name) == sound_of(folder / "tone.wav")));
        const auto frames = frames_of(folder / name);
        REQUIRE(frames.size() == times.size());
        for (std::size_t i = 0; i < times.size(); ++i) {
            CHECK(std::lround(static_cast<double>(frames[i].time) * info.time_base.value() * 1000) ==
                  times[i]);
            CHECK(mean_difference(frames[i].photo.color, exposed(still, gain(i % 10))) < 2.0);
        }
    }
    write_movie(folder / "other.nut", {.codec = VideoCodec::H264, .quality = 30}, {0, 1});
    write_movie(folder / "wide.nut", {.codec = VideoCodec::ProRes}, {0, 1});
    const std::vector<fs::path> odd = {folder / "other.nut", folder / "wide.nut"};
    CHECK_FALSE(join_movie(odd, folder / "odd.mov", {}));
}

TEST_CASE("ProRes 4444 keeps alpha") {
    const TempDir folder;
    const Image still = picture(320, 240);
    Image alpha(320, 240, 1);
    for (int y = 0; y < 240; ++y)
        for (int x = 0; x < 320; ++x)
            alpha.at(x, y) = static_cast<float>(x) / 319;
    auto writer = value(VideoWriter::create(folder / "a.mov", 320, 240, {.codec = VideoCodec::ProRes4444}));
    value(writer.write(still, 0, alpha));
    value(writer.write(still, 1));
    value(writer.finish());
    const auto frames = frames_of(folder / "a.mov");
    REQUIRE(frames.size() == 2);
    REQUIRE(frames[0].photo.alpha.data.size() == alpha.data.size());
    CHECK(mean_difference(frames[0].photo.alpha, alpha) < 0.5);
    CHECK(mean_difference(frames[0].photo.color, still) < 1.0);
    CHECK(*std::min_element(frames[1].photo.alpha.data.begin(), frames[1].photo.alpha.data.end()) > 0.99f);
}

// The width matters: 20 macroblocks, no multiple of the 16 that x264's AVX-512 code takes at a time.
TEST_CASE("the same frames give the same bytes") {
    const TempDir folder;
    for (const char* suffix : {"mp4", "mkv", "webm", "mov"}) {
        INFO(suffix);
        std::string first;
        for (int i = 0; i < 4; ++i) {
            const fs::path file = folder / fmt::format("{}.{}", i, suffix);
            write_movie(file, {.threads = 2}, {0, 1, 2, 3});
            const std::string hash = value(sha256_file(file));
            if (i == 0)
                first = hash;
            CHECK(hash == first);
        }
    }
}

TEST_CASE("odd sizes are made even, and bad files are refused in words") {
    const TempDir folder;
    const Image still = picture(321, 239);
    auto writer = value(VideoWriter::create(folder / "odd.mp4", 321, 239, {}));
    value(writer.write(still, 0));
    value(writer.finish());
    const auto frames = frames_of(folder / "odd.mp4");
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].photo.color.width == 322);
    CHECK(frames[0].photo.color.height == 240);

    std::ofstream(folder / "text.mp4") << "no movie at all, only text";
    std::ofstream(folder / "empty.mp4").flush();
    for (const char* name : {"text.mp4", "empty.mp4", "missing.mp4", ""}) {
        const auto reader = VideoReader::open(folder / name);
        REQUIRE_FALSE(reader);
        CHECK(reader.error().kind == ErrorKind::Input);
        CHECK_THAT(reader.error().text, Catch::Contains(name));
    }
    // Cut short in the middle of its frames: what is there is read, then the damage is told or the end comes.
    write_movie(folder / "whole.mkv", {}, {0, 1, 2, 3, 4, 5, 6, 7});
    fs::resize_file(folder / "whole.mkv", fs::file_size(folder / "whole.mkv") / 2);
    auto reader = value(VideoReader::open(folder / "whole.mkv"));
    int count = 0;
    for (auto frame = reader.next(); frame && *frame; frame = reader.next())
        ++count;
    CHECK(count < 8);

    CHECK_FALSE(VideoWriter::create(folder / "a.webm", 64, 64, {.codec = VideoCodec::ProRes}));
    CHECK_FALSE(VideoWriter::create(folder / "no/where.mp4", 64, 64, {}));
    CHECK_FALSE(VideoWriter::create(folder / "a.xyz", 64, 64, {}));
    CHECK(is_movie_name("A.MOV"));
    CHECK_FALSE(is_movie_name("a.png"));
}
