#include "cli/command_group.hpp"
#include "cli/commands/cache_commands.hpp"
#include "cli/commands/commands.hpp"

namespace kiln::cli {

std::unique_ptr<Command> make_cache_command() {
    using Entries = std::vector<CommandGroup::Entry>;
    return std::make_unique<CommandGroup>(
        "cache",
        Entries{
            {"list", "stored layers and images", make_cache_list_command},
            {"explain", "which layers a build would use, and why not", make_cache_explain_command},
            {"verify", "read all of it, and find damage", make_cache_verify_command},
            {"prune", "remove what was not used for longest", make_cache_prune_command}});
}

} // namespace kiln::cli
