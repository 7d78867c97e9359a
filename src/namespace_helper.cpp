// kiln-namespace-helper: makes a user namespace for the user who calls it through sudo, on hosts
// where plain users cannot make one, and sends it back over the socket that is its standard output.
//
// It runs as root, so it is small and believes nobody: it takes no arguments, reads nothing but
// what sudo says of the caller (SUDO_UID, SUDO_GID) and the ids that root gave to that user in
// /etc/subuid and /etc/subgid, and starts no program. The namespace belongs to the user and maps
// what newuidmap(1) would let that user map: 0 to the user, 1 and up to the subordinate ids.
#include "sandbox/id_range.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace kiln {
namespace {

using sandbox::IdRange;

struct Caller {
    uid_t user = 0;
    gid_t group = 0;
    IdRange users;
    IdRange groups;
};

[[noreturn]] void refuse(const std::string& what, const std::string& hint = {}) {
    throw util::Error({.what = what, .hint = hint, .code = util::ExitCode::tool});
}

unsigned number_from(const char* variable) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    const char* text = ::getenv(variable);
    unsigned value = 0;
    const char* end = text == nullptr ? nullptr : text + std::strlen(text);
    if (text == nullptr || std::from_chars(text, end, value).ptr != end || text == end) {
        refuse(std::string(variable) + " is not set: this is run by kiln, through sudo");
    }
    return value;
}

IdRange range_of(const char* file, const passwd& entry) {
    const auto range = sandbox::find_range(util::read_file(file), entry.pw_name, entry.pw_uid);
    if (!sandbox::is_enough(range) || range->start == 0) {
        refuse(std::string("user '") + entry.pw_name + "' has no 65536 subordinate ids in '" +
                   file + "'",
               "see: kiln doctor");
    }
    return *range;
}

Caller caller_by_sudo() {
    if (::geteuid() != 0) {
        refuse("this must run as root, through sudo");
    }
    Caller caller = {.user = number_from("SUDO_UID"), .group = number_from("SUDO_GID")};
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    const passwd* entry = caller.user == 0 ? nullptr : ::getpwuid(caller.user);
    if (entry == nullptr) {
        refuse("the caller is no plain user of this host");
    }
    caller.users = range_of("/etc/subuid", *entry);
    caller.groups = range_of("/etc/subgid", *entry);
    return caller;
}

/// The rights of the caller but for one: to make a user namespace where others may not.
bool become(const Caller& caller) {
    constexpr unsigned k_right = 1U << CAP_SYS_ADMIN;
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> rights = {{{k_right, k_right, 0}, {0, 0, 0}}};
    return ::prctl(PR_SET_KEEPCAPS, 1) == 0 && ::setgroups(0, nullptr) == 0 &&
           ::setresgid(caller.group, caller.group, caller.group) == 0 &&
           ::setresuid(caller.user, caller.user, caller.user) == 0 &&
           ::syscall(SYS_capset, &header, rights.data()) == 0;
}

/// The child: is the caller, makes the namespace, which so belongs to the caller, and waits for
/// its end. What went wrong is its exit code.
[[noreturn]] void hold_namespace(const Caller& caller, util::Pipe& made) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const bool ready = become(caller) && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
    if (!ready || ::unshare(CLONE_NEWUSER) != 0) {
        ::_exit(errno);
    }
    made.read.reset();
    util::write_all(made.write.get(), "m", "the helper's pipe");
    while (true) {
        ::pause();
    }
}

void write_map(pid_t holder, const char* file, unsigned own, const IdRange& range) {
    const std::string path = "/proc/" + std::to_string(holder) + "/" + file;
    const util::Fd fd = util::open_file(path, O_WRONLY);
    util::write_all(fd.get(),
                    "0 " + std::to_string(own) + " 1\n1 " + std::to_string(range.start) + " " +
                        std::to_string(range.count) + "\n",
                    path);
}

void send_descriptor(const util::Fd& fd) {
    char byte = 'n';
    iovec data = {&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int number = fd.get();
    std::memcpy(CMSG_DATA(header), &number, sizeof(number));
    if (::sendmsg(STDOUT_FILENO, &message, MSG_NOSIGNAL | MSG_DONTWAIT) != 1) {
        util::throw_errno("cannot send the namespace: this is run by kiln, not by hand");
    }
}

void wait_until_made(pid_t holder, util::Pipe& made) {
    made.write.reset();
    char byte = 0;
    if (::read(made.read.get(), &byte, 1) == 1) {
        return;
    }
    int status = 0;
    ::waitpid(holder, &status, 0);
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECANCELED;
    util::throw_errno(util::ErrorInfo{.what = "root cannot make a user namespace either",
                                      .hint = "sudo sysctl user.max_user_namespaces=15000"});
}

/// What was ignored stays so through sudo. A holder that the caller kills must stay a zombie, or
/// its number could be another process's by the time it is written to and killed; and a holder that
/// the caller stops must not keep this waiting.
void settle_signals() {
    constexpr unsigned k_longest_seconds = 15;
    ::signal(SIGCHLD, SIG_DFL);
    ::signal(SIGALRM, SIG_DFL);
    sigset_t alarm_only;
    ::sigemptyset(&alarm_only);
    ::sigaddset(&alarm_only, SIGALRM);
    ::sigprocmask(SIG_UNBLOCK, &alarm_only, nullptr);
    ::alarm(k_longest_seconds);
}

void make_namespace() {
    settle_signals();
    const Caller caller = caller_by_sudo();
    ::clearenv();
    util::Pipe made = util::make_pipe();
    const pid_t holder = ::fork();
    if (holder < 0) {
        util::throw_errno("cannot fork");
    }
    if (holder == 0) {
        hold_namespace(caller, made);
    }
    wait_until_made(holder, made);
    write_map(holder, "uid_map", caller.user, caller.users);
    write_map(holder, "gid_map", caller.group, caller.groups);
    send_descriptor(util::open_file("/proc/" + std::to_string(holder) + "/ns/user", O_RDONLY));
    // It lives on as long as the caller keeps the descriptor or is in it.
    ::kill(holder, SIGKILL);
}

} // namespace
} // namespace kiln

int main(int argc, char** /*argv*/) {
    try {
        if (argc != 1) {
            kiln::refuse("this takes no arguments");
        }
        kiln::make_namespace();
        return 0;
    } catch (const std::exception& error) {
        const kiln::util::ErrorInfo info = kiln::util::info_of(error);
        std::fprintf(stderr,
                     "kiln-namespace-helper: %s%s%s\n",
                     info.what.c_str(),
                     info.hint.empty() ? "" : "; ",
                     info.hint.c_str());
        return static_cast<int>(kiln::util::ExitCode::tool);
    }
}
