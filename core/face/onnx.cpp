#include "core/face/onnx.h"

#include <opencv2/core.hpp>

#include <cstdint>
#include <cstring>

namespace c2c {
namespace {

// https://protobuf.dev/programming-guides/encoding/: a message is a row of (number << 3 | wire type, value).
enum Wire { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

struct Field {
    std::uint64_t number = 0;
    int wire = 0;
    std::uint64_t value = 0; ///< of a varint
    std::string_view body;   ///< of a length-delimited field
    std::string_view whole;  ///< tag and value as they stand
};

std::optional<std::uint64_t> take_varint(std::string_view& in) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    return {};
}

std::optional<Field> take_field(std::string_view& in) {
    const std::string_view start = in;
    const auto tag = take_varint(in);
    if (!tag)
        return {};
    Field field;
    field.number = *tag >> 3;
    field.wire = static_cast<int>(*tag & 7);
    std::uint64_t length = 0;
    if (field.wire == Varint || field.wire == Bytes) {
        const auto number = take_varint(in);
        if (!number)
            return {};
        (field.wire == Varint ? field.value : length) = *number;
    } else if (field.wire == Fixed32 || field.wire == Fixed64) {
        length = field.wire == Fixed32 ? 4 : 8;
    } else {
        return {};
    }
    if (length > in.size())
        return {};
    field.body = in.substr(0, length);
    in.remove_prefix(length);
    field.whole = start.substr(0, start.size() - in.size());
    return field;
}

void put_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
}

void put_bytes(std::string& out, std::uint64_t number, std::string_view body) {
    put_varint(out, number << 3 | Bytes);
    put_varint(out, body.size());
    out += body;
}

std::string widen(std::string_view halves) {
    std::string floats(halves.size() * 2, '\0');
    for (std::size_t i = 0; i + 1 < halves.size(); i += 2) {
        cv::float16_t half;
        std::memcpy(&half, halves.data() + i, 2);
        const float value = half;
        std::memcpy(floats.data() + 2 * i, &value, 4);
    }
    return floats;
}

/// TensorProto: data_type = 2 (1 float, 10 half), raw_data = 9.
std::optional<std::string> widen_tensor(std::string_view tensor) {
    bool half = false;
    for (std::string_view rest = tensor; !rest.empty();) {
        const auto field = take_field(rest);
        if (!field)
            return {};
        half |= field->number == 2 && field->wire == Varint && field->value == 10;
    }
    if (!half)
        return std::string(tensor);
    std::string out;
    for (std::string_view rest = tensor; !rest.empty();) {
        const auto field = take_field(rest);
        if (field->number == 2) {
            put_varint(out, 2 << 3 | Varint);
            put_varint(out, 1);
        } else if (field->number == 9 && field->wire == Bytes) {
            put_bytes(out, 9, widen(field->body));
        } else {
            out += field->whole;
        }
    }
    return out;
}

/// `message` with every sub-message `number` replaced by change(body).
template <class Change>
std::optional<std::string> rewrite(std::string_view message, std::uint64_t number, const Change& change) {
    std::string out;
    out.reserve(message.size());
    while (!message.empty()) {
        const auto field = take_field(message);
        if (!field)
            return {};
        if (field->number == number && field->wire == Bytes) {
            const auto changed = change(field->body);
            if (!changed)
                return {};
            put_bytes(out, number, *changed);
        } else {
            out += field->whole;
        }
    }
    return out;
}

} // namespace

std::optional<std::string> widen_halves(std::string_view model) {
    // ModelProto: graph = 7; GraphProto: initializer = 5.
    return rewrite(model, 7, [](std::string_view graph) { return rewrite(graph, 5, widen_tensor); });
}

} // namespace c2c
