#include "element/resolve_packages.hpp"

#include "element/element_file.hpp"
#include "element/package_installs.hpp"
#include "element/pkg_map.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace kiln::element {
namespace {

/// A wish with its condition met and its name translated.
struct Order {
    std::string package;
    std::string element;
    PackageAction action;
    Phase phase;
};

struct Orders {
    std::vector<Order> list{};
    std::vector<std::string> warnings{};
};

Distribution distribution_of(const process::Environment& environment, const Element& element) {
    const auto name = environment.find("DISTRO_NAME");
    if (name == environment.end() || name->second.empty()) {
        throw util::Error({.what = "the pkg-map of element '" + element.name +
                                   "' cannot be used: DISTRO_NAME is not set",
                           .hint = "the operating system element exports it in environment.d",
                           .code = util::ExitCode::hook});
    }
    const auto release = environment.find("DIB_RELEASE");
    return {.name = name->second, .release = release == environment.end() ? "" : release->second};
}

/// What a name is called in the distribution of an image.
class Translator {
public:
    Translator(const Element& element, const process::Environment& environment)
        : map_(load_pkg_map(element)) {
        if (map_) {
            distribution_ = distribution_of(environment, element);
        }
    }

    [[nodiscard]] std::vector<std::string> translate(const std::string& name) const {
        std::optional<std::vector<std::string>> names;
        if (map_) {
            names = map_->find(name, distribution_);
        }
        return names.value_or(std::vector<std::string>{name});
    }

private:
    std::optional<PkgMap> map_;
    Distribution distribution_{};
};

constexpr std::array<const char*, 2> k_files = {"package-installs.json", "package-installs.yaml"};

std::vector<PackageRule> load_rules(const Element& element, std::vector<std::string>& warnings) {
    std::vector<PackageRule> rules;
    for (const char* name : k_files) {
        const std::filesystem::path file = element.path / name;
        if (const auto content = read_element_file(file)) {
            PackageInstalls parsed = parse_package_installs(*content, file.string());
            std::move(parsed.rules.begin(), parsed.rules.end(), std::back_inserter(rules));
            std::move(parsed.warnings.begin(), parsed.warnings.end(), std::back_inserter(warnings));
        }
    }
    return rules;
}

void add_orders(const Element& element, const process::Environment& environment, Orders& orders) {
    std::vector<PackageRule> rules = load_rules(element, orders.warnings);
    rules.erase(std::remove_if(rules.begin(),
                               rules.end(),
                               [&](const PackageRule& rule) {
                                   return !applies(rule, element.name, environment);
                               }),
                rules.end());
    if (rules.empty()) {
        return;
    }
    const Translator translator(element, environment);
    for (const PackageRule& rule : rules) {
        for (std::string& package : translator.translate(rule.package)) {
            orders.list.push_back({.package = std::move(package),
                                   .element = element.name,
                                   .action = rule.action,
                                   .phase = rule.phase});
        }
    }
}

/// Package to the elements that install it for good.
using Keepers = std::map<std::string, std::set<std::string>>;

Keepers keepers_of(const std::vector<Order>& orders) {
    Keepers keepers;
    for (const Order& order : orders) {
        if (order.action == PackageAction::install) {
            keepers[order.package].insert(order.element);
        }
    }
    return keepers;
}

/// An element other than that of the order which wants the package to stay; empty: there is none.
std::string other_keeper(const Keepers& keepers, const Order& order) {
    const auto found = keepers.find(order.package);
    if (found == keepers.end()) {
        return "";
    }
    for (const std::string& element : found->second) {
        if (element != order.element) {
            return element;
        }
    }
    return "";
}

struct Sets {
    std::set<std::string> install{};
    std::set<std::string> uninstall{};
};

} // namespace

ResolvedPackages resolve_packages(const std::vector<Element>& elements,
                                  const process::Environment& environment) {
    Orders orders;
    for (const Element& element : elements) {
        add_orders(element, environment, orders);
    }
    const Keepers keepers = keepers_of(orders.list);
    std::map<Phase, Sets> phases;
    for (const Order& order : orders.list) {
        if (order.action != PackageAction::uninstall) {
            phases[order.phase].install.insert(order.package);
        }
        if (order.action == PackageAction::install) {
            continue;
        }
        const std::string keeper = other_keeper(keepers, order);
        if (keeper.empty()) {
            phases[order.phase].uninstall.insert(order.package);
        } else {
            orders.warnings.push_back("package '" + order.package +
                                      "' is not removed for element '" + order.element +
                                      "': element '" + keeper + "' installs it");
        }
    }
    ResolvedPackages result{.warnings = std::move(orders.warnings)};
    for (const auto& [phase, sets] : phases) {
        result.phases[phase] = {.install = {sets.install.begin(), sets.install.end()},
                                .uninstall = {sets.uninstall.begin(), sets.uninstall.end()}};
    }
    return result;
}

std::vector<std::string> hidden_package_files(const std::vector<Element>& elements,
                                              const std::string& elements_path) {
    std::vector<std::string> warnings;
    for (const Element& element : elements) {
        bool chosen = false;
        for (const std::string& folder : util::split(elements_path, ':')) {
            const std::filesystem::path other = std::filesystem::path(folder) / element.name;
            std::error_code error;
            if (std::filesystem::equivalent(other, element.path, error)) {
                chosen = true;
                continue;
            }
            for (const char* name : k_files) {
                if (chosen && std::filesystem::exists(other / name, error)) {
                    warnings.push_back("'" + (other / name).string() + "' is not used: '" +
                                       element.path.string() +
                                       "' comes first; diskimage-builder merges the two");
                }
            }
        }
    }
    return warnings;
}

void check_package_files(const std::vector<Element>& elements) {
    std::vector<std::string> ignored;
    for (const Element& element : elements) {
        load_rules(element, ignored);
        load_pkg_map(element);
    }
}

} // namespace kiln::element
