#pragma once

#include "cli/command.hpp"

namespace kiln::cli {

std::unique_ptr<Command> make_build_command();
std::unique_ptr<Command> make_cache_command();
std::unique_ptr<Command> make_diff_command();
std::unique_ptr<Command> make_doctor_command();
std::unique_ptr<Command> make_element_command();
std::unique_ptr<Command> make_images_command();
std::unique_ptr<Command> make_publish_command();
std::unique_ptr<Command> make_run_command();
std::unique_ptr<Command> make_test_command();
std::unique_ptr<Command> make_tool_command();

} // namespace kiln::cli
