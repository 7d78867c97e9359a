#include "build/lint_layouts.hpp"

#include "config/yaml.hpp"
#include "disk/layout.hpp"
#include "util/error.hpp"

namespace kiln::build {
namespace {

namespace fs = std::filesystem;

bool is_layout(const fs::path& file) {
    return file.extension() == ".yaml" && file.filename().string().rfind("block-device-", 0) == 0;
}

} // namespace

std::vector<element::Finding> lint_layouts(const element::Element& element) {
    std::vector<element::Finding> findings;
    for (const fs::directory_entry& entry : fs::directory_iterator(element.path)) {
        if (!is_layout(entry.path())) {
            continue;
        }
        try {
            disk::parse_layout(config::load_yaml(entry.path()), {});
        } catch (const util::Error& error) {
            const std::string what = error.what();
            const bool unknown = what.find("unknown key") != std::string::npos;
            findings.push_back(
                element::finding_of(error, unknown ? "unknown-key" : "disk-layout", entry.path()));
        }
    }
    element::settle(findings);
    return findings;
}

} // namespace kiln::build
