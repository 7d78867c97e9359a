#include "cli/command_group.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/images_commands.hpp"

namespace kiln::cli {

std::unique_ptr<Command> make_images_command() {
    using Entries = std::vector<CommandGroup::Entry>;
    return std::make_unique<CommandGroup>(
        "images",
        Entries{
            {"history", "images of each name, the current one first", make_images_history_command},
            {"download", "an image as a file, verified", make_images_download_command},
            {"plan", "what apply would do", make_images_plan_command},
            {"apply", "finish broken swaps, and tend older images", make_images_apply_command},
            {"promote", "give the name to an image that waits", make_images_promote_command},
            {"rollback", "give the name back to an older image", make_images_rollback_command}});
}

} // namespace kiln::cli
