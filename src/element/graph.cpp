#include "element/graph.hpp"

#include "element/element_file.hpp"
#include "element/hook_list.hpp"
#include "element/phase.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <map>

namespace kiln::element {
namespace {

std::vector<std::string> names_in(const std::filesystem::path& file) {
    std::vector<std::string> names;
    for (NameLine& line : parse_name_lines(read_element_file(file).value_or(""))) {
        names.push_back(std::move(line.name));
    }
    return names;
}

ElementGraph::Node make_node(const Element& element, const std::vector<std::string>& requested) {
    ElementGraph::Node node = {
        .name = element.name,
        .requested = std::find(requested.begin(), requested.end(), element.name) != requested.end(),
        .provides = provides_of(element)};
    for (const PhaseInfo& info : phases()) {
        const std::size_t count =
            list_hooks(element.path / hook_directory(info.phase)).hooks.size();
        if (count > 0) {
            node.hooks.emplace_back(info.name, count);
        }
    }
    return node;
}

void add_edges(const Element& element,
               const std::map<std::string, std::string>& providers,
               ElementGraph& graph) {
    for (const std::string& name : dependencies_of(element)) {
        const auto provider = providers.find(name);
        if (provider == providers.end()) {
            graph.edges.push_back({.from = element.name, .to = name});
        } else if (provider->second != element.name) {
            graph.edges.push_back(
                {.from = element.name, .to = provider->second, .virtual_name = name});
        }
    }
}

/// A string of the language; line breaks are made by the escape sequence alone.
std::string quoted(const std::string& text) {
    return "\"" + util::replace_all(util::replace_all(text, "\\", "\\\\"), "\"", "\\\"") + "\"";
}

std::string label_of(const ElementGraph::Node& node) {
    std::string label = quoted(node.name);
    label.pop_back();
    if (!node.provides.empty()) {
        const std::string names = quoted("provides " + util::join(node.provides, ", "));
        label += "\\n" + names.substr(1, names.size() - 2);
    }
    for (const auto& [phase, count] : node.hooks) {
        label += "\\n" + phase + ": " + std::to_string(count);
    }
    return label + "\"";
}

std::string line_of(const ElementGraph::Node& node) {
    return "    " + quoted(node.name) + " [label=" + label_of(node) +
           (node.requested ? ", style=\"filled,rounded\", fillcolor=\"#dbe9f6\"" : "") + "];\n";
}

std::string line_of(const ElementGraph::Edge& edge) {
    return "    " + quoted(edge.from) + " -> " + quoted(edge.to) +
           (edge.virtual_name.empty()
                ? ""
                : " [style=dashed, label=" + quoted(edge.virtual_name) + "]") +
           ";\n";
}

} // namespace

std::vector<std::string> dependencies_of(const Element& element) {
    return names_in(element.path / "element-deps");
}

std::vector<std::string> provides_of(const Element& element) {
    return names_in(element.path / "element-provides");
}

ElementGraph make_graph(const Catalog& catalog, Request request) {
    request.operating_system = OperatingSystem::optional;
    const std::vector<Element> elements = expand(catalog, request);
    std::map<std::string, std::string> providers;
    ElementGraph graph;
    for (const Element& element : elements) {
        graph.nodes.push_back(make_node(element, request.elements));
        for (const std::string& name : graph.nodes.back().provides) {
            providers.emplace(name, element.name);
        }
    }
    for (const Element& element : elements) {
        add_edges(element, providers, graph);
    }
    return graph;
}

std::string to_dot(const ElementGraph& graph) {
    std::string text =
        "digraph elements {\n"
        "    rankdir=LR;\n"
        "    node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n"
        "    edge [fontname=\"sans-serif\", fontsize=9];\n";
    for (const ElementGraph::Node& node : graph.nodes) {
        text += line_of(node);
    }
    for (const ElementGraph::Edge& edge : graph.edges) {
        text += line_of(edge);
    }
    return text + "}\n";
}

} // namespace kiln::element
