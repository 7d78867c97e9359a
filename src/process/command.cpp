#include "process/command.hpp"

#include "process/child_process.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <cstdlib>

namespace kiln::process {
namespace {

constexpr std::size_t k_excerpt_lines = 20;

bool is_disk_full(const Result& result) {
    static constexpr const char* k_text = "No space left on device";
    return result.err.find(k_text) != std::string::npos ||
           result.out.find(k_text) != std::string::npos;
}

std::string failure_text(const Command& command, const Result& result) {
    const std::string name = "'" + command.argv.front() + "'";
    if (result.timed_out) {
        return name + " did not end within " + util::human_duration(command.timeout.value());
    }
    return name + " failed with exit code " + std::to_string(result.exit_code);
}

} // namespace

std::unique_ptr<ChildProcess> Runner::start(const Command& command) {
    throw util::Error({.what = "'" + command.argv.front() + "' cannot run beside this process here",
                       .code = util::ExitCode::tool});
}

Result Runner::check(const Command& command) {
    Result result = run(command);
    if (result.exit_code != 0 || result.timed_out) {
        const bool disk_full = is_disk_full(result);
        throw util::Error({.what = failure_text(command, result),
                           .hint = disk_full ? "free some space, or choose another place with "
                                               "--work-dir or -o"
                                             : "the command was: " + to_shell(command),
                           .code = disk_full ? util::ExitCode::failed : util::ExitCode::tool,
                           .excerpt = util::last_lines(result.out + result.err, k_excerpt_lines)});
    }
    return result;
}

std::string to_shell(const Command& command) {
    std::vector<std::string> words;
    for (const std::string& word : command.argv) {
        words.push_back(util::shell_quote(word));
    }
    return util::join(words, " ");
}

Environment tool_environment() {
    Environment environment = {{"LC_ALL", "C.UTF-8"}};
    for (const char* name : {"HOME", "TMPDIR", "http_proxy", "https_proxy", "no_proxy"}) {
        if (const char* value = ::getenv(name)) {
            environment[name] = value;
        }
    }
    // An empty entry would be the current folder.
    const char* path = ::getenv("PATH");
    environment["PATH"] = (path == nullptr || *path == '\0' ? "" : std::string(path) + ":") +
                          "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    return environment;
}

} // namespace kiln::process
