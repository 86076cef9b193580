#include "core/weights/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <stdexcept>

namespace c2c {
namespace {

using Kind = PickleValue::Kind;

/// Leaves the reader from any depth; read_pickle turns it into its error.
struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Reader {
  public:
    Reader(std::span<const std::byte> bytes, std::span<const std::string_view> allowed)
        : rest_(bytes), allowed_(allowed) {}

    Pickle run() {
        while (step(take<std::uint8_t>())) {
        }
        pickle_.root = pop();
        return std::move(pickle_);
    }

  private:
    /// One opcode; false after STOP.
    bool step(std::uint8_t opcode) {
        switch (opcode) {
        case 0x80: // PROTO
            take<std::uint8_t>();
            break;
        case 0x95: // FRAME: only a hint for reading ahead
            take<std::uint64_t>();
            break;
        case '.': // STOP
            return false;
        case '(': // MARK
            marks_.push_back(stack_.size());
            break;
        case '0': // POP
            pop();
            break;
        case 'N':
            push(Kind::None);
            break;
        case 0x88: // NEWTRUE
            push(Kind::Bool).number = 1;
            break;
        case 0x89: // NEWFALSE
            push(Kind::Bool);
            break;
        case 'J': // BININT
            push(Kind::Int).number = take<std::int32_t>();
            break;
        case 'K': // BININT1
            push(Kind::Int).number = take<std::uint8_t>();
            break;
        case 'M': // BININT2
            push(Kind::Int).number = take<std::uint16_t>();
            break;
        case 0x8a: // LONG1
            push(Kind::Int).number = long_number(take<std::uint8_t>());
            break;
        case 'G': // BINFLOAT, the only big-endian one
            push(Kind::Float).real = std::bit_cast<double>(__builtin_bswap64(take<std::uint64_t>()));
            break;
        case 'X': // BINUNICODE
        case 'T': // BINSTRING
        case 'B': // BINBYTES
            push(Kind::Text).text = text(take<std::uint32_t>());
            break;
        case 0x8c: // SHORT_BINUNICODE
        case 'U':  // SHORT_BINSTRING
        case 'C':  // SHORT_BINBYTES
            push(Kind::Text).text = text(take<std::uint8_t>());
            break;
        case 0x8d: // BINUNICODE8
            push(Kind::Text).text = text(take<std::uint64_t>());
            break;
        case ')': // EMPTY_TUPLE
            push(Kind::Tuple);
            break;
        case 0x85: // TUPLE1
        case 0x86: // TUPLE2
        case 0x87: // TUPLE3
            push_items(Kind::Tuple, last(opcode - 0x84u));
            break;
        case 't': // TUPLE
            push_items(Kind::Tuple, since_mark());
            break;
        case ']': // EMPTY_LIST
            push(Kind::List);
            break;
        case 'l': // LIST
            push_items(Kind::List, since_mark());
            break;
        case 'a': // APPEND
            extend(Kind::List, last(1));
            break;
        case 'e': // APPENDS
            extend(Kind::List, since_mark());
            break;
        case '}': // EMPTY_DICT
            push(Kind::Dict);
            break;
        case 'd': // DICT
            push_items(Kind::Dict, since_mark());
            break;
        case 's': // SETITEM
            extend(Kind::Dict, last(2));
            break;
        case 'u': // SETITEMS
            extend(Kind::Dict, since_mark());
            break;
        case 'q': // BINPUT
            memo_[take<std::uint8_t>()] = top();
            break;
        case 'r': // LONG_BINPUT
            memo_[take<std::uint32_t>()] = top();
            break;
        case 0x94: // MEMOIZE
            memo_[memo_.size()] = top();
            break;
        case 'h': // BINGET
            recall(take<std::uint8_t>());
            break;
        case 'j': // LONG_BINGET
            recall(take<std::uint32_t>());
            break;
        case 'c': { // GLOBAL
            const std::string module = line();
            global(module + "." + line());
            break;
        }
        case 0x93: { // STACK_GLOBAL
            const auto names = last(2);
            global(names[0]->text + "." + names[1]->text);
            break;
        }
        case 'Q': // BINPERSID
            push_items(Kind::Persistent, last(1));
            break;
        case 'R': // REDUCE
            reduce();
            break;
        case 'b': // BUILD: attributes; a state dict's are the versions of its modules, which nobody needs
            pop();
            if (top()->kind != Kind::Dict)
                throw Refused("it sets attributes of something that is not a dict");
            break;
        default:
            throw Refused(fmt::format("the pickle opcode 0x{:02x} is not allowed", opcode));
        }
        return true;
    }

    template <class T> T take() {
        T value;
        if (rest_.size() < sizeof value)
            throw Refused("it ends too early");
        std::memcpy(&value, rest_.data(), sizeof value);
        rest_ = rest_.subspan(sizeof value);
        return value;
    }

    std::string text(std::uint64_t size) {
        if (rest_.size() < size)
            throw Refused("it ends too early");
        const std::string result(reinterpret_cast<const char*>(rest_.data()), size);
        rest_ = rest_.subspan(size);
        return result;
    }

    std::string line() {
        const auto end = std::find(rest_.begin(), rest_.end(), std::byte{'\n'});
        if (end == rest_.end())
            throw Refused("it ends too early");
        std::string result = text(static_cast<std::uint64_t>(end - rest_.begin()));
        rest_ = rest_.subspan(1);
        return result;
    }

    std::int64_t long_number(std::size_t size) {
        const std::string bytes = text(size);
        if (size > 8)
            throw Refused("it has a number of more than 64 bits");
        std::uint64_t value = !bytes.empty() && (bytes.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
        std::memcpy(&value, bytes.data(), size);
        return static_cast<std::int64_t>(value);
    }

    PickleValue& push(Kind kind) {
        PickleValue& value = pickle_.values.emplace_back();
        value.kind = kind;
        stack_.push_back(&value);
        return value;
    }

    void push_items(Kind kind, std::vector<PickleValue*> items) {
        PickleValue& value = push(kind);
        value.items.assign(items.begin(), items.end());
        check_pairs(value);
    }

    /// Values that a MARK protects cannot be popped one by one.
    PickleValue* top() const {
        if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
            throw Refused("it takes from an empty stack");
        return stack_.back();
    }

    PickleValue* pop() {
        PickleValue* value = top();
        stack_.pop_back();
        return value;
    }

    std::vector<PickleValue*> last(std::size_t count) {
        std::vector<PickleValue*> values(count);
        for (std::size_t i = count; i-- > 0;)
            values[i] = pop();
        return values;
    }

    std::vector<PickleValue*> since_mark() {
        if (marks_.empty())
            throw Refused("it lacks a mark");
        const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
        marks_.pop_back();
        std::vector<PickleValue*> values(begin, stack_.end());
        stack_.erase(begin, stack_.end());
        return values;
    }

    void extend(Kind kind, const std::vector<PickleValue*>& items) {
        PickleValue* value = top();
        if (value->kind != kind)
            throw Refused("it adds items to something that is not a list or dict");
        value->items.insert(value->items.end(), items.begin(), items.end());
        check_pairs(*value);
    }

    static void check_pairs(const PickleValue& value) {
        if (value.kind == Kind::Dict && value.items.size() % 2 != 0)
            throw Refused("it has a key without a value");
    }

    void recall(std::size_t index) {
        const auto found = memo_.find(index);
        if (found == memo_.end())
            throw Refused("it recalls what it never stored");
        stack_.push_back(found->second);
    }

    void global(const std::string& name) {
        if (std::find(allowed_.begin(), allowed_.end(), name) == allowed_.end())
            throw Refused(name + " is not allowed");
        push(Kind::Global).text = name;
    }

    void reduce() {
        const auto parts = last(2);
        const PickleValue &callee = *parts[0], &arguments = *parts[1];
        if (callee.kind != Kind::Global || arguments.kind != Kind::Tuple)
            throw Refused("it calls something that is not a function");
        if (callee.text == "collections.OrderedDict" && arguments.items.empty()) {
            push(Kind::Dict);
            return;
        }
        PickleValue& call = push(Kind::Call);
        call.text = callee.text;
        call.items = arguments.items;
    }

    std::span<const std::byte> rest_;
    std::span<const std::string_view> allowed_;
    Pickle pickle_;
    std::vector<PickleValue*> stack_;
    std::vector<std::size_t> marks_; ///< sizes of the stack at each open MARK
    std::map<std::size_t, PickleValue*> memo_;
};

} // namespace

tl::expected<Pickle, std::string> read_pickle(std::span<const std::byte> bytes,
                                              std::span<const std::string_view> allowed_globals) {
    try {
        return Reader(bytes, allowed_globals).run();
    } catch (const std::exception& error) {
        return tl::unexpected(std::string(error.what()));
    }
}

} // namespace c2c
