#include "disk/tool_failure.hpp"

#include "util/error.hpp"
#include "util/text.hpp"

namespace kiln::disk {
namespace {

constexpr std::size_t k_excerpt_lines = 20;

} // namespace

void throw_tool_failure(const process::Command& command,
                        const process::Result& result,
                        const std::string& path) {
    const std::string output = result.out + result.err;
    const std::vector<std::string> excerpt = util::last_lines(output, k_excerpt_lines);
    if (output.find("No space left on device") != std::string::npos) {
        throw util::Error(
            {.what = "disk full: '" + command.argv.front() + "' cannot write '" + path + "'",
             .hint = "make room there, or choose another place for the output",
             .excerpt = excerpt});
    }
    throw util::Error({.what = "'" + command.argv.front() + "' failed with exit code " +
                               std::to_string(result.exit_code),
                       .hint = "the command was: " + process::to_shell(command),
                       .code = util::ExitCode::tool,
                       .excerpt = excerpt});
}

void run_writer(process::Runner& runner, const process::Command& command, const std::string& path) {
    const process::Result result = runner.run(command);
    if (result.exit_code != 0 || result.timed_out) {
        throw_tool_failure(command, result, path);
    }
}

} // namespace kiln::disk
