#include "element/selection.hpp"

#include "element/element_file.hpp"
#include "util/edit_distance.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <deque>

namespace kiln::element {
namespace {

constexpr const char* k_operating_system = "operating-system";

std::vector<Wish> read_dependencies(const Element& element) {
    const std::filesystem::path file = element.path / "element-deps";
    std::vector<Wish> wishes;
    for (const NameLine& line : parse_name_lines(read_element_file(file).value_or(""))) {
        wishes.push_back(
            {.name = line.name, .origin = file.string() + ":" + std::to_string(line.line)});
    }
    return wishes;
}

std::vector<std::string> read_provides(const Element& element) {
    std::vector<std::string> names;
    const auto content = read_element_file(element.path / "element-provides");
    for (const NameLine& line : parse_name_lines(content.value_or(""))) {
        // An element stands for its own name anyhow.
        if (line.name != element.name) {
            names.push_back(line.name);
        }
    }
    return names;
}

[[noreturn]] void
fail_provided(const std::string& name, const std::string& provider, const std::string& other) {
    throw util::Error({.what = "'" + name + "' is already provided by '" + provider + "'",
                       .hint = "take either '" + provider + "' or '" + other + "' out",
                       .code = util::ExitCode::hook});
}

} // namespace

Selection::Selection(const Catalog& catalog, const std::vector<std::string>& requested)
    : catalog_(catalog), requested_(requested) {
    discover();
}

/// Breadth first, so that what the request names can provide what dependencies ask for.
void Selection::discover() {
    std::deque<std::string> queue(requested_.begin(), requested_.end());
    std::set<std::string> queued(requested_.begin(), requested_.end());
    while (!queue.empty()) {
        const std::string name = queue.front();
        queue.pop_front();
        const std::optional<Element> element = catalog_.find(name);
        if (!element || provider_.count(name) != 0) {
            continue;
        }
        add_member(*element);
        for (const Wish& wish : members_.at(name).depends) {
            if (queued.insert(wish.name).second) {
                queue.push_back(wish.name);
            }
        }
    }
}

void Selection::add_member(const Element& element) {
    Member member{.element = element,
                  .depends = read_dependencies(element),
                  .provides = read_provides(element)};
    for (const std::string& name : member.provides) {
        provider_.emplace(name, element.name);
    }
    members_.emplace(element.name, std::move(member));
}

bool Selection::has(const std::string& name) const {
    return members_.count(name) != 0 || provider_.count(name) != 0;
}

bool Selection::has_prefix(const std::string& prefix) const {
    const auto next = members_.lower_bound(prefix);
    return next != members_.end() && next->first.rfind(prefix, 0) == 0;
}

std::vector<Element> Selection::elements() const {
    Walk walk;
    for (const std::string& name : requested_) {
        const auto provider = provider_.find(name);
        if (provider != provider_.end()) {
            fail_provided(name, provider->second, name);
        }
        visit({.name = name, .origin = ""}, walk);
    }
    if (provider_.count(k_operating_system) != 0) {
        visit({.name = k_operating_system, .origin = ""}, walk);
    }
    require_one_provider(walk.order);
    return walk.order;
}

/// Depth first; a name is marked before its dependencies are looked at, so circles end.
void Selection::visit(const Wish& wish, Walk& walk) const {
    const auto provider = provider_.find(wish.name);
    const std::string& name = provider == provider_.end() ? wish.name : provider->second;
    const auto member = members_.find(name);
    if (member == members_.end()) {
        fail_unknown(wish);
    }
    if (!walk.seen.insert(name).second) {
        return;
    }
    for (const Wish& dependency : member->second.depends) {
        visit(dependency, walk);
    }
    walk.order.push_back(member->second.element);
}

void Selection::require_one_provider(const std::vector<Element>& chosen) const {
    std::map<std::string, std::string> found;
    for (const std::string& name : requested_) {
        found.emplace(name, name);
    }
    for (const Element& element : chosen) {
        for (const std::string& name : members_.at(element.name).provides) {
            const auto [entry, fresh] = found.emplace(name, element.name);
            if (!fresh && entry->second != element.name) {
                fail_provided(name, entry->second, element.name);
            }
        }
    }
}

void Selection::require_operating_system(const std::vector<Element>& chosen) const {
    const auto provider = provider_.find(k_operating_system);
    const bool found = std::any_of(chosen.begin(), chosen.end(), [&](const Element& element) {
        return element.name == k_operating_system ||
               (provider != provider_.end() && provider->second == element.name);
    });
    if (found) {
        return;
    }
    const std::vector<std::string> known = catalog_.providers_of(k_operating_system);
    throw util::Error({.what = "there is no operating system element among those requested",
                       .hint = "please include an operating system element" +
                               (known.empty() ? "" : ", one of: " + util::join(known, ", ")),
                       .code = util::ExitCode::hook});
}

void Selection::fail_unknown(const Wish& wish) const {
    const std::string place = wish.origin.empty() ? "" : wish.origin + ": ";
    throw util::Error({.what = place + "element '" + wish.name + "' not found",
                       .hint = hint_for_unknown(wish),
                       .code = util::ExitCode::hook});
}

std::string Selection::hint_for_unknown(const Wish& wish) const {
    if (!wish.origin.empty() && wish.name.front() == '#') {
        return "comments are not supported in element-deps: take the line out";
    }
    if (wish.name.find('/') != std::string::npos) {
        return "give the name of an element, not a path; its folder belongs in ELEMENTS_PATH";
    }
    const std::vector<std::string> providers = catalog_.providers_of(wish.name);
    if (!providers.empty()) {
        return "add an element that provides it, one of: " + util::join(providers, ", ");
    }
    return util::did_you_mean(
        wish.name, catalog_.names(), "known are: " + util::join(catalog_.names(), ", "));
}

} // namespace kiln::element
