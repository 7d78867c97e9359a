#include "sandbox/helper_namespace.hpp"

#include "process/posix_runner.hpp"
#include "sandbox/id_map.hpp"
#include "sandbox/session.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace kiln::sandbox {
namespace {

constexpr std::chrono::seconds k_sudo_limit{20};

process::Command sudo_command(std::vector<std::string> arguments) {
    std::vector<std::string> argv = {"sudo", "-n"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return {.argv = std::move(argv),
            .environment = process::tool_environment(),
            .timeout = k_sudo_limit};
}

[[noreturn]] void fail_helper(const process::Result& result) {
    throw util::Error(
        {.what = std::string("'") + k_namespace_helper + "' made no user namespace",
         .hint = "is this user in the group 'kiln'? sudo usermod -aG kiln $USER, and log in "
                 "again; what else is missing tells: kiln doctor",
         .code = util::ExitCode::tool,
         .excerpt = util::last_lines(result.err, 5)});
}

/// The descriptor that the helper sent along with a byte; invalid when it sent none.
util::Fd receive_descriptor(const util::Fd& socket) {
    char byte = 0;
    iovec data = {&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != 1) {
        return {};
    }
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
        return {};
    }
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    return util::Fd(fd);
}

util::Fd ask_helper() {
    std::array<int, 2> ends = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        util::throw_errno("cannot make a pair of sockets");
    }
    const util::Fd ours(ends[0]);
    const util::Fd theirs(ends[1]);
    process::Command command = sudo_command({"--", k_namespace_helper});
    command.child_setup = [&] { ::dup2(theirs.get(), STDOUT_FILENO); };
    process::PosixRunner runner;
    const process::Result result = runner.run(command);
    util::Fd user_namespace = receive_descriptor(ours);
    if (result.exit_code != 0 || !user_namespace.valid()) {
        fail_helper(result);
    }
    return user_namespace;
}

/// Inside, the user is root, whose home folder is another one.
void keep_home() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): kiln has one thread here
    const passwd* entry = ::getpwuid(::getuid());
    if (entry != nullptr) {
        ::setenv("HOME", entry->pw_dir, 0);
    }
}

} // namespace

bool has_namespace_helper() {
    struct stat info = {};
    return ::stat(k_namespace_helper, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == 0 &&
           (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool can_make_namespaces() {
    try {
        Session session({.id_map = current_id_map()}, [] {
            return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 ? 0 : 1;
        });
        return session.wait() == 0;
    } catch (const util::Error&) {
        return false;
    }
}

void enter_helper_namespace() {
    keep_home();
    const util::Fd user_namespace = ask_helper();
    if (::setns(user_namespace.get(), CLONE_NEWUSER) != 0 || ::setgroups(0, nullptr) != 0 ||
        ::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0) {
        util::throw_errno({.what = "cannot enter the user namespace that the helper made",
                           .code = util::ExitCode::tool});
    }
}

bool may_use_helper() {
    try {
        process::PosixRunner runner;
        return runner.run(sudo_command({"-l", "--", k_namespace_helper})).exit_code == 0;
    } catch (const util::Error&) {
        return false;
    }
}

bool enter_helper_namespace_if_needed() {
    if (::geteuid() == 0 || !has_namespace_helper() || can_make_namespaces()) {
        return false;
    }
    enter_helper_namespace();
    return true;
}

} // namespace kiln::sandbox
