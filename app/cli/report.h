#pragma once

#include "core/aging/studio.h"
#include "core/image/write.h"

#include <map>
#include <string>
#include <vector>

namespace c2c::cli {

struct FaceMeters {
    double age = 0, identity = 0;
};

struct FaceLine {
    int number = 1; ///< from the left
    Box box;
    double source_age = 0;
    bool age_given = false;
    Gender gender = Gender::Male;
    bool gender_given = false;
    FaceMeters meters;
};

/// One written file.
struct ResultLine {
    std::filesystem::path source, output;
    double age = 0;
    bool draft = false;
    std::uint64_t seed = 0;
    std::vector<FaceLine> faces;
    std::map<std::string, double> seconds; ///< by stage
    ModelInfo model;
};

/// A line for people, or a line of JSON, on standard output.
void print(const ResultLine& line, bool json, bool profile);

/// What goes into the output's metadata.
Provenance provenance(const ModelInfo& model, std::uint64_t seed);

std::string shortest(double number); ///< "70", "33.4"

} // namespace c2c::cli
