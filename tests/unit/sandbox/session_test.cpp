#include "private_mounts.hpp"
#include "sandbox/session.hpp"

#include <signal.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <thread>

namespace kiln::tests {
namespace {

using sandbox::Session;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

class SessionTest : public PrivateMountsTest {};

TEST_F(SessionTest, GivesTheExitCodeOfItsWorker) {
    Session session({}, [] { return 42; });
    EXPECT_EQ(session.wait(), 42);
    EXPECT_EQ(session.poll(), 42);
}

TEST_F(SessionTest, TellsOfAWorkerThatASignalEnded) {
    Session session({}, [] { return ::raise(SIGKILL); });
    EXPECT_EQ(session.wait(), 128 + SIGKILL);
}

TEST_F(SessionTest, GivesTheWorkerASmallNamespaceAndAFixedUmask) {
    ::umask(077);
    Session session({}, [] { return ::getpid() == 2 && ::umask(0) == 022 ? 0 : 1; });
    ::umask(022);
    EXPECT_EQ(session.wait(), 0);
}

TEST_F(SessionTest, EndsAtOnceWhenKilled) {
    Session session({}, [] { return ::pause(); });
    const auto start = steady_clock::now();
    session.kill();
    EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(30));
    EXPECT_EQ(session.wait(), 128 + SIGKILL);
}

TEST_F(SessionTest, EndsWhenTheProcessThatMadeItDies) {
    util::Pipe pipe = util::make_pipe();
    const pid_t parent = process::fork_into_namespaces(0);
    if (parent == 0) {
        const Session session({}, [] { return ::pause(); });
        ::write(pipe.write.get(), "!", 1);
        ::pause();
    }
    std::array<char, 1> ready{};
    ASSERT_EQ(::read(pipe.read.get(), ready.data(), 1), 1);
    pipe.write.reset();
    ::kill(parent, SIGKILL);
    process::wait_for(parent);
    // Every process of the session holds the write end: the pipe ends with the last of them.
    EXPECT_EQ(::read(pipe.read.get(), ready.data(), 1), 0);
}

TEST_F(SessionTest, TakesProcessesWithItThatTheWorkerLeft) {
    util::Pipe pipe = util::make_pipe();
    Session session({}, [&] {
        if (process::fork_into_namespaces(0) == 0) {
            ::setsid();
            ::pause();
        }
        return 0;
    });
    pipe.write.reset();
    EXPECT_EQ(session.wait(), 0);
    std::array<char, 1> nothing{};
    EXPECT_EQ(::read(pipe.read.get(), nothing.data(), 1), 0);
}

} // namespace
} // namespace kiln::tests
