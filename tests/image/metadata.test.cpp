#include "core/image/describe.h"
#include "tests/image/make.h"

#include <exiv2/exiv2.hpp>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <thread>

using namespace c2c;
using namespace c2c::test;

namespace {

std::unique_ptr<Exiv2::Image> opened(const fs::path& file) {
    std::unique_ptr<Exiv2::Image> image(Exiv2::ImageFactory::open(file.string()).release());
    image->readMetadata();
    return image;
}
std::string exif(const fs::path& file, const char* key) {
    const auto image = opened(file);
    const auto it = image->exifData().findKey(Exiv2::ExifKey(key));
    return it == image->exifData().end() ? "" : it->toString();
}
std::string xmp(const fs::path& file, const char* key) {
    const auto image = opened(file);
    const auto it = image->xmpData().findKey(Exiv2::XmpKey(key));
    return it == image->xmpData().end() ? "" : it->toString();
}

/// A real photo with everything that a camera and an artist put into it, turned on its side.
void dress(const fs::path& file) {
    fs::copy_file(photo("man_38.jpg"), file, fs::copy_options::overwrite_existing);
    const auto image = opened(file);
    Exiv2::ExifData& tags = image->exifData();
    tags["Exif.Image.Make"] = "Cameramaker";
    tags["Exif.Image.Artist"] = "An Artist";
    tags["Exif.Image.Orientation"] = std::uint16_t(6);
    tags["Exif.Photo.PixelXDimension"] = std::uint32_t(11);
    tags["Exif.Photo.DateTimeOriginal"] = "2020:02:02 10:11:12";
    tags["Exif.Photo.SubSecTime"] = "77";
    tags["Exif.GPSInfo.GPSLatitudeRef"] = "N";
    tags["Exif.GPSInfo.GPSLatitude"] = "48/1 51/1 30/1";
    TempDir dir; // the old face: a white picture
    make_file(dir / "t.jpg", "jpeg", 160, 120, 3, std::vector<std::uint8_t>(160 * 120 * 3, 255));
    Exiv2::ExifThumb(tags).setJpegThumbnail((dir / "t.jpg").string());
    image->xmpData()["Xmp.dc.title"] = "lang=x-default A title";
    image->xmpData()["Xmp.exif.GPSLatitude"] = "48,51.5N";
    image->xmpData()["Xmp.tiff.Orientation"] = "6";
    image->xmpData()["Xmp.xmp.Rating"] = "4";
    image->iptcData()["Iptc.Application2.Keywords"] = "portrait";
    image->writeMetadata();
}

const Provenance provenance{true, "Cradle2Cane 0.1", "model nano, age 70, seed 7", "Not for commercial use"};

} // namespace

TEST_CASE("EXIF, XMP and IPTC reach every format that exiv2 writes") {
    TempDir dir;
    dress(dir / "in.jpg");
    const Photo photo = value(read_photo(dir / "in.jpg"));
    WriteOptions options;
    options.provenance = provenance;
    for (const char* suffix : {".jpg", ".png", ".tif", ".webp"}) {
        const fs::path out = dir / (std::string("out") + suffix);
        value(write_photo(photo, out, options));
        INFO(suffix);
        CHECK(exif(out, "Exif.Image.Make") == "Cameramaker");
        CHECK(exif(out, "Exif.Photo.DateTimeOriginal") == "2020:02:02 10:11:12");
        CHECK(exif(out, "Exif.GPSInfo.GPSLatitudeRef") == "N");
        CHECK(exif(out, "Exif.Image.Orientation") == "1");
        CHECK(exif(out, "Exif.Photo.PixelXDimension") == std::to_string(photo.width()));
        CHECK(exif(out, "Exif.Photo.PixelYDimension") == std::to_string(photo.height()));
        CHECK(xmp(out, "Xmp.dc.title").find("A title") != std::string::npos);
        CHECK(xmp(out, "Xmp.tiff.Orientation") == "1");
        CHECK(xmp(out, "Xmp.iptcExt.DigitalSourceType") ==
              "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia");
        CHECK(xmp(out, "Xmp.xmp.CreatorTool") == "Cradle2Cane 0.1");
        CHECK_FALSE(xmp(out, "Xmp.xmp.ModifyDate").empty());
        CHECK(xmp(out, "Xmp.xmpRights.UsageTerms").find("Not for commercial use") != std::string::npos);
        CHECK(xmp(out, "Xmp.xmpMM.History[1]/stEvt:parameters") == "model nano, age 70, seed 7");
        if (suffix != std::string(".webp")) { // WebP has no place for IPTC
            const auto image = opened(out);
            CHECK_FALSE(image->iptcData().empty());
        }
        // The pixels are those of a file without metadata.
        const Photo again = value(read_photo(out));
        CHECK(again.width() == photo.width());
        CHECK(again.height() == photo.height());
        // A second edit adds a line of history and loses nothing.
        const fs::path twice = dir / (std::string("twice") + suffix);
        value(write_photo(again, twice, options));
        CHECK(exif(twice, "Exif.Image.Make") == "Cameramaker");
        CHECK(xmp(twice, "Xmp.xmpMM.History[1]/stEvt:parameters") == "model nano, age 70, seed 7");
        CHECK(xmp(twice, "Xmp.xmpMM.History[2]/stEvt:parameters") == "model nano, age 70, seed 7");
    }
}

TEST_CASE("An orientation tag turns the picture once and is 1 afterwards") {
    TempDir dir;
    dress(dir / "in.jpg");
    const Photo plain = value(read_photo(photo("man_38.jpg")));
    const Photo turned = value(read_photo(dir / "in.jpg"));
    REQUIRE(turned.width() == plain.height());
    CHECK(turned.color.at(turned.width() - 1, 0, 1) == plain.color.at(0, 0, 1)); // 6: a quarter clockwise
    CHECK(value(read_photo_header(dir / "in.jpg")).width() == plain.height());
    value(write_photo(turned, dir / "out.png"));
    CHECK(same_bits(value(read_photo(dir / "out.png")).color, turned.color));
}

TEST_CASE("The thumbnail shows the new picture") {
    TempDir dir;
    dress(dir / "in.jpg");
    Photo photo = value(read_photo(dir / "in.jpg"));
    for (std::size_t i = 0; i < photo.color.data.size(); ++i) // the new face: blue
        photo.color.data[i] = i % 3 == 2 ? 1.0f : 0.0f;
    value(write_photo(photo, dir / "out.jpg"));
    const auto image = opened(dir / "out.jpg");
    const Exiv2::ExifThumbC thumbnail(image->exifData());
    const Exiv2::DataBuf bytes = thumbnail.copy();
    REQUIRE(bytes.size_ > 0);
    put_bytes(dir / "t.jpg", {reinterpret_cast<const char*>(bytes.pData_), std::size_t(bytes.size_)});
    const Photo small = value(read_photo(dir / "t.jpg"));
    CHECK(std::max(small.width(), small.height()) == 160);
    CHECK(small.color.at(40, 40, 0) < 0.05f);
    CHECK(small.color.at(40, 40, 2) > 0.95f);

    // A photo without a thumbnail gets none.
    Photo plain = value(read_photo(test::photo("man_38.jpg")));
    value(write_photo(plain, dir / "plain.jpg"));
    CHECK(Exiv2::ExifThumbC(opened(dir / "plain.jpg")->exifData()).copy().size_ == 0);
}

TEST_CASE("Places and everything can be left out, provenance cannot") {
    TempDir dir;
    dress(dir / "in.jpg");
    const Photo photo = value(read_photo(dir / "in.jpg"));
    WriteOptions options;
    options.provenance = provenance;
    options.keep_gps = false;
    value(write_photo(photo, dir / "no_gps.jpg", options));
    CHECK(exif(dir / "no_gps.jpg", "Exif.Image.Make") == "Cameramaker");
    CHECK(exif(dir / "no_gps.jpg", "Exif.GPSInfo.GPSLatitude").empty());
    CHECK(xmp(dir / "no_gps.jpg", "Xmp.exif.GPSLatitude").empty());
    CHECK(bytes_of(dir / "no_gps.jpg").find("48,51.5N") == std::string::npos);

    options.keep_gps = true;
    options.keep_metadata = false;
    for (const char* suffix : {".jpg", ".png", ".tif", ".webp"}) {
        const fs::path out = dir / (std::string("bare") + suffix);
        value(write_photo(photo, out, options));
        INFO(suffix);
        CHECK(exif(out, "Exif.Image.Make").empty());
        CHECK(exif(out, "Exif.GPSInfo.GPSLatitude").empty());
        CHECK(xmp(out, "Xmp.dc.title").empty());
        CHECK(opened(out)->iptcData().empty());
        CHECK_FALSE(xmp(out, "Xmp.iptcExt.DigitalSourceType").empty());
    }
}

TEST_CASE("EXR says how it was made in its attributes and keeps what a JPEG knew") {
    TempDir dir;
    dress(dir / "in.jpg");
    const Photo photo = value(read_photo(dir / "in.jpg"));
    WriteOptions options;
    options.provenance = provenance;
    value(write_photo(photo, dir / "out.exr", options));
    const auto input = OIIO::ImageInput::open((dir / "out.exr").string());
    REQUIRE(input);
    const OIIO::ImageSpec& spec = input->spec();
    CHECK(spec.get_string_attribute("Software") == "Cradle2Cane 0.1");
    CHECK(spec.get_string_attribute("Iptc4xmpExt:DigitalSourceType").find("compositeWithTrained") !=
          std::string::npos);
    CHECK(spec.get_string_attribute("Make") == "Cameramaker");
    CHECK(spec.get_int_attribute("Orientation", 1) == 1);
}

TEST_CASE("SOURCE_DATE_EPOCH sets the date") {
    TempDir dir;
    ::setenv("SOURCE_DATE_EPOCH", "0", 1);
    WriteOptions options;
    options.provenance = provenance;
    value(write_photo(value(read_photo(photo("man_38.jpg"))), dir / "out.jpg", options));
    ::unsetenv("SOURCE_DATE_EPOCH");
    CHECK(xmp(dir / "out.jpg", "Xmp.xmp.ModifyDate") == "1970-01-01T00:00:00Z");
    CHECK(exif(dir / "out.jpg", "Exif.Image.DateTime") == "1970:01:01 00:00:00");
}

TEST_CASE("Content credentials are noticed") {
    TempDir dir;
    const std::string jpeg = bytes_of(photo("man_38.jpg"));
    const std::string box =
        std::string("JP\0\1\0\0\0\1\0\0\0\x30jumb\0\0\0\x28jumdc2pa", 28) + std::string(20, '\0');
    put_bytes(dir / "c2pa.jpg",
              jpeg.substr(0, 2) + "\xFF\xEB" + char(0) + char(box.size() + 2) + box + jpeg.substr(2));
    CHECK(value(read_photo(dir / "c2pa.jpg")).has_content_credentials);
    CHECK_FALSE(value(read_photo(photo("man_38.jpg"))).has_content_credentials);
    const std::string png = bytes_of(photo("astronaut_woman_35.png"));
    const std::string chunk("\0\0\0\4caBXjumb\xE0\x3E\x80\x10",
                            16); // the CRC of an ancillary chunk is not checked here
    put_bytes(dir / "c2pa.png", png.substr(0, 33) + chunk + png.substr(33));
    CHECK(value(read_photo_header(dir / "c2pa.png")).has_content_credentials);
    value(write_photo(value(read_photo(photo("man_38.jpg"))), dir / "x.webp"));
    std::string webp = bytes_of(dir / "x.webp") + std::string("C2PA\4\0\0\0jumb", 12);
    const auto size = std::uint32_t(webp.size() - 8);
    std::memcpy(webp.data() + 4, &size, 4);
    put_bytes(dir / "c2pa.webp", webp);
    CHECK(value(read_photo(dir / "c2pa.webp")).has_content_credentials);
    // What is written is another picture, so it does not claim the old one's credentials.
    const Photo edited = value(read_photo(dir / "c2pa.png"));
    value(write_photo(edited, dir / "out.png"));
    CHECK_FALSE(value(read_photo(dir / "out.png")).has_content_credentials);
}

TEST_CASE("Metadata too large for a JPEG loses its largest parts and not the rest") {
    TempDir dir;
    dress(dir / "in.jpg");
    Photo photo = value(read_photo(dir / "in.jpg"));
    value(write_photo(photo, dir / "in.tif"));
    {
        const auto image = opened(dir / "in.tif");
        image->exifData()["Exif.Photo.UserComment"] = std::string(90'000, 'x');
        image->xmpData()["Xmp.dc.source"] = std::string(90'000, 'y');
        image->writeMetadata();
    }
    photo = value(read_photo(dir / "in.tif"));
    WriteOptions options;
    options.provenance = provenance;
    value(write_photo(photo, dir / "out.jpg", options));
    CHECK(exif(dir / "out.jpg", "Exif.Image.Make") == "Cameramaker");
    CHECK(xmp(dir / "out.jpg", "Xmp.dc.title").find("A title") != std::string::npos);
    CHECK_FALSE(xmp(dir / "out.jpg", "Xmp.iptcExt.DigitalSourceType").empty());
    value(write_photo(photo, dir / "out.png", options)); // which has room
    CHECK(xmp(dir / "out.png", "Xmp.dc.source").size() == 90'000);
}

TEST_CASE("Metadata that is rubbish does not cost the photo") {
    TempDir dir;
    const std::string jpeg = bytes_of(photo("man_38.jpg"));
    const std::string rubbish = std::string("Exif\0\0", 6) + std::string(90, '\xEE');
    put_bytes(dir / "rubbish.jpg",
              jpeg.substr(0, 2) + "\xFF\xE1" + char(0) + char(rubbish.size() + 2) + rubbish + jpeg.substr(2));
    const Photo photo = value(read_photo(dir / "rubbish.jpg"));
    value(write_photo(photo, dir / "out.jpg"));
}

TEST_CASE("Several threads read and write metadata at once") {
    TempDir dir;
    dress(dir / "in.jpg");
    WriteOptions options;
    options.provenance = provenance;
    std::vector<std::thread> threads;
    std::vector<int> failures(4, 0);
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 5; ++i) {
                const auto read = read_photo(dir / "in.jpg");
                const fs::path out = dir / fmt::format("{}_{}.jpg", t, i);
                failures[std::size_t(t)] += !read || !write_photo(*read, out, options);
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(failures == std::vector<int>(4, 0));
    CHECK(bytes_of(dir / "0_0.jpg").size() > 1000);
}

TEST_CASE("What the camera noted is told in words, and of the place only that there is one") {
    TempDir dir;
    dress(dir / "photo.jpg");
    Taken shot = taken(value(read_photo(dir / "photo.jpg")).metadata);
    CHECK(shot.camera == "Cameramaker");
    CHECK(shot.date == "2020:02:02 10:11:12");
    CHECK(shot.place);
    CHECK((shot.lens + shot.exposure).empty());

    fs::copy_file(photo("man_38.jpg"), dir / "other.jpg");
    {
        const auto image = opened(dir / "other.jpg");
        Exiv2::ExifData& tags = image->exifData();
        tags["Exif.Image.Make"] = "Maker ";
        tags["Exif.Image.Model"] = "Maker\tModel 5\x1b[2J";
        tags["Exif.Photo.LensModel"] = std::string(5000, 'x');
        tags["Exif.Photo.ExposureTime"] = "1/125";
        tags["Exif.Photo.FNumber"] = "28/10";
        tags["Exif.Photo.ISOSpeedRatings"] = std::uint16_t(400);
        tags["Exif.Photo.FocalLength"] = "0/0";        // no number
        tags["Exif.GPSInfo.GPSVersionID"] = "2 3 0 0"; // a camera that found no satellite
        image->writeMetadata();
    }
    shot = taken(value(read_photo(dir / "other.jpg")).metadata);
    CHECK(shot.camera == "Maker Model 5 [2J");
    CHECK(shot.lens.size() == 100);
    CHECK(shot.exposure == "1/125 s, F2.8, ISO 400");
    CHECK_FALSE(shot.place);

    CHECK(taken({.exif = {1, 2, 3}, .iptc = {}, .xmp = {}}).camera.empty()); // damaged
    CHECK(taken({.exif = {}, .iptc = {}, .xmp = "exif:GPSLatitude=\"48,51.5N\""}).place);
}
