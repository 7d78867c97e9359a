#include "process/tools/sqfs2tar.hpp"

namespace kiln::process {

Command sqfs2tar_command(const std::string& image) {
    return {.argv = {"sqfs2tar", "--root-becomes", ".", image}, .environment = tool_environment()};
}

} // namespace kiln::process
