#include "app/cli/job.h"

#include "core/image/read.h"
#include "core/image/write.h"
#include "core/sequence/names.h"

namespace fs = std::filesystem;

namespace c2c::cli {
namespace {

std::string output_suffix(const Photo& photo) {
    static const std::map<std::string, std::string> suffixes = {
        {"jpeg", "jpg"}, {"png", "png"}, {"tiff", "tif"}, {"webp", "webp"}, {"openexr", "exr"}};
    const auto known = suffixes.find(photo.format);
    return known == suffixes.end() ? "png" : known->second; // camera raw and HEIC cannot be written
}

/// One name an age.
Result<void> plan_outputs(Job& job, const std::string& ext) {
    const AgeFlags& flags = job.flags();
    const std::string pattern =
        flags.sheet && flags.output == AgeFlags{}.output ? "./{stem}_sheet.jpg" : flags.output;
    std::vector<NameFields> fields;
    for (const double age : job.plan.ages) {
        NameFields name{.stem = job.input.stem().string(), .ext = ext, .age = age};
        if (job.plan.faces.kind == FaceChoice::Kind::Number)
            name.face = job.plan.faces.number;
        fields.push_back(std::move(name));
        if (flags.sheet)
            break;
    }
    const std::vector<fs::path> sources = {job.input};
    C2C_TRY(job.outputs, plan_names(pattern, NameUse::Still, fields, sources));
    for (const fs::path& output : job.outputs)
        if (std::error_code ignored; !flags.overwrite && fs::exists(output, ignored))
            return fail(ErrorKind::Output, "{} exists already; give another name with -o, or --overwrite.",
                        output.string());
    return {};
}

} // namespace

Result<Photo> read_input(Job& job) {
    const auto start = Clock::now();
    C2C_TRY(Photo photo, read_photo(job.input, {.max_pixels = job.flags().max_pixels}));
    job.seconds["read"] = since(start);
    if (photo.has_content_credentials) {
        job.bar.clear();
        fmt::print(stderr, "Note: {} carries content credentials (C2PA); they do not survive an edit.\n",
                   job.input.string());
    }
    C2C_CHECK(plan_outputs(job, output_suffix(photo)));
    return photo;
}

PortraitSettings portrait_settings(const Job& job, const SceneFace* face) {
    const AgeFlags& flags = job.flags();
    PortraitSettings settings;
    settings.source_age = flags.source_age.value_or(face ? face->age : 30);
    settings.gender = flags.gender ? (*flags.gender == "female" ? Gender::Female : Gender::Male)
                      : face       ? face->gender
                                   : Gender::Male;
    settings.seed = flags.seed;
    settings.crossfade = flags.aligned ? 0 : flags.crossfade;
    settings.prompt = flags.prompt;
    settings.noise = job.plan.noise;
    return settings;
}

Result<void> write_result(const Job& job, const Photo& photo, const fs::path& file, const ModelInfo& model) {
    const AgeFlags& flags = job.flags();
    WriteOptions options;
    options.overwrite = flags.overwrite ? Overwrite::Yes : Overwrite::No;
    options.jpeg_quality = flags.quality;
    options.keep_metadata = !flags.strip_metadata;
    options.keep_gps = !flags.strip_gps && !flags.strip_metadata;
    options.provenance = provenance(model, flags.seed);
    if (job.stop.stop_requested())
        return cancelled();
    return write_photo(photo, file, options);
}

ResultLine start_line(Job& job, double age) {
    ResultLine line;
    line.source = job.input;
    line.age = age;
    line.seed = job.flags().seed;
    line.draft = job.flags().draft;
    line.seconds = job.seconds;
    if (const auto model = job.studio.model())
        line.model = *model;
    return line;
}

void finish(Job& job, const ResultLine& line) {
    job.bar.clear();
    print(line, job.flags().json, job.flags().profile);
    ++job.outcome.written;
    job.seconds.clear(); // what was done once a photo is told with its first result
}

} // namespace c2c::cli
