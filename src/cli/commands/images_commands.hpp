#pragma once

#include "cli/command.hpp"

namespace kiln::cli {

std::unique_ptr<Command> make_images_history_command();
std::unique_ptr<Command> make_images_download_command();
std::unique_ptr<Command> make_images_plan_command();
std::unique_ptr<Command> make_images_apply_command();
std::unique_ptr<Command> make_images_promote_command();
std::unique_ptr<Command> make_images_rollback_command();

} // namespace kiln::cli
