#include "element/expand.hpp"

#include "element/phase.hpp"
#include "element/selection.hpp"
#include "util/error.hpp"

#include <algorithm>
#include <set>

namespace kiln::element {
namespace {

std::vector<std::string> requested_names(const Request& request) {
    if (request.elements.empty()) {
        throw util::Error({.what = "at least one element must be given",
                           .hint = "for example: kiln build debian-minimal vm",
                           .code = util::ExitCode::usage});
    }
    std::vector<std::string> names;
    std::set<std::string> seen;
    if (request.with_base) {
        names.emplace_back("base");
        seen.insert("base");
    }
    for (const std::string& name : request.elements) {
        if (seen.insert(name).second) {
            names.push_back(name);
        }
    }
    return names;
}

std::string implied_block_device(const Catalog& catalog, const std::string& architecture) {
    const bool arm = architecture == "arm64" || architecture == "aarch64";
    return arm && catalog.find("block-device-efi") ? "block-device-efi" : "block-device-gpt";
}

void add_block_device(const Catalog& catalog,
                      const Request& request,
                      std::vector<std::string>& names) {
    const Selection selection(catalog, names);
    const bool chosen = selection.has_prefix("block-device-") || selection.has("block-device");
    const std::string name = implied_block_device(catalog, request.architecture);
    if (selection.has("vm") && !chosen && catalog.find(name)) {
        names.push_back(name);
    }
}

bool need_first_boot(const std::vector<Element>& elements) {
    const std::string folder = hook_directory(Phase::first_boot);
    return std::any_of(elements.begin(), elements.end(), [&](const Element& element) {
        std::error_code error;
        return std::filesystem::is_directory(element.path / folder, error);
    });
}

} // namespace

std::vector<Element> expand(const Catalog& catalog, const Request& request) {
    std::vector<std::string> names = requested_names(request);
    add_block_device(catalog, request, names);
    const Selection selection(catalog, names);
    std::vector<Element> elements = selection.elements();
    if (request.operating_system == OperatingSystem::required) {
        selection.require_operating_system(elements);
    }
    if (!need_first_boot(elements) || selection.has("first-boot") || !catalog.find("first-boot")) {
        return elements;
    }
    names.emplace_back("first-boot");
    return Selection(catalog, names).elements();
}

} // namespace kiln::element
