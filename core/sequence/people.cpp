#include "core/sequence/people.h"

#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/sha256.h"
#include "core/face/align.h"
#include "core/face/embedder.h"
#include "core/image/color.h"
#include "core/sequence/people_cache.h"
#include "core/sequence/pipeline.h"

#include <algorithm>
#include <cmath>
#include <fstream>

namespace fs = std::filesystem;

namespace c2c {
namespace {

/// Names, sizes and times of the source's files: reading a plate's gigabytes only to notice that nothing has
/// changed would cost more than the tracking.
std::string source_key(const FrameSource& source) {
    std::string key = "tracks 3\n";
    for (const fs::path& file : source.files) {
        std::error_code ignored;
        key += fmt::format("{} {} {}\n", file.filename().string(), fs::file_size(file, ignored),
                           fs::last_write_time(file, ignored).time_since_epoch().count());
    }
    return sha256(std::as_bytes(std::span(key)));
}

double area(const Person& person) {
    double sum = 0;
    for (const auto& frame : person.frames)
        if (frame)
            sum += frame->face.box.width * frame->face.box.height;
    return sum;
}

template <class T> T median(std::vector<T> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// A face of a frame, and whose it is.
struct SeenFace {
    SceneFace face;
    std::vector<float> identity;
};
using Seen = std::vector<std::vector<SeenFace>>; // by frame

/// Every frame's faces with their estimates; reading overlaps finding.
Result<Seen> all_faces(const FrameSource& source, const RunOptions& options, Studio& studio,
                       const PlateSpace* space, const Progress& progress, const StopToken& stop) {
    FrameReader reader(source, options.limits, options.movie.threads);
    C2C_TRY(FaceEmbedder judge,
            FaceEmbedder::judge(options.face_models.empty() ? models_dir() / "face" : options.face_models));
    Seen found(source.numbers.size());
    C2C_CHECK(run_pipeline(
        source.numbers.size(), [&](std::size_t i) { return reader.read(i); },
        [&](std::size_t i, VideoFrame frame) -> Result<int> {
            C2C_TRY(const auto scene,
                    studio.scene(space ? space->to_srgb(frame.photo) : std::move(frame.photo), stop));
            if (!scene->faces.empty()) {
                C2C_TRY(const ColorTransform color, ColorTransform::create(*scene->photo));
                const Image srgb = color.to_srgb(scene->photo->color);
                for (const SceneFace& face : scene->faces) {
                    C2C_TRY(auto identity, judge.embed(arcface_chip(srgb, face.face.five)));
                    found[i].push_back({face, std::move(identity)});
                }
            }
            report(progress, static_cast<double>(i + 1) / static_cast<double>(found.size()), "finding faces");
            return 0;
        },
        [](std::size_t, int) -> Result<int> { return 0; },
        [](std::size_t, int) -> Result<void> { return {}; }, {.queued = 1, .encoders = 1}, stop));
    return found;
}

/// Frames without the face, once it has appeared.
std::vector<TrackGap> gaps_of(const Person& person, std::size_t number) {
    std::vector<TrackGap> gaps;
    bool seen = false;
    for (std::size_t i = 0; i < person.frames.size(); ++i) {
        if (person.frames[i])
            seen = true;
        else if (seen && person.frames[i - 1])
            gaps.push_back({number, i, i});
        else if (seen)
            gaps.back().last = i;
    }
    return gaps;
}

/// A track and what was seen of its face.
struct Candidate {
    Person person;
    std::vector<const SeenFace*> seen; ///< in order of frames
    double left = 0;                   ///< where it appears first
};

Candidate candidate_of(FaceTrack track, const Seen& found) {
    Candidate candidate;
    candidate.person.frames = std::move(track.frames);
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& tracked = candidate.person.frames[i];
        if (!tracked || !tracked->found)
            continue;
        if (candidate.seen.empty())
            candidate.left = tracked->face.box.x + tracked->face.box.width / 2;
        candidate.seen.push_back(&found[i][tracked->number]);
    }
    return candidate;
}

/// The mean of unit vectors, made one again.
std::vector<float> mean_identity(const std::vector<const SeenFace*>& faces) {
    std::vector<float> mean(faces.front()->identity.size());
    double square = 0;
    for (std::size_t d = 0; d < mean.size(); ++d) {
        double sum = 0;
        for (const SeenFace* face : faces)
            sum += face->identity[d];
        mean[d] = static_cast<float>(sum);
        square += sum * sum;
    }
    for (float& v : mean)
        v /= static_cast<float>(std::sqrt(std::max(square, 1e-12)));
    return mean;
}

/// The same person, back at another place: never two faces of one frame.
bool one_person(const Candidate& a, const Candidate& b) {
    for (std::size_t i = 0; i < a.person.frames.size(); ++i)
        if (a.person.frames[i] && b.person.frames[i])
            return false;
    return same_person(mean_identity(a.seen), mean_identity(b.seen));
}

/// Tracks come by size, not by time.
void join(Candidate& into, Candidate&& other) {
    const auto begins = [](const Candidate& one) {
        return std::find_if(one.person.frames.begin(), one.person.frames.end(),
                            [](const auto& frame) { return frame.has_value(); }) -
               one.person.frames.begin();
    };
    if (begins(other) < begins(into))
        into.left = other.left;
    for (std::size_t i = 0; i < into.person.frames.size(); ++i)
        if (other.person.frames[i])
            into.person.frames[i] = std::move(other.person.frames[i]);
    into.seen.insert(into.seen.end(), other.seen.begin(), other.seen.end());
}

Person person_of(Candidate candidate) {
    std::vector<double> ages;
    std::size_t female = 0;
    for (const SeenFace* seen : candidate.seen) {
        ages.push_back(seen->face.age);
        female += seen->face.gender == Gender::Female;
    }
    candidate.person.age = median(ages);
    candidate.person.gender = 2 * female > ages.size() ? Gender::Female : Gender::Male;
    return std::move(candidate.person);
}

People people_of(const Seen& found) {
    std::vector<std::vector<Face>> faces;
    for (const auto& frame : found) {
        faces.emplace_back();
        for (const SeenFace& seen : frame)
            faces.back().push_back(seen.face.face);
    }
    TrackOptions options;
    options.may_be_same = [&](FaceAt earlier, FaceAt later) {
        return !strangers(found[earlier.frame][earlier.face].identity,
                          found[later.frame][later.face].identity);
    };
    std::vector<Candidate> candidates;
    for (FaceTrack& track : track_faces(faces, options).tracks) {
        Candidate candidate = candidate_of(std::move(track), found);
        const auto before = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& other) {
            return one_person(other, candidate);
        });
        if (before == candidates.end())
            candidates.push_back(std::move(candidate));
        else
            join(*before, std::move(candidate));
    }
    // A face of one or two frames in a long plate is a mistake of the detector.
    if (found.size() >= 10)
        std::erase_if(candidates, [](const Candidate& candidate) { return candidate.seen.size() < 3; });
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.left < b.left; });

    People people;
    for (Candidate& candidate : candidates) {
        for (const TrackGap& gap : gaps_of(candidate.person, people.persons.size()))
            people.gaps.push_back(gap);
        people.persons.push_back(person_of(std::move(candidate)));
    }
    for (std::size_t i = 1; i < people.persons.size(); ++i)
        if (area(people.persons[i]) > area(people.persons[people.largest]))
            people.largest = i;
    return people;
}

} // namespace

// Measured on tests/data/photos (tests/sequence/people.test.cpp): one person rolled by 20 degrees, in a third
// of the light, a third of the size or under a grain of 20 of 255 has .81 and more with the photo, .65 where
// the face is then 30 pixels wide, and .49 where it is small, dark, rolled and noisy at once. Of the 55 pairs
// of two people the nearest have .39, and 47 less than .25.
bool same_person(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && cosine(a, b) > 0.45;
}

bool strangers(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && cosine(a, b) < 0.25;
}

Result<People> find_people(const FrameSource& source, const fs::path& cache, const RunOptions& options,
                           Studio& studio, const PlateSpace* space, const Progress& progress,
                           const StopToken& stop) {
    const std::string key = source_key(source);
    {
        std::ifstream stream(cache, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
        if (auto people = people_from(text, key, source.numbers.size()))
            return *std::move(people);
    }
    C2C_TRY(const auto found, all_faces(source, options, studio, space, progress, stop));
    const std::string text = people_text(people_of(found), key);
    const auto kept = write_atomically(cache, Overwrite::Yes, [&](const fs::path& file) -> Result<void> {
        std::ofstream stream(file, std::ios::binary);
        stream << text;
        stream.close();
        return stream ? Result<void>() : fail(ErrorKind::Output, "{} cannot be written.", cache.string());
    });
    if (!kept)
        log_warning("The tracks were not kept: {}", kept.error().text);
    // Read back even when fresh, so that the first run and the next see the same numbers.
    auto people = people_from(text, key, source.numbers.size());
    if (!people)
        return fail(ErrorKind::Internal, "The tracks of the faces could not be read back; please report it.");
    return *std::move(people);
}

} // namespace c2c
