#include "config/yaml.hpp"

#include "config/yaml_slips.hpp"
#include "util/edit_distance.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstddef>
#include <set>

namespace kiln::config {

struct YamlNode::Source {
    std::string name;
    std::vector<std::string> lines;
};

namespace {

using Source = YamlNode::Source;

constexpr std::size_t k_largest_document = std::size_t{1024} * 1024;
constexpr std::size_t k_most_nodes = 200'000;
constexpr std::size_t k_deepest_nesting = 64;

std::string position_of(const Source& source, const YAML::Mark& mark) {
    if (mark.is_null()) {
        return source.name;
    }
    return source.name + ":" + std::to_string(mark.line + 1) + ":" +
           std::to_string(mark.column + 1);
}

[[noreturn]] void
fail_at(const Source& source, const YAML::Mark& mark, const std::string& what, std::string hint) {
    const bool known = !mark.is_null();
    const auto line = static_cast<std::size_t>(known ? mark.line : 0);
    std::vector<std::string> excerpt;
    if (known && line < source.lines.size()) {
        excerpt = {source.lines[line],
                   std::string(static_cast<std::size_t>(mark.column), ' ') + "^"};
    }
    throw util::Error({.what = position_of(source, mark) + ": " + what,
                       .hint = std::move(hint),
                       .code = util::ExitCode::usage,
                       .excerpt = std::move(excerpt)});
}

[[noreturn]] void fail_to_parse(const Source& source, const YAML::Exception& error) {
    const auto line = static_cast<std::size_t>(error.mark.is_null() ? 0 : error.mark.line);
    const std::optional<Slip> slip = slip_before(source.lines, line);
    if (!slip) {
        fail_at(source, error.mark, error.msg, "this is no valid YAML; see the line shown");
    }
    YAML::Mark mark;
    mark.line = static_cast<int>(slip->line);
    mark.column = static_cast<int>(slip->column);
    fail_at(source,
            mark,
            slip->what,
            slip->meant.empty() ? "this is no valid YAML; see the line shown"
                                : "did you mean '" + slip->meant + "'?");
}

/// Aliases let a short document stand for an endless one; this walks it as a reader would.
class SizeCheck {
public:
    explicit SizeCheck(const Source& source) : source_(source) {}

    void visit(const YAML::Node& node, std::size_t depth) {
        if (++count_ > k_most_nodes) {
            fail_at(source_, node.Mark(), "the document stands for too many values", k_hint);
        }
        if (depth > k_deepest_nesting) {
            fail_at(source_, node.Mark(), "the document is nested too deeply", k_hint);
        }
        if (node.IsSequence()) {
            for (const YAML::Node& item : node) {
                visit(item, depth + 1);
            }
        } else if (node.IsMap()) {
            for (const auto& entry : node) {
                visit(entry.first, depth + 1);
                visit(entry.second, depth + 1);
            }
        }
    }

private:
    static constexpr const char* k_hint = "look for aliases (*name) that contain one another";

    const Source& source_;
    std::size_t count_ = 0;
};

} // namespace

struct YamlNode::Data {
    std::shared_ptr<const Source> source;
    YAML::Node node;
    /// Of the value of a map, and where it stands: an empty value has no place of its own.
    std::string key{};
    YAML::Mark key_mark{};

    [[nodiscard]] YamlNode child(const YAML::Node& other) const {
        return YamlNode(std::make_shared<const Data>(Data{source, other}));
    }

    [[nodiscard]] YamlNode value(const YAML::Node& other, const YAML::Node& name) const {
        return YamlNode(
            std::make_shared<const Data>(Data{source, other, name.Scalar(), name.Mark()}));
    }

    /// Throws for a text that misses the blank after its ':'.
    void fail_for_slip(const std::string& text, YAML::Mark mark) const {
        if (const std::optional<Slip> slip = slip_in(text, 0)) {
            mark.column += static_cast<int>(slip->column);
            fail_at(*source, mark, slip->what, "did you mean '" + slip->meant + "'?");
        }
    }
};

bool YamlNode::is_null() const {
    return data_->node.IsNull();
}

bool YamlNode::is_scalar() const {
    return data_->node.IsScalar();
}

bool YamlNode::is_list() const {
    return data_->node.IsSequence();
}

bool YamlNode::is_map() const {
    return data_->node.IsMap();
}

std::string YamlNode::text() const {
    if (!is_scalar()) {
        fail("a plain value is expected here");
    }
    return data_->node.Scalar();
}

std::vector<YamlNode> YamlNode::items() const {
    if (!is_list()) {
        fail("a list is expected here");
    }
    std::vector<YamlNode> nodes;
    for (const YAML::Node& item : data_->node) {
        nodes.push_back(data_->child(item));
    }
    return nodes;
}

std::vector<std::pair<YamlNode, YamlNode>> YamlNode::entries() const {
    if (is_scalar()) {
        data_->fail_for_slip(data_->node.Scalar(), data_->node.Mark());
    }
    if (!is_map()) {
        fail("a mapping (key: value) is expected here");
    }
    std::vector<std::pair<YamlNode, YamlNode>> pairs;
    std::set<std::string> seen;
    for (const auto& entry : data_->node) {
        const YamlNode key = data_->child(entry.first);
        if (!seen.insert(key.text()).second) {
            key.fail("the key '" + key.text() + "' stands twice in one mapping");
        }
        pairs.emplace_back(key, data_->value(entry.second, entry.first));
    }
    return pairs;
}

std::optional<YamlNode> YamlNode::find(const std::string& key) const {
    for (auto& [name, value] : entries()) {
        if (name.text() == key) {
            return value;
        }
    }
    return std::nullopt;
}

void YamlNode::require_known_keys(const std::vector<std::string>& known) const {
    for (const auto& [key, value] : entries()) {
        const std::string name = key.text();
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            key.fail("unknown key '" + name + "'",
                     util::did_you_mean(name, known, "known are: " + util::join(known, ", ")));
        }
    }
}

std::string YamlNode::value_text() const {
    if (!is_null() || data_->key.empty()) {
        return text();
    }
    data_->fail_for_slip(data_->key, data_->key_mark);
    fail_at(*data_->source,
            data_->key_mark,
            "'" + data_->key + "' has no value",
            "write '" + data_->key + ": VALUE'; \"\" for an empty one");
}

void YamlNode::fail(const std::string& what, const std::string& hint) const {
    fail_at(*data_->source, data_->node.Mark(), what, hint);
}

std::string YamlNode::position() const {
    return position_of(*data_->source, data_->node.Mark());
}

YamlNode parse_yaml(const std::string& content, const std::string& name) {
    if (content.size() > k_largest_document) {
        throw util::Error({.what = name + ": larger than " + util::human_bytes(k_largest_document),
                           .hint = "split it, or look whether this is the right file",
                           .code = util::ExitCode::usage});
    }
    const auto source =
        std::make_shared<const Source>(Source{.name = name, .lines = util::split(content, '\n')});
    try {
        const YAML::Node node = YAML::Load(content);
        SizeCheck(*source).visit(node, 0);
        return YamlNode(std::make_shared<const YamlNode::Data>(YamlNode::Data{source, node}));
    } catch (const YAML::Exception& error) {
        fail_to_parse(*source, error);
    }
}

YamlNode load_yaml(const std::string& path) {
    return parse_yaml(util::read_file(path), path);
}

} // namespace kiln::config
