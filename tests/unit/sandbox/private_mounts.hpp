#pragma once

#include "process/posix_runner.hpp"
#include "unit/util/test_files.hpp"
#include "util/error.hpp"

#include <gtest/gtest.h>

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <iostream>
#include <string>

namespace kiln::tests {

/// Runs the body of a test in a child with mounts of its own, so that none outlives it. Its
/// assertions count; what it throws fails the test. Needs root.
class PrivateMountsTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "mounts need root here";
        }
        if (run([] { static_cast<void>(0); }) != 0) {
            GTEST_SKIP() << "this machine permits no mount namespace";
        }
    }

    static void inside(const std::function<void()>& body) { EXPECT_EQ(run(body), 0); }

    TestFiles files{};

private:
    static int run(const std::function<void()>& body) {
        std::cout.flush();
        const pid_t child = process::fork_into_namespaces(CLONE_NEWNS);
        if (child == 0) {
            ::_exit(result_of(body));
        }
        return process::wait_for(child);
    }

    static int result_of(const std::function<void()>& body) {
        if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
            return 1;
        }
        try {
            body();
        } catch (const util::Error& error) {
            ADD_FAILURE() << "threw: " << error.what();
        } catch (const std::exception& error) {
            ADD_FAILURE() << "threw: " << error.what();
        }
        std::cout.flush();
        std::fflush(stdout);
        return HasFailure() ? 1 : 0;
    }
};

} // namespace kiln::tests
