#include "config/yaml.hpp"

#include "util/edit_distance.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <yaml-cpp/yaml.h>

#include <set>

namespace kiln::config {
namespace {

struct Source {
    std::string name;
    std::vector<std::string> lines;
};

[[noreturn]] void
fail_at(const Source& source, const YAML::Mark& mark, const std::string& what, std::string hint) {
    const bool known = !mark.is_null();
    const auto line = static_cast<std::size_t>(known ? mark.line : 0);
    const std::string place = known ? ":" + std::to_string(mark.line + 1) + ":" +
                                          std::to_string(mark.column + 1)
                                    : "";
    std::vector<std::string> excerpt;
    if (known && line < source.lines.size()) {
        excerpt = {source.lines[line],
                   std::string(static_cast<std::size_t>(mark.column), ' ') + "^"};
    }
    throw util::Error({.what = source.name + place + ": " + what,
                       .hint = std::move(hint),
                       .code = util::ExitCode::usage,
                       .excerpt = std::move(excerpt)});
}

} // namespace

struct YamlNode::Data {
    std::shared_ptr<const Source> source;
    YAML::Node node;

    [[nodiscard]] YamlNode child(const YAML::Node& other) const {
        return YamlNode(std::make_shared<const Data>(Data{source, other}));
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
        pairs.emplace_back(key, data_->child(entry.second));
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

void YamlNode::fail(const std::string& what, const std::string& hint) const {
    fail_at(*data_->source, data_->node.Mark(), what, hint);
}

std::string YamlNode::position() const {
    const YAML::Mark mark = data_->node.Mark();
    return data_->source->name + ":" + std::to_string(mark.line + 1) + ":" +
           std::to_string(mark.column + 1);
}

YamlNode parse_yaml(const std::string& content, const std::string& name) {
    const auto source = std::make_shared<const Source>(
        Source{.name = name, .lines = util::split(content, '\n')});
    try {
        return YamlNode(
            std::make_shared<const YamlNode::Data>(YamlNode::Data{source, YAML::Load(content)}));
    } catch (const YAML::Exception& error) {
        fail_at(*source, error.mark, error.msg, "this is no valid YAML; see the line shown");
    }
}

YamlNode load_yaml(const std::string& path) {
    return parse_yaml(util::read_file(path), path);
}

} // namespace kiln::config
