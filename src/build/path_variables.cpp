#include "build/path_variables.hpp"

#include "element/input_files.hpp"
#include "element/unkeyed_variables.hpp"

#include <filesystem>
#include <system_error>

namespace kiln::build {

std::map<std::string, std::string> files_named_by(const process::Environment& environment) {
    std::map<std::string, std::string> digests;
    for (const auto& [name, value] : environment) {
        std::error_code ignored;
        if (!value.empty() && value.front() == '/' && !element::is_unkeyed(name) &&
            std::filesystem::is_regular_file(value, ignored)) {
            digests[name] = element::digest_of_inputs({value});
        }
    }
    return digests;
}

} // namespace kiln::build
