#include "sandbox/id_map.hpp"

#include "process/posix_runner.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>

namespace kiln::sandbox {
namespace {

std::string content_or_empty(const std::string& path) {
    return ::access(path.c_str(), R_OK) == 0 ? util::read_file(path) : "";
}

std::string user_name() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): kiln has one thread here
    const passwd* entry = ::getpwuid(::getuid());
    return entry == nullptr ? std::to_string(::getuid()) : entry->pw_name;
}

/// The command that gives a user ids that nobody else has.
std::string adding_line(const std::string& user) {
    const unsigned long first = std::max(first_free_id(content_or_empty("/etc/subuid")),
                                         first_free_id(content_or_empty("/etc/subgid")));
    const std::string range =
        std::to_string(first) + "-" + std::to_string(first + k_needed_ids - 1);
    return "sudo usermod --add-subuids " + range + " --add-subgids " + range + " " + user;
}

IdRange require_range(const std::string& file, const std::string& user, unsigned long id) {
    const std::optional<IdRange> range = find_range(content_or_empty(file), user, id);
    if (!is_enough(range)) {
        throw util::Error(
            {.what = "user '" + user + "' has no 65536 subordinate ids in '" + file + "'",
             .hint = adding_line(user) + "   (or run kiln as root)",
             .code = util::ExitCode::tool});
    }
    return *range;
}

void write_map(const std::string& tool, pid_t process, unsigned long own, const IdRange& range) {
    process::PosixRunner runner;
    const process::Result result = runner.run({.argv = {tool,
                                                        std::to_string(process),
                                                        "0",
                                                        std::to_string(own),
                                                        "1",
                                                        "1",
                                                        std::to_string(range.start),
                                                        std::to_string(range.count)},
                                               .environment = process::tool_environment()});
    if (result.exit_code != 0) {
        throw util::Error({.what = "'" + tool + "' cannot map the subordinate ids",
                           .hint = "is the package 'uidmap' whole, with its set-uid bits?",
                           .code = util::ExitCode::tool,
                           .excerpt = util::last_lines(result.err, 5)});
    }
}

} // namespace

std::optional<IdMap> current_id_map() {
    if (::geteuid() == 0) {
        return std::nullopt;
    }
    const std::string user = user_name();
    return IdMap{.user = ::getuid(),
                 .group = ::getgid(),
                 .users = require_range("/etc/subuid", user, ::getuid()),
                 .groups = require_range("/etc/subgid", user, ::getuid())};
}

void apply_id_map(const IdMap& map, pid_t process) {
    write_map("newuidmap", process, map.user, map.users);
    write_map("newgidmap", process, map.group, map.groups);
}

} // namespace kiln::sandbox
