#include "element/hook_variable.hpp"

#include "util/error.hpp"

namespace kiln::element {

const std::string& hook_variable(const process::Environment& environment, const std::string& name) {
    const auto found = environment.find(name);
    if (found == environment.end() || found->second.empty()) {
        throw util::Error({.what = "the variable '" + name + "' is not set",
                           .hint = "this is meant to be called by a host hook of a build",
                           .code = util::ExitCode::hook});
    }
    return found->second;
}

} // namespace kiln::element
