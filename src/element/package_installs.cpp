#include "element/package_installs.hpp"

#include "config/yaml.hpp"
#include "element/install_type.hpp"
#include "util/edit_distance.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

namespace kiln::element {
namespace {

using config::YamlNode;

const std::vector<std::string>& known_keys() {
    static const std::vector<std::string> k_keys = {"phase",
                                                    "uninstall",
                                                    "build-only",
                                                    "installtype",
                                                    "arch",
                                                    "not-arch",
                                                    "dib_python_version",
                                                    "when"};
    return k_keys;
}

std::string lower_case(std::string text) {
    for (char& letter : text) {
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    }
    return text;
}

Phase parse_phase(const YamlNode& node) {
    const std::string text = node.text();
    const std::vector<std::string> known = {"pre-install.d", "install.d", "post-install.d"};
    if (std::find(known.begin(), known.end(), text) == known.end()) {
        node.fail("packages cannot be installed in phase '" + text + "'",
                  util::did_you_mean(text, known, "known are: " + util::join(known, ", ")));
    }
    return phase_by_name(text).value();
}

/// Reads one file: collects rules and warnings.
class Parser {
public:
    PackageInstalls parse(const YamlNode& document) {
        if (!document.is_null()) {
            for (const auto& [package, value] : document.entries()) {
                add_package(package, value);
            }
        }
        return std::move(result_);
    }

private:
    void add_package(const YamlNode& package, const YamlNode& value) {
        const std::string name = package.text();
        if (util::split_words(name) != std::vector<std::string>{name}) {
            package.fail("'" + name + "' is no name of a package");
        }
        if (value.is_list()) {
            for (const YamlNode& alternative : value.items()) {
                add_rule(package, alternative);
            }
        } else {
            add_rule(package, value);
        }
    }

    void add_rule(const YamlNode& package, const YamlNode& value) {
        PackageRule rule{.package = package.text(), .position = package.position()};
        const bool empty = value.is_null() || (value.is_scalar() && value.text().empty());
        if (!empty) {
            value.require_known_keys(known_keys());
            read_restrictions(value, rule);
            rule.action = read_action(value);
        }
        result_.rules.push_back(std::move(rule));
    }

    void read_restrictions(const YamlNode& value, PackageRule& rule) {
        for (const auto& [key, node] : value.entries()) {
            const std::string name = key.text();
            if (name == "phase") {
                rule.phase = parse_phase(node);
            } else if (name == "installtype") {
                rule.install_type = node.text();
            } else if (name == "dib_python_version") {
                rule.python_version = node.text();
            } else if (name == "arch") {
                rule.architectures = comma_list(node);
            } else if (name == "not-arch") {
                rule.excluded_architectures = comma_list(node);
            } else if (name == "when") {
                rule.conditions = read_conditions(node);
            }
        }
        if (!rule.architectures.empty() && !rule.excluded_architectures.empty()) {
            value.fail("'arch' and 'not-arch' exclude each other", "keep the one that is meant");
        }
    }

    PackageAction read_action(const YamlNode& value) {
        if (is_true(value, "build-only")) {
            return PackageAction::install_for_build;
        }
        return is_true(value, "uninstall") ? PackageAction::uninstall : PackageAction::install;
    }

    bool is_true(const YamlNode& value, const std::string& key) {
        const std::optional<YamlNode> node = value.find(key);
        if (!node) {
            return false;
        }
        const std::string text = node->is_scalar() ? lower_case(node->text()) : "";
        if (text == "true" || text == "yes" || text == "on" || text == "1") {
            return true;
        }
        if (text != "false" && text != "no" && text != "off" && text != "0") {
            node->fail("'" + key + "' takes true or false");
        }
        warn(*node, "'" + key + ": " + node->text() + "' is taken as false here");
        return false;
    }

    std::vector<std::string> comma_list(const YamlNode& node) {
        std::vector<std::string> names;
        bool blanks = false;
        for (const std::string& part : util::split(node.text(), ',')) {
            const std::string name(util::trim(part));
            blanks = blanks || name != part;
            if (name.empty()) {
                node.fail("an empty name in the list '" + node.text() + "'");
            }
            names.push_back(name);
        }
        if (blanks) {
            warn(node, "blanks in '" + node.text() + "' do not count here");
        }
        return names;
    }

    std::vector<PackageCondition> read_conditions(const YamlNode& node) {
        std::vector<PackageCondition> conditions;
        if (!node.is_list()) {
            return {read_condition(node)};
        }
        for (const YamlNode& item : node.items()) {
            conditions.push_back(read_condition(item));
        }
        return conditions;
    }

    PackageCondition read_condition(const YamlNode& node) {
        const std::string text = node.text();
        const auto is_word = [](unsigned char letter) {
            return std::isalnum(letter) != 0 || letter == '_';
        };
        std::string_view rest = util::trim(text);
        const auto end = std::find_if_not(rest.begin(), rest.end(), is_word);
        PackageCondition condition{.variable = std::string(rest.begin(), end),
                                   .position = node.position()};
        rest = util::trim(rest.substr(condition.variable.size()));
        condition.negated = rest.rfind("!=", 0) == 0;
        const std::size_t length = condition.negated ? 2 : 1;
        if (condition.variable.empty() ||
            rest.substr(0, length) != (condition.negated ? "!=" : "=")) {
            node.fail("'" + text + "' is no condition", "write: VARIABLE = value, or !=");
        }
        rest.remove_prefix(length);
        if (!rest.empty() && rest.front() == '=') {
            node.fail("'==' is no comparison here",
                      "write one '=': " + condition.variable + " = …");
        }
        condition.value = unquoted(node, util::trim(rest));
        return condition;
    }

    std::string unquoted(const YamlNode& node, std::string_view text) {
        const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                            (text.front() == '"' || text.front() == '\'');
        if (quoted) {
            warn(node, "the quotes around " + std::string(text) + " do not count here");
            text = text.substr(1, text.size() - 2);
        }
        return std::string(text);
    }

    void warn(const YamlNode& node, const std::string& text) {
        result_.warnings.push_back(node.position() + ": " + text +
                                   "; diskimage-builder does otherwise");
    }

    PackageInstalls result_{};
};

const std::string& variable(const process::Environment& environment,
                            const std::string& name,
                            const std::string& position) {
    const auto found = environment.find(name);
    if (found == environment.end()) {
        throw util::Error({.what = position + ": the variable '" + name + "' is not set",
                           .hint = "set it, in environment.d of an element or before the build",
                           .code = util::ExitCode::hook});
    }
    return found->second;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool fits_architecture(const PackageRule& rule, const process::Environment& environment) {
    if (rule.architectures.empty() && rule.excluded_architectures.empty()) {
        return true;
    }
    const std::string& here = variable(environment, "ARCH", rule.position);
    return (rule.architectures.empty() || has(rule.architectures, here)) &&
           !has(rule.excluded_architectures, here);
}

} // namespace

PackageInstalls parse_package_installs(const std::string& content, const std::string& name) {
    return Parser().parse(config::parse_yaml(content, name));
}

bool applies(const PackageRule& rule,
             const std::string& element,
             const process::Environment& environment) {
    if (!fits_architecture(rule, environment)) {
        return false;
    }
    if (!rule.install_type.empty() && rule.install_type != install_type_of(element, environment)) {
        return false;
    }
    if (!rule.python_version.empty() &&
        rule.python_version != variable(environment, "DIB_PYTHON_VERSION", rule.position)) {
        return false;
    }
    return std::all_of(rule.conditions.begin(), rule.conditions.end(), [&](const auto& condition) {
        const std::string& value = variable(environment, condition.variable, condition.position);
        return (value == condition.value) != condition.negated;
    });
}

} // namespace kiln::element
