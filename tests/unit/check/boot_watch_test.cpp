#include "check/boot_watch.hpp"
#include "support/memory_reporter.hpp"
#include "util/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace kiln::check {
namespace {

class Watch : public ::testing::Test {
protected:
    static void append(const std::string& file, const std::string& text) {
        std::ofstream(file, std::ios::app) << text;
    }

    util::TempDir folder_{"/tmp", "kiln-test-"};
    Machine machine_{.disk = "",
                     .console_file = folder_.path() / "console",
                     .report_file = folder_.path() / "report"};
    tests::MemoryReporter reporter_;
    BootWatch watch_{machine_, "abc", {.reporter = reporter_, .stage = "boot-bios"}};
};

TEST_F(Watch, goes_on_while_nothing_is_clear) {
    append(machine_.console_file, "GRUB loading.\n");
    EXPECT_FALSE(watch_.update());
}

TEST_F(Watch, ends_with_the_report_from_the_port) {
    append(machine_.report_file, "kiln-boot abc done running\n");
    EXPECT_TRUE(watch_.update());
    EXPECT_EQ(watch_.report()->state, "running");
}

TEST_F(Watch, takes_the_report_from_the_console_too) {
    append(machine_.console_file, "kiln-boot abc done running\r\n");
    EXPECT_TRUE(watch_.update());
}

TEST_F(Watch, ends_with_a_failure_on_the_console) {
    append(machine_.console_file, "No bootable device.");
    EXPECT_TRUE(watch_.update());
}

TEST_F(Watch, reports_every_line_of_the_console_once) {
    append(machine_.console_file, "one\ntw");
    watch_.update();
    append(machine_.console_file, "o\n");
    watch_.update();
    EXPECT_EQ(reporter_.texts(report::EventKind::output), (std::vector<std::string>{"one", "two"}));
}

} // namespace
} // namespace kiln::check
