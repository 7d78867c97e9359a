#include "sandbox/id_map.hpp"

#include "process/posix_runner.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <pwd.h>
#include <unistd.h>

#include <charconv>

namespace kiln::sandbox {
namespace {

constexpr unsigned long k_needed_ids = 65536;

unsigned long to_number(const std::string& text) {
    unsigned long value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string content_or_empty(const std::string& path) {
    return ::access(path.c_str(), R_OK) == 0 ? util::read_file(path) : "";
}

std::string user_name() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): kiln has one thread here
    const passwd* entry = ::getpwuid(::getuid());
    return entry == nullptr ? std::to_string(::getuid()) : entry->pw_name;
}

IdRange require_range(const std::string& file, const std::string& user, unsigned long id) {
    const std::optional<IdRange> range = find_range(content_or_empty(file), user, id);
    if (!range || range->count < k_needed_ids - 1) {
        throw util::Error(
            {.what = "user '" + user + "' has no 65536 subordinate ids in '" + file + "'",
             .hint = "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 " +
                     user + "   (or run kiln as root)",
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

std::optional<IdRange>
find_range(const std::string& content, const std::string& name, unsigned long id) {
    std::optional<IdRange> largest;
    for (const std::string& line : util::split(content, '\n')) {
        const std::vector<std::string> fields = util::split(util::trim(line), ':');
        if (fields.size() != 3 || (fields[0] != name && fields[0] != std::to_string(id))) {
            continue;
        }
        const IdRange range = {.start = to_number(fields[1]), .count = to_number(fields[2])};
        if (!largest || range.count > largest->count) {
            largest = range;
        }
    }
    return largest;
}

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
