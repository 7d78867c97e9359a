#include "element/environment.hpp"

#include "config/yaml.hpp"
#include "util/text.hpp"

namespace kiln::element {
namespace {

/// A YAML scalar; quoted where it is more than letters, digits and what paths usually have.
std::string yaml_scalar(const std::string& text) {
    const bool plain = text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789/._-+@=~") == std::string::npos;
    return plain ? text : "'" + util::replace_all(text, "'", "''") + "'";
}

std::string names_of(const std::vector<Element>& elements) {
    std::vector<std::string> names;
    names.reserve(elements.size());
    for (const Element& element : elements) {
        names.push_back(element.name);
    }
    return util::join(names, " ");
}

std::string yaml_of(const std::vector<Element>& elements) {
    std::string text;
    for (const Element& element : elements) {
        text += element.name + ": " + yaml_scalar(element.path.string()) + "\n";
    }
    return text;
}

/// The body of an exported bash function, as bash itself puts it into the environment.
std::string function_of(const std::vector<Element>& elements) {
    std::string pairs;
    for (const Element& element : elements) {
        pairs += "[" + element.name + "]=" + util::shell_quote(element.path.string()) + " ";
    }
    return "() {  echo '" + util::replace_all(pairs, "'", "'\\''") + "';\n}";
}

} // namespace

process::Environment element_environment(const std::vector<Element>& elements) {
    return {{"IMAGE_ELEMENT", names_of(elements)},
            {"IMAGE_ELEMENT_YAML", yaml_of(elements)},
            {"BASH_FUNC_get_image_element_array%%", function_of(elements)}};
}

std::vector<Element> parse_element_yaml(const std::string& text) {
    const config::YamlNode document = config::parse_yaml(text, "IMAGE_ELEMENT_YAML");
    std::vector<Element> elements;
    for (const auto& [name, path] : document.entries()) {
        // What messages name shall be the element itself, not a build's link to it.
        std::error_code error;
        const std::filesystem::path real = std::filesystem::canonical(path.text(), error);
        elements.push_back({.name = name.text(), .path = error ? path.text() : real.string()});
    }
    return elements;
}

} // namespace kiln::element
