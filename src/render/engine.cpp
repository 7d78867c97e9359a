#include "render/engine.hpp"

#include "util/edit_distance.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>
#include <kainjow/mustache.hpp>
#include <sstream>
#include <utility>

namespace kiln::render {
namespace {

namespace mustache = kainjow::mustache;

constexpr std::size_t k_largest_result = std::size_t{64} * 1024 * 1024;
/// What a look-up counts as, so that endless work ends too.
constexpr std::size_t k_look_up_cost = 64;
constexpr std::size_t k_most_names = 1000;
constexpr std::size_t k_deepest_name = 8;
constexpr std::size_t k_most_shown = 8;
/// A name of more parts has no keys with dots.
constexpr std::size_t k_most_parts = 32;

mustache::data data_of(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value.data)) {
        return mustache::data(*text);
    }
    if (const auto* list = std::get_if<Value::List>(&value.data)) {
        mustache::list items;
        for (const Value& item : *list) {
            items.push_back(data_of(item));
        }
        return mustache::data(items);
    }
    mustache::object object;
    for (const auto& [key, item] : std::get<Value::Map>(value.data)) {
        object.emplace(key, data_of(item));
    }
    return mustache::data(object);
}

const Value::Map& map_of(const Value& value) {
    static const Value::Map none;
    const auto* map = std::get_if<Value::Map>(&value.data);
    return map == nullptr ? none : *map;
}

/// The names of what is below a value, as templates write them: in the section of a list its items
/// are named without it.
void add_names(const Value& value,
               const std::string& prefix,
               std::size_t depth,
               std::vector<std::string>& names) {
    if (names.size() >= k_most_names || depth == k_deepest_name) {
        return;
    }
    for (const auto& [key, item] : map_of(value)) {
        names.push_back(prefix + key);
        add_names(item, prefix + key + ".", depth + 1, names);
    }
    if (const auto* list = std::get_if<Value::List>(&value.data)) {
        for (const Value& item : *list) {
            add_names(item, "", depth + 1, names);
        }
    }
}

std::string known_names(const Value& values) {
    std::vector<std::string> names;
    for (const auto& [key, item] : map_of(values)) {
        names.push_back(names.size() == k_most_shown ? "..." : key);
        if (names.size() > k_most_shown) {
            break;
        }
    }
    return names.empty() ? "there are no values" : "known are: " + util::join(names, ", ");
}

const mustache::data* item_of(const mustache::data& data, const std::string& key) {
    if (!data.is_list()) {
        return data.get(key);
    }
    const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
    if (key.empty() || key.size() > 6 || !std::all_of(key.begin(), key.end(), is_digit)) {
        return nullptr;
    }
    const std::size_t index = std::stoul(key);
    return index < data.list_value().size() ? &data.list_value()[index] : nullptr;
}

using Keys = std::vector<std::string>;

/// What the keys from first on lead to; dotted: a key may be several of them with dots between.
const mustache::data*
follow(const mustache::data& data, const Keys& path, std::size_t first, bool dotted) {
    if (first == path.size()) {
        return &data;
    }
    std::string key;
    const std::size_t last = dotted && path.size() <= k_most_parts ? path.size() : first + 1;
    for (std::size_t end = first + 1; end <= last; ++end) {
        key += (key.empty() ? "" : ".") + path[end - 1];
        if (const mustache::data* item = item_of(data, key)) {
            if (const mustache::data* found = follow(*item, path, end, dotted)) {
                return found;
            }
        }
    }
    return nullptr;
}

/// What kainjow asks for values, by the numbers of tokens.
class Scopes : public mustache::basic_context<std::string> {
public:
    Scopes(const Tokens& tokens, const Source& source, const Value& values)
        : tokens_(tokens),
          source_(source),
          values_(values),
          root_(data_of(values)),
          scopes_{&root_} {
        texts_.reserve(tokens.size());
        for (const Token& token : tokens) {
            texts_.emplace_back(token.kind == TokenKind::text ? token.text : "");
        }
    }

    void push(const mustache::data* data) override { scopes_.push_back(data); }

    void pop() override { scopes_.pop_back(); }

    [[nodiscard]] const mustache::data* get(const std::string& number) const override {
        const std::size_t index = std::stoul(number);
        const Token& token = tokens_[index];
        const mustache::data* data = token.kind == TokenKind::text ? &texts_[index] : find(token);
        if (token.kind == TokenKind::variable) {
            require_text(token, data);
        } else if (token.kind != TokenKind::text && data != nullptr && is_false(*data)) {
            data = nullptr;
        }
        count(token, data);
        return data;
    }

    [[nodiscard]] const mustache::data* get_partial(const std::string& /*name*/) const override {
        return nullptr;
    }

private:
    static bool is_false(const mustache::data& data) {
        return data.is_string() && (data.string_value().empty() || data.string_value() == "false");
    }

    [[nodiscard]] const mustache::data* find(const Token& token) const {
        if (token.path.empty()) {
            return scopes_.back();
        }
        for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
            if (const mustache::data* found = follow(**scope, token.path, 0, token.dotted)) {
                return found;
            }
        }
        return nullptr;
    }

    void require_text(const Token& token, const mustache::data* data) const {
        if (data == nullptr) {
            source_.fail(token.offset, "unknown variable '" + token.text + "'", hint_for(token));
        }
        if (!data->is_string()) {
            source_.fail(token.offset,
                         "'" + token.text + "' is a " + (data->is_list() ? "list" : "map") +
                             ", not a text",
                         "name a text in it");
        }
    }

    [[nodiscard]] std::string hint_for(const Token& token) const {
        std::vector<std::string> names;
        add_names(values_, "", 0, names);
        return util::did_you_mean(token.text, names, known_names(values_));
    }

    /// Refuses results beyond all measure.
    void count(const Token& token, const mustache::data* data) const {
        const bool is_output = token.kind == TokenKind::text || token.kind == TokenKind::variable;
        cost_ += k_look_up_cost + (is_output ? data->string_value().size() : 0);
        if (cost_ > k_largest_result) {
            source_.fail(token.offset, "the template becomes too large", "look for nested lists");
        }
    }

    const Tokens& tokens_;
    const Source& source_;
    const Value& values_;
    mustache::data root_;
    std::vector<const mustache::data*> scopes_;
    std::vector<mustache::data> texts_;
    mutable std::size_t cost_ = 0;
};

/// A template for kainjow whose tags are the numbers of tokens. It has no text of its own: which
/// line ends belong to a tag is decided already.
std::string numbered(const Tokens& tokens) {
    std::string result;
    std::vector<std::string> open;
    for (std::size_t index = 0; index < tokens.size(); ++index) {
        std::string number = std::to_string(index);
        switch (tokens[index].kind) {
        case TokenKind::text:
        case TokenKind::variable:
            result += "{{&" + number + "}}";
            break;
        case TokenKind::section:
        case TokenKind::inverted:
            result += (tokens[index].kind == TokenKind::section ? "{{#" : "{{^") + number + "}}";
            open.push_back(std::move(number));
            break;
        case TokenKind::end:
            result += "{{/" + open.back() + "}}";
            open.pop_back();
            break;
        }
    }
    return result;
}

/// "Unclosed tag at 17" is an offset and what remains.
[[noreturn]] void fail_as(const std::string& message, const Source& source) {
    const std::size_t at = message.rfind(" at ");
    if (at == std::string::npos) {
        source.fail(0, message);
    }
    std::string what = util::replace_all(message.substr(0, at), "\"", "'");
    what.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(what.front())));
    source.fail(std::stoul(message.substr(at + 4)), what);
}

} // namespace

void check_mustache(const Source& source) {
    const mustache::mustache parsed(source.text);
    if (!parsed.is_valid()) {
        fail_as(parsed.error_message(), source);
    }
}

std::string put_together(const Tokens& tokens, const Source& source, const Value& values) {
    // kainjow drops a last line of nothing but blanks and sections; this one has a letter.
    mustache::mustache program(numbered(tokens) + ".");
    program.set_custom_escape([](const std::string& text) { return text; });
    Scopes scopes(tokens, source, values);
    std::ostringstream out;
    std::string result = program.render(scopes, out).str();
    result.pop_back();
    return result;
}

} // namespace kiln::render
