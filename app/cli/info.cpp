#include "app/cli/options.h"
#include "app/cli/report.h"
#include "core/aging/studio.h"
#include "core/image/describe.h"
#include "core/image/read.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace c2c::cli {
namespace {

const char* word(Depth depth) {
    switch (depth) {
    case Depth::U8:
        return "8-bit";
    case Depth::U16:
        return "16-bit";
    case Depth::F16:
        return "half float";
    case Depth::F32:
        return "float";
    }
    return "";
}

void print_text(const std::filesystem::path& file, const Scene& scene) {
    const Photo& photo = *scene.photo;
    fmt::print("{}\n  {} x {}, {}, {}{}{}\n  profile     {}\n", file.string(), photo.width(), photo.height(),
               photo.format, word(photo.depth), photo.color.channels == 1 ? ", grey" : "",
               photo.alpha.empty() ? "" : ", alpha", profile_in_words(photo));
    const std::string source = digital_source_type(photo.metadata);
    fmt::print("  provenance  {}{}\n", source.empty() ? "none stated" : source,
               photo.has_content_credentials ? ", content credentials (C2PA)" : "");
    const Taken shot = taken(photo.metadata);
    for (const auto& [name, text] :
         {std::pair("camera", shot.camera), std::pair("lens", shot.lens), std::pair("taken", shot.date),
          std::pair("exposure", shot.exposure),
          std::pair("place", std::string(shot.place ? "GPS position stored" : ""))})
        if (!text.empty())
            fmt::print("  {:<12}{}\n", name, text);
    if (scene.faces.empty())
        fmt::print("  no face found\n");
    int number = 0;
    for (const std::size_t i : left_to_right(scene.faces)) {
        const SceneFace& face = scene.faces[i];
        fmt::print("  face {}      {}, about {:.0f}, at {:.0f},{:.0f}, {:.0f} x {:.0f}\n", ++number,
                   face.gender == Gender::Female ? "female" : "male", face.age, face.face.box.x,
                   face.face.box.y, face.face.box.width, face.face.box.height);
    }
}

void print_json(const std::filesystem::path& file, const Scene& scene) {
    const Photo& photo = *scene.photo;
    const Taken shot = taken(photo.metadata);
    nlohmann::ordered_json json = {
        {"source", file.string()},
        {"width", photo.width()},
        {"height", photo.height()},
        {"format", photo.format},
        {"depth", word(photo.depth)},
        {"channels", photo.color.channels},
        {"alpha", !photo.alpha.empty()},
        {"profile", profile_in_words(photo)},
        {"digital_source_type", digital_source_type(photo.metadata)},
        {"content_credentials", photo.has_content_credentials},
        {"camera", shot.camera},
        {"lens", shot.lens},
        {"taken", shot.date},
        {"exposure", shot.exposure},
        {"gps", shot.place},
        {"faces", nlohmann::json::array()},
    };
    int number = 0;
    for (const std::size_t i : left_to_right(scene.faces)) {
        const SceneFace& face = scene.faces[i];
        json["faces"].push_back(
            {{"face", ++number},
             {"box", {face.face.box.x, face.face.box.y, face.face.box.width, face.face.box.height}},
             {"score", face.face.score},
             {"age", face.age},
             {"gender", face.gender == Gender::Female ? "female" : "male"}});
    }
    std::puts(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

} // namespace

int run_info(const InfoFlags& flags, StopToken stop) {
    const auto inputs = expand_inputs(flags.inputs);
    if (!inputs)
        return complain(inputs.error());
    StudioOptions options;
    options.load_model = false;
    auto studio = Studio::create(options);
    if (!studio)
        return complain(studio.error());
    int code = 0;
    for (const auto& file : *inputs) {
        auto photo = read_photo(file, {.max_pixels = flags.max_pixels});
        const auto scene = photo ? studio->scene(std::move(*photo), stop)
                                 : Result<std::shared_ptr<const Scene>>(tl::unexpected(photo.error()));
        if (!scene) {
            const int failed = complain(scene.error());
            code = inputs->size() == 1 ? failed : static_cast<int>(ErrorKind::Partial);
            if (scene.error().kind == ErrorKind::Cancelled)
                return failed;
            continue;
        }
        if (flags.json)
            print_json(file, **scene);
        else
            print_text(file, **scene);
    }
    return code;
}

} // namespace c2c::cli
