#include "cli/commands/commands.hpp"
#include "cli/commands/tool_base_image.hpp"
#include "cli/commands/tool_fetch_image.hpp"
#include "cli/places.hpp"
#include "element/apt_preferences.hpp"
#include "element/hook_variable.hpp"
#include "element/manifests.hpp"
#include "element/source_plan.hpp"
#include "element/tool_actions.hpp"
#include "element/tree_path.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <iostream>

namespace kiln::cli {
namespace {

using Warnings = std::vector<std::string>;

/// What hooks of kiln's own elements call. They read the hook's environment, and what they return
/// is shown as warnings.
struct Tool {
    const char* name;
    Warnings (*run)(const process::Environment& environment,
                    const std::vector<std::string>& arguments);
};

Warnings package_installs(const process::Environment& environment,
                          const std::vector<std::string>& /*arguments*/) {
    return element::write_package_lists(environment);
}

Warnings pkg_map_tables(const process::Environment& environment,
                        const std::vector<std::string>& /*arguments*/) {
    return element::write_pkg_map_tables(environment);
}

Warnings svc_map(const process::Environment& environment,
                 const std::vector<std::string>& /*arguments*/) {
    return element::write_svc_map(environment);
}

Warnings source_repositories(const process::Environment& environment,
                             const std::vector<std::string>& /*arguments*/) {
    return element::write_source_plan(environment);
}

Warnings source_record(const process::Environment& environment,
                       const std::vector<std::string>& /*arguments*/) {
    return element::record_sources(environment);
}

Warnings manifests(const process::Environment& environment,
                   const std::vector<std::string>& /*arguments*/) {
    return element::write_build_manifests(environment);
}

Warnings element_manifest(const process::Environment& environment,
                          const std::vector<std::string>& /*arguments*/) {
    return element::write_element_manifest(environment);
}

Warnings apt_preferences(const process::Environment& environment,
                         const std::vector<std::string>& /*arguments*/) {
    return element::write_apt_preferences(environment);
}

/// tree-path folder|file PATH: prints where a path of the tree is for programs of the host.
Warnings tree_path(const process::Environment& environment,
                   const std::vector<std::string>& arguments) {
    if (arguments.size() != 2 || (arguments[0] != "folder" && arguments[0] != "file")) {
        throw util::Error({.what = "tree-path takes 'folder' or 'file' and a path",
                           .code = util::ExitCode::usage});
    }
    const util::RootDir tree(element::hook_variable(environment, "TMP_MOUNT_PATH"));
    std::cout << (arguments[0] == "folder" ? element::folder_on_host(tree, arguments[1])
                                           : element::file_on_host(tree, arguments[1]))
              << "\n";
    return {};
}

constexpr std::array k_tools = {
    Tool{"base-image", unpack_base_image},
    Tool{"fetch-image", fetch_base_image},
    Tool{"package-installs", package_installs},
    Tool{"pkg-map-tables", pkg_map_tables},
    Tool{"svc-map", svc_map},
    Tool{"source-repositories", source_repositories},
    Tool{"source-record", source_record},
    Tool{"manifests", manifests},
    Tool{"element-manifest", element_manifest},
    Tool{"apt-preferences", apt_preferences},
    Tool{"tree-path", tree_path},
};

std::vector<std::string> tool_names() {
    std::vector<std::string> names;
    std::transform(k_tools.begin(), k_tools.end(), std::back_inserter(names), [](const Tool& tool) {
        return tool.name;
    });
    return names;
}

/// `kiln tool NAME`: what kiln's own elements call from their hooks.
class ToolCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("NAME", name_, "the tool")->required()->check(CLI::IsMember(tool_names()));
        app.add_option("ARGUMENT", arguments_, "what it is to do");
    }

    int run() override {
        const auto* const tool =
            std::find_if(k_tools.begin(), k_tools.end(), [&](const Tool& candidate) {
                return candidate.name == name_;
            });
        for (const std::string& warning : tool->run(caller_environment(), arguments_)) {
            std::cerr << "warning: " << warning << "\n";
        }
        return 0;
    }

private:
    std::string name_;
    std::vector<std::string> arguments_;
};

} // namespace

std::unique_ptr<Command> make_tool_command() {
    return std::make_unique<ToolCommand>();
}

} // namespace kiln::cli
