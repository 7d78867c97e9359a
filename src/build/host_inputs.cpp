#include "build/host_inputs.hpp"

#include "build/hook_environment.hpp"
#include "element/declared_inputs.hpp"
#include "element/environment_fragment.hpp"
#include "element/input_files.hpp"

namespace kiln::build {

std::set<std::string> variables_set_by(const std::vector<std::string>& fragments) {
    std::set<std::string> names;
    for (const std::string& fragment : fragments) {
        names.merge(element::read_environment_fragment(fragment).sets);
    }
    return names;
}

std::optional<std::map<std::string, std::string>> host_inputs(
    const BuildContext& context, const HostHook& hook, const std::set<std::string>& unknown) {
    const auto declared = element::parse_declared_inputs(hook.script, hook.file);
    if (!declared) {
        return std::nullopt;
    }
    const process::Environment environment = hook_environment(context, hook.phase);
    const auto paths = element::input_paths(
        *declared, {.environment = environment, .home = context.builder_home, .unknown = unknown});
    return paths ? std::optional(element::describe_input_files(*paths)) : std::nullopt;
}

} // namespace kiln::build
