#include "cli/command.hpp"
#include "cli/commands/commands.hpp"

namespace kiln::cli {

const std::vector<CommandEntry>& command_table() {
    static const std::vector<CommandEntry> k_commands = {
        {"build",
         "build a disk image from elements",
         "disk-image-create",
         make_build_command,
         false,
         "--as-peer"},
        {"test",
         "boot a copy of an image and see whether it comes up",
         "",
         make_test_command,
         false},
        {"publish",
         "upload an image, and give it its name in the place of the old one",
         "",
         make_publish_command,
         false},
        {"run", "build, test and publish each image of a file", "", make_run_command, false},
        {"images",
         "look at published images, promote them and roll back",
         "",
         make_images_command,
         false},
        {"diff", "name what differs between two images", "", make_diff_command, false},
        {"doctor",
         "tell what this host can do, and what mends the rest",
         "",
         make_doctor_command,
         false},
        {"element", "list, show, draw and check elements", "", make_element_command, false},
        {"cache", "look at stored layers and images, and tend them", "", make_cache_command, false},
        {"tool", "what hooks call; not for people", "", make_tool_command, true},
    };
    return k_commands;
}

} // namespace kiln::cli
