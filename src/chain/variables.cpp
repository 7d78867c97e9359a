#include "chain/variables.hpp"

#include "util/edit_distance.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace kiln::chain {
namespace {

bool is_variable_name(const std::string& text) {
    const auto is_word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
           std::all_of(text.begin(), text.end(), is_word);
}

} // namespace

std::string Variables::value_of(const std::string& word, const config::YamlNode& node) const {
    const std::size_t separator = word.find(":-");
    const std::string name = word.substr(0, separator);
    if (!is_variable_name(name)) {
        node.fail("'${" + word + "}' names no variable",
                  "write ${NAME}, or ${NAME:-DEFAULT}; a plain '$' is '$$'");
    }
    const auto found = environment_.find(name);
    const bool has_default = separator != std::string::npos;
    if (found != environment_.end() && !(has_default && found->second.empty())) {
        return found->second;
    }
    if (has_default) {
        return word.substr(separator + 2);
    }
    fail_unset(name, node);
}

void Variables::require(const std::string& name, const config::YamlNode& node) const {
    if (!name.empty() && environment_.count(name) == 0) {
        fail_unset(name, node);
    }
}

void Variables::fail_unset(const std::string& name, const config::YamlNode& node) const {
    std::vector<std::string> names;
    std::transform(environment_.begin(),
                   environment_.end(),
                   std::back_inserter(names),
                   [](const auto& entry) { return entry.first; });
    node.fail("the variable '" + name + "' is not set",
              util::did_you_mean(name, names, "set it: " + name + "=... kiln run ..."));
}

std::string Variables::expand(const config::YamlNode& node) const {
    const std::string text = node.value_text();
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        if (text.compare(at, 2, "$$") == 0) {
            result += '$';
            at += 2;
        } else if (text.compare(at, 2, "${") == 0) {
            const std::size_t end = text.find('}', at);
            if (end == std::string::npos) {
                node.fail("'${' without its '}'", "a plain '$' is written '$$'");
            }
            const std::string inner = text.substr(at + 2, end - at - 2);
            if (inner.find("${") != std::string::npos) {
                node.fail("a variable within '${" + inner.substr(0, inner.find("${")) + "'",
                          "a default is a plain text");
            }
            result += value_of(inner, node);
            at = end + 1;
        } else {
            result += text[at++];
        }
    }
    return result;
}

} // namespace kiln::chain
