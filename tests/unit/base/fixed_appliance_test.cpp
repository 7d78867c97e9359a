#include "base/fixed_appliance.hpp"
#include "process/posix_runner.hpp"
#include "process/tool_check.hpp"
#include "support/fake_runner.hpp"
#include "support/memory_reporter.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;

using base::FixedAppliance;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class FixedApplianceTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (!process::find_program("supermin", process::tool_environment())) {
            GTEST_SKIP() << "supermin is not installed";
        }
        files.write("supermin.d/packages", "one");
        runner.answer = [](const process::Command& command) { return pretend(command); };
    }

    /// What supermin would leave.
    static process::Result pretend(const process::Command& command) {
        const fs::path target = command.argv.back();
        fs::create_directories(target);
        process::PosixRunner real;
        real.check({.argv = {"mke2fs", "-q", "-t", "ext2", target / "root", "1M"},
                    .environment = process::tool_environment()});
        for (const char* name : {"kernel", "initrd"}) {
            util::write_all(util::open_file(target / name, O_WRONLY | O_CREAT).get(), "x", name);
        }
        return {};
    }

    FixedAppliance obtain() {
        return FixedAppliance::obtain(
            {.folder = files / "kept", .source = files / "supermin.d"}, runner, reporter);
    }

    [[nodiscard]] std::ptrdiff_t kept() const {
        return std::distance(fs::directory_iterator(files / "kept"), fs::directory_iterator());
    }

    TestFiles files{};
    FakeRunner runner{};
    MemoryReporter reporter{};
};

TEST_F(FixedApplianceTest, has_the_files_that_libguestfs_looks_for) {
    const FixedAppliance appliance = obtain();
    for (const char* name : {"README.fixed", "kernel", "initrd", "root"}) {
        EXPECT_TRUE(fs::exists(fs::path(appliance.path()) / name)) << name;
    }
    EXPECT_EQ(kept(), 2); // and the lock
}

TEST_F(FixedApplianceTest, is_made_once) {
    const std::string first = obtain().path();
    EXPECT_EQ(obtain().path(), first);
    EXPECT_THAT(runner.commands, SizeIs(1));
}

TEST_F(FixedApplianceTest, is_made_anew_when_the_host_has_changed_and_the_old_one_goes) {
    const std::string first = obtain().path();
    files.write("supermin.d/packages", "other");
    EXPECT_NE(obtain().path(), first);
    EXPECT_FALSE(fs::exists(first));
    EXPECT_EQ(kept(), 2);
}

TEST_F(FixedApplianceTest, is_shared_by_those_who_use_it) {
    const FixedAppliance first = obtain();
    EXPECT_EQ(obtain().path(), first.path());
}

TEST_F(FixedApplianceTest, is_not_replaced_while_it_is_used) {
    const FixedAppliance used = obtain();
    EXPECT_FALSE(util::EntryLock::try_take(files / "kept/lock", util::EntryLock::Mode::exclusive));
}

TEST_F(FixedApplianceTest, that_was_not_finished_is_swept) {
    files.write("kept/new-abcdef/appliance/root", "half");
    static_cast<void>(obtain());
    EXPECT_EQ(kept(), 2);
}

TEST_F(FixedApplianceTest, that_cannot_be_made_is_an_error_and_nothing_stays) {
    runner.answer = [](const process::Command& command) {
        pretend(command);
        return process::Result{.exit_code = 1, .err = "supermin: no kernel"};
    };
    const util::ErrorInfo error = error_of([this] { static_cast<void>(obtain()); });
    EXPECT_EQ(error.code, util::ExitCode::tool);
    EXPECT_THAT(error.excerpt, ::testing::Contains("supermin: no kernel"));
    EXPECT_THAT(error.hint, HasSubstr("kiln doctor"));
    EXPECT_EQ(kept(), 1);
}

TEST(LookOf, changes_with_the_entries_of_a_folder) {
    const TestFiles files;
    files.write("folder/kernel", "one");
    const std::string before = base::look_of({files / "folder"});
    EXPECT_EQ(base::look_of({files / "folder"}), before);
    files.write("folder/kernel", "other");
    EXPECT_NE(base::look_of({files / "folder"}), before);
    EXPECT_NE(base::look_of({files / "absent"}), base::look_of({files / "folder"}));
}

} // namespace
} // namespace kiln::tests
