#include "core/sequence/people_cache.h"

#include "core/base/sha256.h"

#include <nlohmann/json.hpp>

#include <span>

using nlohmann::json;

namespace c2c {
namespace {

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

} // namespace

std::string people_text(const People& people, const std::string& key) {
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

std::optional<People> people_from(const std::string& text, const std::string& key, std::size_t frames) {
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
        people.fingerprint = sha256(std::as_bytes(std::span(text)));
        return people;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

} // namespace c2c
