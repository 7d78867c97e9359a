#include "build_watch.hpp"

#include "image_tree.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

/// The content of a file in /proc; empty when it has gone or is closed to us.
std::string content_of(const fs::path& path) {
    try {
        return util::read_file(path.string());
    } catch (const util::Error&) {
        return "";
    }
}

std::vector<pid_t> all_processes() {
    std::vector<pid_t> processes;
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") == std::string::npos) {
            processes.push_back(std::stoi(name));
        }
    }
    std::sort(processes.begin(), processes.end());
    return processes;
}

fs::path folder_of(pid_t process) {
    return "/proc/" + std::to_string(process);
}

struct Status {
    std::string name;
    std::string state;
    pid_t parent = 0;
};

Status status_of(pid_t process) {
    const std::string text = content_of(folder_of(process) / "stat");
    const std::size_t open = text.find('(');
    const std::size_t close = text.rfind(')');
    if (close == std::string::npos) {
        return {};
    }
    const std::vector<std::string> fields = util::split_words(text.substr(close + 1));
    return {.name = text.substr(open + 1, close - open - 1),
            .state = fields.at(0),
            .parent = std::stoi(fields.at(1))};
}

} // namespace

std::vector<pid_t> descendants(pid_t process) {
    std::map<pid_t, std::vector<pid_t>> children;
    for (const pid_t other : all_processes()) {
        children[status_of(other).parent].push_back(other);
    }
    std::vector<pid_t> found = children[process];
    for (std::size_t i = 0; i < found.size(); ++i) {
        const std::vector<pid_t> more = children[found[i]];
        found.insert(found.end(), more.begin(), more.end());
    }
    return found;
}

std::string process_name(pid_t process) {
    const Status status = status_of(process);
    return status.state == "Z" ? "" : status.name;
}

std::vector<std::string> leftovers(const Workspace& space) {
    std::vector<std::string> found;
    for (const pid_t process : all_processes()) {
        if (process == ::getpid() || process_name(process).empty()) {
            continue;
        }
        for (const char* file : {"environ", "cmdline", "mountinfo"}) {
            const std::string text = content_of(folder_of(process) / file);
            if (text.find(space.path().filename().string()) != std::string::npos) {
                found.push_back(std::to_string(process) + " (" + process_name(process) + "): its " +
                                file);
            }
        }
    }
    return found;
}

std::string loop_devices() {
    return ask({"losetup", "-a"}).text;
}

void expect_nothing_runs(const Workspace& space) {
    comes_true(milliseconds(2000), [&] { return leftovers(space).empty(); });
    EXPECT_EQ(util::join(leftovers(space), "\n"), "");
}

void expect_nothing_lies_around(const Workspace& space) {
    EXPECT_EQ(util::join(space.list("cache/kiln/builds"), " "), "");
    for (const std::string& name : space.list("out")) {
        EXPECT_EQ(name.find(".kiln-"), std::string::npos) << name;
    }
}

} // namespace kiln::tests
