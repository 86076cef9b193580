#include "app/cli/report.h"

#include "core/eval/meters.h"
#include "core/replay/still.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>

namespace c2c::cli {
namespace {

using nlohmann::ordered_json;

double rounded(double value, double unit) {
    return std::round(value / unit) * unit;
}

const char* word(Gender gender) {
    return gender == Gender::Female ? "female" : "male";
}

ordered_json to_json(const FaceLine& face) {
    ordered_json json = {
        {"face", face.number},
        {"box",
         {rounded(face.box.x, .1), rounded(face.box.y, .1), rounded(face.box.width, .1),
          rounded(face.box.height, .1)}},
        {"source_age", rounded(face.source_age, .01)},
        {"source_age_given", face.age_given},
        {"gender", word(face.gender)},
        {"gender_given", face.gender_given},
        {"read_back_age", rounded(face.meters.age, .01)},
        {"read_back_text", format_read_back(face.meters.age)},
        {"identity", rounded(face.meters.identity, .0001)},
    };
    return json;
}

void print_json(const ResultLine& line) {
    ordered_json json = {
        {"source", line.source.string()},
        {"output", line.output.string()},
        {"age", line.age},
        {"stage", line.draft ? "draft" : "settled"},
        {"seed", line.seed},
        {"model", line.model.name},
        {"model_version", line.model.version},
        {"model_hash", line.model.hash},
        {"device", line.model.device},
        {"precision", line.model.precision},
    };
    if (line.faces.size() == 1)
        json.update(to_json(line.faces.front())); // the usual case reads without a loop
    json["faces"] = ordered_json::array();
    for (const FaceLine& face : line.faces)
        json["faces"].push_back(to_json(face));
    for (const auto& [stage, seconds] : line.seconds)
        json["seconds"][stage] = rounded(seconds, .0001);
    // A file name need not be UTF-8.
    std::puts(json.dump(-1, ' ', false, ordered_json::error_handler_t::replace).c_str());
}

} // namespace

std::string shortest(double number) {
    return fmt::format("{:.10g}", rounded(number, .0001));
}

void print(const ResultLine& line, bool json, bool profile) {
    if (json) {
        print_json(line);
    } else {
        fmt::print("{}", line.output.string());
        for (const FaceLine& face : line.faces)
            fmt::print("  {}{:.0f} to {}, reads as {}, identity {:.2f}",
                       line.faces.size() > 1 ? fmt::format("[face {}] ", face.number) : "", face.source_age,
                       shortest(line.age), format_read_back(face.meters.age), face.meters.identity);
        fmt::print("\n");
    }
    if (profile && !json) {
        double total = 0;
        for (const auto& [stage, seconds] : line.seconds)
            total += seconds;
        for (const auto& [stage, seconds] : line.seconds)
            fmt::print(stderr, "  {:<10} {:8.1f} ms  {:4.0f} %\n", stage, seconds * 1000,
                       100 * seconds / total);
    }
    std::fflush(stdout); // a pipe's reader sees every result when it is made
}

Provenance provenance(const ModelInfo& model, std::uint64_t seed) {
    return c2c::provenance("Cradle2Cane " C2C_VERSION, "Face aged", model, seed);
}

} // namespace c2c::cli
