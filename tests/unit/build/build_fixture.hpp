#pragma once

#include "build/context.hpp"
#include "unit/util/test_files.hpp"

#include <string>

namespace kiln::tests {

/// A context with elements in a folder of the test.
class BuildTest : public ::testing::Test {
protected:
    /// A file of an element; the element joins the list when it is new.
    void element_file(const std::string& element,
                      const std::string& file,
                      const std::string& content,
                      unsigned mode = 0755) {
        files.write("elements/" + element + "/" + file, content, mode);
        for (const element::Element& known : context.elements) {
            if (known.name == element) {
                return;
            }
        }
        context.elements.push_back({.name = element, .path = files / ("elements/" + element)});
    }

    TestFiles files{};
    build::BuildContext context = {.options = {.output = "/out/web", .architecture = "amd64"},
                                   .installation = {.binary = "/usr/bin/kiln"}};
};

} // namespace kiln::tests
