#pragma once

#include "chain/definition_reader.hpp"
#include "chain/problems.hpp"
#include "unit/util/test_files.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace kiln::tests {

/// A folder with a definition and what it names: "base.qcow2", "check.sh", "stack.j2".
class DefinitionFiles : public TestFiles {
public:
    DefinitionFiles() {
        write("base.qcow2", "an image");
        write("check.sh", "#!/bin/sh\n", 0755);
        write("plain.sh", "#!/bin/sh\n");
        write("stack.j2", "image: {{ result_img_id }}\n");
    }

    [[nodiscard]] chain::RunDefinition read_text(const std::string& text) const {
        return chain::read_definition(write("images.yaml", text), options);
    }

    /// The mistakes of a text; none when it has none.
    [[nodiscard]] std::vector<util::ErrorInfo> mistakes(const std::string& text) const {
        return mistakes_of(write("images.yaml", text));
    }

    [[nodiscard]] std::vector<util::ErrorInfo> mistakes_of(const std::string& path) const {
        try {
            (void)chain::read_definition(path, options);
        } catch (const chain::DefinitionError& error) {
            return error.problems();
        }
        return {};
    }

    chain::ReadOptions options = {.environment = {{"RELEASE", "trixie"}, {"EMPTY", ""}},
                                  .own_elements = KILN_SOURCE_DIR "/elements"};
};

inline const chain::ImageDefinition& image_of(const chain::RunDefinition& run,
                                              const std::string& name) {
    const auto found = std::find_if(run.images.begin(), run.images.end(), [&](const auto& image) {
        return image.name == name;
    });
    if (found == run.images.end()) {
        throw util::Error({.what = "there is no image '" + name + "'"});
    }
    return *found;
}

} // namespace kiln::tests
