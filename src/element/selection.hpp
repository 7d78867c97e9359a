#pragma once

#include "element/catalog.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace kiln::element {

/// A name that something asked for.
struct Wish {
    std::string name;
    /// "file:line" of the element-deps; empty for the request itself.
    std::string origin;
};

/// The elements that a list of names brings in, with who provides which name. One use: made,
/// then asked. See expand() for the rules and the errors.
class Selection {
public:
    Selection(const Catalog& catalog, const std::vector<std::string>& requested);

    /// Whether an element of that name was met, or one that provides the name.
    [[nodiscard]] bool has(const std::string& name) const;

    /// Whether an element was met whose name begins so.
    [[nodiscard]] bool has_prefix(const std::string& prefix) const;

    /// The elements in order; throws Error (code hook).
    [[nodiscard]] std::vector<Element> elements() const;

    /// Throws Error (code hook) when none of the elements provides operating-system.
    void require_operating_system(const std::vector<Element>& chosen) const;

private:
    struct Member {
        Element element;
        std::vector<Wish> depends;
        std::vector<std::string> provides;
    };

    struct Walk {
        std::set<std::string> seen;
        std::vector<Element> order;
    };

    void discover();
    void add_member(const Element& element);
    void visit(const Wish& wish, Walk& walk) const;
    void require_one_provider(const std::vector<Element>& chosen) const;
    [[noreturn]] void fail_unknown(const Wish& wish) const;
    [[nodiscard]] std::string hint_for_unknown(const Wish& wish) const;

    const Catalog& catalog_;
    std::vector<std::string> requested_;
    std::map<std::string, Member> members_;
    /// Virtual name to the element that stands for it.
    std::map<std::string, std::string> provider_;
};

} // namespace kiln::element
