#include "core/sequence/people.h"

#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/sha256.h"
#include "core/face/align.h"
#include "core/face/embedder.h"
#include "core/image/color.h"
#include "core/sequence/pipeline.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace fs = std::filesystem;
using nlohmann::json;

namespace c2c {
namespace {

std::string sha256_text(const std::string& text) {
    return sha256(std::as_bytes(std::span(text)));
}

/// Names, sizes and times of the source's files: reading a plate's gigabytes only to notice that nothing has
/// changed would cost more than the tracking.
std::string source_key(const FrameSource& source) {
    std::string key = "tracks 2\n";
    for (const fs::path& file : source.files) {
        std::error_code ignored;
        key += fmt::format("{} {} {}\n", file.filename().string(), fs::file_size(file, ignored),
                           fs::last_write_time(file, ignored).time_since_epoch().count());
    }
    return sha256_text(key);
}

json to_json(const Face& face) {
    json numbers = {face.box.x, face.box.y, face.box.width, face.box.height, face.score};
    for (const Point& p : face.five)
        numbers.insert(numbers.end(), {p.x, p.y});
    for (const Point& p : face.landmarks)
        numbers.insert(numbers.end(), {p.x, p.y});
    return numbers;
}

Face face_from(const json& numbers) {
    std::size_t at = 0;
    const auto next = [&] { return numbers.at(at++).get<double>(); };
    Face face;
    face.box.x = next();
    face.box.y = next();
    face.box.width = next();
    face.box.height = next();
    face.score = next();
    for (Point& p : face.five) {
        p.x = next();
        p.y = next();
    }
    for (Point& p : face.landmarks) {
        p.x = next();
        p.y = next();
    }
    return face;
}

std::string to_text(const People& people, const std::string& key) {
    json persons = json::array();
    for (const Person& person : people.persons) {
        json frames = json::array();
        for (const auto& frame : person.frames)
            frames.push_back(frame ? json{frame->weight, frame->found, to_json(frame->face)} : json(nullptr));
        persons.push_back(
            {{"age", person.age}, {"female", person.gender == Gender::Female}, {"frames", frames}});
    }
    json gaps = json::array();
    for (const TrackGap& gap : people.gaps)
        gaps.push_back({gap.track, gap.first, gap.last});
    return json{{"source", key}, {"largest", people.largest}, {"gaps", gaps}, {"persons", persons}}.dump() +
           "\n";
}

std::optional<People> from_text(const std::string& text, const std::string& key, std::size_t frames) {
    try {
        const json document = json::parse(text);
        if (document.at("source") != key)
            return std::nullopt;
        People people;
        people.largest = document.at("largest").get<std::size_t>();
        for (const json& gap : document.at("gaps"))
            people.gaps.push_back(
                {gap.at(0).get<std::size_t>(), gap.at(1).get<std::size_t>(), gap.at(2).get<std::size_t>()});
        for (const json& one : document.at("persons")) {
            Person person;
            person.age = one.at("age").get<double>();
            person.gender = one.at("female").get<bool>() ? Gender::Female : Gender::Male;
            for (const json& frame : one.at("frames"))
                person.frames.push_back(frame.is_null()
                                            ? std::optional<TrackedFace>()
                                            : TrackedFace{face_from(frame.at(2)), frame.at(0).get<double>(),
                                                          frame.at(1).get<bool>()});
            if (person.frames.size() != frames)
                return std::nullopt;
            people.persons.push_back(std::move(person));
        }
        people.fingerprint = sha256_text(text);
        return people;
    } catch (const json::exception&) {
        return std::nullopt;
    }
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
                C2C_TRY(const ColorTransform color, ColorTransform::create(scene->photo));
                const Image srgb = color.to_srgb(scene->photo.color);
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

/// The mean of unit vectors, made one again.
std::vector<float> mean_identity(const std::vector<const std::vector<float>*>& vectors) {
    std::vector<float> mean(vectors.front()->size());
    double square = 0;
    for (std::size_t d = 0; d < mean.size(); ++d) {
        double sum = 0;
        for (const auto* vector : vectors)
            sum += (*vector)[d];
        mean[d] = static_cast<float>(sum);
        square += sum * sum;
    }
    for (float& v : mean)
        v /= static_cast<float>(std::sqrt(std::max(square, 1e-12)));
    return mean;
}

People people_of(const Seen& found) {
    std::vector<std::vector<Face>> faces;
    for (const auto& frame : found) {
        faces.emplace_back();
        for (const SeenFace& seen : frame)
            faces.back().push_back(seen.face.face);
    }
    Tracking tracking = track_faces(faces);

    struct Candidate {
        Person person;
        std::size_t seen = 0, first = 0;
        double left = 0;
        std::vector<double> ages;
        std::size_t female = 0;
        std::vector<const std::vector<float>*> identities;
    };
    std::vector<Candidate> candidates;
    for (std::size_t t = 0; t < tracking.tracks.size(); ++t) {
        Candidate candidate;
        candidate.person.frames = std::move(tracking.tracks[t].frames);
        for (std::size_t i = 0; i < found.size(); ++i) {
            const auto& tracked = candidate.person.frames[i];
            if (!tracked || !tracked->found)
                continue;
            if (candidate.seen++ == 0) {
                candidate.first = i;
                candidate.left = tracked->face.box.x + tracked->face.box.width / 2;
            }
            // Smoothing moves a box by little: the nearest face is the one it came from.
            const auto nearest =
                std::min_element(found[i].begin(), found[i].end(), [&](const auto& a, const auto& b) {
                    const auto far = [&](const SeenFace& f) {
                        return std::abs(f.face.face.box.x - tracked->face.box.x) +
                               std::abs(f.face.face.box.y - tracked->face.box.y);
                    };
                    return far(a) < far(b);
                });
            candidate.ages.push_back(nearest->face.age);
            candidate.female += nearest->face.gender == Gender::Female;
            candidate.identities.push_back(&nearest->identity);
        }
        if (candidate.ages.empty())
            continue;
        // The same person, back at another place: never two faces of one frame.
        const auto before = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& other) {
            for (std::size_t i = 0; i < found.size(); ++i)
                if (other.person.frames[i] && candidate.person.frames[i])
                    return false;
            return same_person(mean_identity(other.identities), mean_identity(candidate.identities));
        });
        if (before == candidates.end()) {
            candidates.push_back(std::move(candidate));
            continue;
        }
        for (std::size_t i = 0; i < found.size(); ++i)
            if (candidate.person.frames[i])
                before->person.frames[i] = std::move(candidate.person.frames[i]);
        if (candidate.first < before->first) {
            before->first = candidate.first;
            before->left = candidate.left;
        }
        before->seen += candidate.seen;
        before->female += candidate.female;
        before->ages.insert(before->ages.end(), candidate.ages.begin(), candidate.ages.end());
        before->identities.insert(before->identities.end(), candidate.identities.begin(),
                                  candidate.identities.end());
    }
    for (Candidate& candidate : candidates) {
        candidate.person.age = median(candidate.ages);
        candidate.person.gender = 2 * candidate.female > candidate.seen ? Gender::Female : Gender::Male;
    }
    // A face of one or two frames in a long plate is a mistake of the detector.
    if (found.size() >= 10)
        std::erase_if(candidates, [](const Candidate& candidate) { return candidate.seen < 3; });
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.left < b.left; });

    People people;
    for (Candidate& candidate : candidates) {
        for (const TrackGap& gap : gaps_of(candidate.person, people.persons.size()))
            people.gaps.push_back(gap);
        people.persons.push_back(std::move(candidate.person));
    }
    for (std::size_t i = 1; i < people.persons.size(); ++i)
        if (area(people.persons[i]) > area(people.persons[people.largest]))
            people.largest = i;
    return people;
}

} // namespace

bool same_person(const std::vector<float>& a, const std::vector<float>& b) {
    // Between the faces of one person in one shot it is .6 and more, between strangers below .3.
    return !a.empty() && a.size() == b.size() && cosine(a, b) > 0.45;
}

Result<People> find_people(const FrameSource& source, const fs::path& cache, const RunOptions& options,
                           Studio& studio, const PlateSpace* space, const Progress& progress,
                           const StopToken& stop) {
    const std::string key = source_key(source);
    {
        std::ifstream stream(cache, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
        if (auto people = from_text(text, key, source.numbers.size()))
            return *std::move(people);
    }
    C2C_TRY(const auto found, all_faces(source, options, studio, space, progress, stop));
    const std::string text = to_text(people_of(found), key);
    const auto kept = write_atomically(cache, Overwrite::Yes, [&](const fs::path& file) -> Result<void> {
        std::ofstream stream(file, std::ios::binary);
        stream << text;
        stream.close();
        return stream ? Result<void>() : fail(ErrorKind::Output, "{} cannot be written.", cache.string());
    });
    if (!kept)
        log_warning("The tracks were not kept: {}", kept.error().text);
    // Read back even when fresh, so that the first run and the next see the same numbers.
    auto people = from_text(text, key, source.numbers.size());
    if (!people)
        return fail(ErrorKind::Internal, "The tracks of the faces could not be read back; please report it.");
    return *std::move(people);
}

} // namespace c2c
