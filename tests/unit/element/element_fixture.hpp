#pragma once

#include "element/expand.hpp"
#include "unit/util/test_files.hpp"

#include <string>
#include <vector>

namespace kiln::tests {

/// Elements in a folder "elements" of their own.
class ElementTest : public ::testing::Test {
protected:
    /// An element with what it depends on and what it provides, names between blanks.
    void element(const std::string& name,
                 const std::string& depends = "",
                 const std::string& provides = "",
                 const std::string& directory = "elements") {
        files.directory(directory + "/" + name);
        write_names(directory + "/" + name + "/element-deps", depends);
        write_names(directory + "/" + name + "/element-provides", provides);
    }

    void operating_system() { element("os", "", "operating-system"); }

    [[nodiscard]] element::Catalog catalog() const {
        return element::Catalog({files.path() / "elements"});
    }

    /// Names in the order of the expansion.
    [[nodiscard]] std::vector<std::string> expand(const std::vector<std::string>& elements,
                                                  const std::string& architecture = "amd64") const {
        std::vector<std::string> names;
        for (const element::Element& found : element::expand(
                 catalog(),
                 {.elements = elements, .with_base = false, .architecture = architecture})) {
            names.push_back(found.name);
        }
        return names;
    }

    [[nodiscard]] util::ErrorInfo expand_error(const std::vector<std::string>& elements) const {
        return error_of([&] { static_cast<void>(expand(elements)); });
    }

    /// An element for functions that take elements rather than names.
    [[nodiscard]] element::Element at(const std::string& name) const {
        return {.name = name, .path = files.path() / "elements" / name};
    }

    TestFiles files{};

private:
    void write_names(const std::string& file, const std::string& names) {
        std::string content;
        for (const char letter : names) {
            content += letter == ' ' ? '\n' : letter;
        }
        if (!content.empty()) {
            files.write(file, content + "\n");
        }
    }
};

using Names = std::vector<std::string>;

} // namespace kiln::tests
