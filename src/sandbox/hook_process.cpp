#include "sandbox/hook_process.hpp"

#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <dirent.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace kiln::sandbox {
namespace {

constexpr std::array<unsigned long, 8> k_host_capabilities = {CAP_MKNOD,
                                                              CAP_SYS_MODULE,
                                                              CAP_SYS_RAWIO,
                                                              CAP_SYS_TIME,
                                                              CAP_SYS_BOOT,
                                                              CAP_SYSLOG,
                                                              CAP_WAKE_ALARM,
                                                              CAP_MAC_ADMIN};

bool is_number(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return c >= '0' && c <= '9';
    });
}

/// Names of the processes of this namespace but PID 1 and zombies.
std::vector<std::string> remaining_processes() {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        const std::string pid = entry.path().filename();
        if (!is_number(pid) || pid == "1") {
            continue;
        }
        try {
            const std::string stat = util::read_file(entry.path() / "stat");
            const std::size_t open = stat.find('(');
            const std::size_t close = stat.rfind(')');
            if (close != std::string::npos && stat.substr(close + 2, 1) != "Z") {
                names.push_back(stat.substr(open + 1, close - open - 1));
            }
        } catch (const util::Error&) { // NOLINT(bugprone-empty-catch): it has just ended
        }
    }
    return names;
}

void end_remaining_processes() {
    // Where /proc of this namespace could not be mounted, its list is that of another one.
    if (::kill(-1, 0) != 0) {
        return;
    }
    const std::vector<std::string> names = remaining_processes();
    if (!names.empty()) {
        const std::string text =
            "kiln: ended what the hook left running: " + util::join(names, ", ") + "\n";
        [[maybe_unused]] const ssize_t count = ::write(STDERR_FILENO, text.data(), text.size());
    }
    ::kill(-1, SIGKILL);
}

/// A hook could read /proc/1/environ and /proc/1/mem: the variables that kiln was started with,
/// secrets among them. The memory is closed to a hook that is root in a user namespace only.
void hide_memory() {
    ::prctl(PR_SET_DUMPABLE, 0);
    for (char** entry = environ; *entry != nullptr; ++entry) {
        ::explicit_bzero(*entry, ::strlen(*entry));
    }
}

/// Where the descriptor of the last act is when all others are closed.
constexpr int k_kept = STDERR_FILENO + 1;

/// The hook can look into the descriptors of its init, which holds the build's lock and pipes.
void close_all_but(int descriptor) {
    if (descriptor >= 0 && descriptor != k_kept) {
        ::dup2(descriptor, k_kept);
    }
    ::close_range(descriptor >= 0 ? k_kept + 1 : k_kept, ~0U, 0);
}

void perform(const LastAct& last) {
    try {
        last.run(k_kept);
    } catch (const std::exception& error) {
        const std::string text = std::string("kiln: ") + error.what() + "\n";
        [[maybe_unused]] const ssize_t count = ::write(STDERR_FILENO, text.data(), text.size());
    }
}

[[noreturn]] void wait_as_init(pid_t hook, const LastAct& last) {
    hide_memory();
    close_all_but(last.descriptor);
    int status = 0;
    while (true) {
        const pid_t child = ::waitpid(-1, &status, 0);
        if (child == hook || (child < 0 && errno == ECHILD)) {
            break;
        }
    }
    end_remaining_processes();
    if (last.run && status == 0) {
        perform(last);
    }
    ::_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

} // namespace

void become_hook(const LastAct& last) {
    util::Pipe ready = util::make_pipe();
    const pid_t hook = ::fork();
    if (hook < 0) {
        util::throw_errno("cannot fork");
    }
    if (hook > 0) {
        wait_as_init(hook, last);
    }
    // The hook begins when its init has closed this pipe with all the rest.
    ready.write.reset();
    util::read_all(ready.read.get(), "the init of a hook");
}

void drop_host_capabilities() {
    for (const unsigned long capability : k_host_capabilities) {
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
}

} // namespace kiln::sandbox
