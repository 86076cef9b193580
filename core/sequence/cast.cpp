#include "core/sequence/cast.h"

#include <algorithm>
#include <set>

namespace fs = std::filesystem;

namespace c2c {
namespace {

SubjectSettings subject_settings(const RunOptions& options, double age, Gender gender) {
    SubjectSettings settings;
    settings.portrait.source_age = options.source_age.value_or(age);
    settings.portrait.gender = options.gender.value_or(gender);
    settings.portrait.seed = options.seed; // one noise for all frames, laid in the face's own frame
    settings.portrait.crossfade = options.crossfade;
    settings.grey_background = options.grey_background;
    return settings;
}

struct Role {
    std::size_t curve = 0;
    std::size_t place = 0; ///< of the face, from the left
};

/// Which face follows which curve.
Result<std::vector<Role>> roles(const SequencePlan& plan, const std::vector<FaceCurve>& curves,
                                std::size_t count, std::size_t largest) {
    const std::string source = plan.source.files.front().string();
    if (count == 0)
        return fail(ErrorKind::NoFace,
                    "No face was found in {}; try one where it is larger or turned to the camera.", source);
    std::vector<Role> all;
    std::set<std::size_t> taken;
    for (std::size_t c = 0; c < curves.size(); ++c) {
        const int face = curves[c].face;
        if (face > static_cast<int>(count))
            return fail(ErrorKind::NoFace, "{} has {} face(s), so there is no face {}.", source, count, face);
        if (face == FaceCurve::every_other)
            continue;
        all.push_back({c, face == 0 ? largest : static_cast<std::size_t>(face - 1)});
        if (!taken.insert(all.back().place).second)
            return fail(ErrorKind::Usage, "Two curves are for face {} of {}; give each face one.",
                        all.back().place + 1, source);
    }
    for (std::size_t c = 0; c < curves.size(); ++c)
        for (std::size_t place = 0; place < count && curves[c].face == FaceCurve::every_other; ++place)
            if (!taken.contains(place))
                all.push_back({c, place});
    std::sort(all.begin(), all.end(), [](const Role& a, const Role& b) { return a.place < b.place; });
    return all;
}

std::string told(const TrackGap& gap, const std::string& who, const std::vector<std::int64_t>& numbers) {
    if (gap.last + 1 < numbers.size())
        return fmt::format("{} is lost at frame {} and back at {}; the frames between are left as they are.",
                           who, numbers[gap.first], numbers[gap.last + 1]);
    return fmt::format("{} is lost at frame {}; the frames from there are left as they are.", who,
                       numbers[gap.first]);
}

Result<Cast> cast_of_plate(const SequencePlan& plan, const std::vector<FaceCurve>& curves,
                           const RunOptions& options, const PlateSpace* space, Studio& studio,
                           const Progress& progress, const StopToken& stop) {
    Cast cast;
    const fs::path folder = plan.manifest.parent_path();
    C2C_TRY(cast.people, find_people(plan.source, folder / (plan.source.stem + ".tracks.json"), options,
                                     studio, space, progress, stop));
    const auto& persons = cast.people.persons;
    C2C_TRY(const auto chosen, roles(plan, curves, persons.size(), cast.people.largest));
    for (const auto& [c, who] : chosen) {
        const int number = static_cast<int>(who) + 1;
        cast.actors.push_back({number, c, subject_settings(options, persons[who].age, persons[who].gender),
                               nullptr, &persons[who].frames});
        const std::string name = persons.size() > 1 ? fmt::format("Face {}", number) : "The face";
        for (const TrackGap& gap : cast.people.gaps)
            if (gap.track == who)
                cast.notes.push_back(told(gap, name, plan.source.numbers));
    }
    return cast;
}

Result<Cast> cast_of_photo(const SequencePlan& plan, const std::vector<FaceCurve>& curves,
                           const RunOptions& options, const PlateSpace* space, Studio& studio,
                           const StopToken& stop) {
    Cast cast;
    C2C_TRY(Photo photo, read_photo(plan.source.files.front(), options.limits));
    if (space) {
        cast.own = std::make_shared<const Photo>(std::move(photo));
        photo = space->to_srgb(*cast.own);
    }
    C2C_TRY(const auto scene, studio.scene(std::move(photo), stop));
    cast.photo = scene->photo;
    const auto order = left_to_right(scene->faces);
    const auto largest = static_cast<std::size_t>(std::find(order.begin(), order.end(), 0) - order.begin());
    C2C_TRY(const auto chosen, roles(plan, curves, order.size(), largest));
    for (const auto& [c, place] : chosen) {
        const SceneFace& face = scene->faces[order[place]];
        Actor actor{static_cast<int>(place) + 1, c, subject_settings(options, face.age, face.gender), nullptr,
                    nullptr};
        C2C_TRY(actor.subject, studio.subject(scene, order[place], actor.settings, stop));
        cast.actors.push_back(std::move(actor));
    }
    return cast;
}

} // namespace

Result<Cast> choose_cast(const SequencePlan& plan, const std::vector<FaceCurve>& curves,
                         const RunOptions& options, const PlateSpace* space, Studio& studio,
                         const Progress& progress, const StopToken& stop) {
    if (plan.source.kind == FrameSource::Kind::Photo)
        return cast_of_photo(plan, curves, options, space, studio, stop);
    return cast_of_plate(plan, curves, options, space, studio, progress, stop);
}

} // namespace c2c
