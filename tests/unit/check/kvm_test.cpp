#include "check/kvm.hpp"
#include "support/fake_runner.hpp"
#include "util/temp_dir.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace kiln::check {
namespace {

class Kvm : public ::testing::Test {
protected:
    void SetUp() override {
        if (::access("/dev/kvm", R_OK | W_OK) != 0) {
            GTEST_SKIP() << "needs a /dev/kvm that this user may open";
        }
    }

    Accelerator choose(const std::string& boot_id) {
        return choose_accelerator({.file = folder_.path() / "state/kvm", .boot_id = boot_id},
                                  runner_);
    }

    tests::FakeRunner runner_;

private:
    util::TempDir folder_{"/tmp", "kiln-test-"};
};

TEST_F(Kvm, is_used_when_a_machine_ran_to_its_end) {
    EXPECT_EQ(choose("boot-1"), Accelerator::kvm);
}

TEST_F(Kvm, is_not_used_when_a_machine_hung) {
    runner_.answer = [](const process::Command&) {
        return process::Result{.exit_code = 137, .timed_out = true};
    };
    EXPECT_EQ(choose("boot-1"), Accelerator::tcg);
}

TEST_F(Kvm, is_asked_for_once_in_each_boot_of_the_host) {
    choose("boot-1");
    choose("boot-1");
    EXPECT_EQ(runner_.commands.size(), 1U);
    choose("boot-2");
    EXPECT_EQ(runner_.commands.size(), 2U);
}

} // namespace
} // namespace kiln::check
