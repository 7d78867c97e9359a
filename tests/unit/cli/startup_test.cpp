#include "cli/startup.hpp"
#include "process/posix_runner.hpp"
#include "util/fd.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace kiln::tests {
namespace {

/// The exit code of a child that starts as given and then checks something.
template <typename Check>
int in_child(const Check& check) {
    const pid_t child = process::fork_into_namespaces(0);
    if (child == 0) {
        ::_exit(check() ? 0 : 1);
    }
    return process::wait_for(child);
}

TEST(SettleProcess, OpensStandardDescriptorsThatWereClosed) {
    EXPECT_EQ(in_child([] {
                  ::close(STDIN_FILENO);
                  ::close(STDERR_FILENO);
                  cli::settle_process();
                  return ::fcntl(STDIN_FILENO, F_GETFD) >= 0 && ::write(STDERR_FILENO, "x", 1) == 1;
              }),
              0);
}

TEST(SettleProcess, LeavesOpenStandardDescriptorsAsTheyAre) {
    EXPECT_EQ(in_child([] {
                  cli::settle_process();
                  return (::fcntl(STDOUT_FILENO, F_GETFD) & FD_CLOEXEC) == 0;
              }),
              0);
}

TEST(SettleProcess, KeepsInheritedDescriptorsFromProgramsThatItStarts) {
    EXPECT_EQ(in_child([] {
                  const int fd = ::open("/dev/null", O_RDONLY); // NOLINT(android-cloexec-open)
                  cli::settle_process();
                  return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
              }),
              0);
}

TEST(SettleProcess, LearnsOfItsChildrenWhateverTheCallerIgnored) {
    EXPECT_EQ(in_child([] {
                  ::signal(SIGCHLD, SIG_IGN);
                  cli::settle_process();
                  return in_child([] { return false; }) == 1;
              }),
              0);
}

TEST(SettleProcess, OutlivesAReaderThatHasGone) {
    EXPECT_EQ(in_child([] {
                  cli::settle_process();
                  util::Pipe pipe = util::make_pipe();
                  pipe.read.reset();
                  return ::write(pipe.write.get(), "x", 1) < 0 && errno == EPIPE;
              }),
              0);
}

} // namespace
} // namespace kiln::tests
