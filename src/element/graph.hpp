#pragma once

#include "element/catalog.hpp"
#include "element/expand.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace kiln::element {

/// Names in element-deps or element-provides, as they stand there.
std::vector<std::string> dependencies_of(const Element& element);
std::vector<std::string> provides_of(const Element& element);

/// The elements of an image and how they belong together, as a value.
struct ElementGraph {
    struct Node {
        std::string name;
        /// Whether it was asked for by name.
        bool requested = false;
        std::vector<std::string> provides{};
        /// How many hooks it has in each phase ("install", 2); phases without one are left out.
        std::vector<std::pair<std::string, std::size_t>> hooks{};
    };

    /// from needs to. Where to only stands for what from asks for, virtual_name is that.
    struct Edge {
        std::string from;
        std::string to;
        std::string virtual_name{};
    };

    /// In the order of the expansion.
    std::vector<Node> nodes{};
    std::vector<Edge> edges{};
};

/// The graph of what a request expands to; an operating system is not asked for. Throws Error as
/// expand() does.
ElementGraph make_graph(const Catalog& catalog, Request request);

/// The graph in the language of Graphviz; the same graph gives the same text.
std::string to_dot(const ElementGraph& graph);

} // namespace kiln::element
