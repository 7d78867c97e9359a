#include "check/probe_unit.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kiln::check {
namespace {

TEST(ProbeUnit, runs_after_the_system_and_the_first_boot_scripts_are_up) {
    const auto files = probe_unit("abc");
    const auto unit = std::find_if(files.begin(), files.end(), [](const SeedFile& file) {
        return file.path == "/etc/systemd/system/kiln-boot-report.service";
    });
    ASSERT_NE(unit, files.end());
    EXPECT_NE(unit->content.find("After=multi-user.target kiln-first-boot.service\n"),
              std::string::npos);
}

TEST(ProbeUnit, is_wanted_by_the_multi_user_target) {
    const auto files = probe_unit("abc");
    EXPECT_TRUE(std::any_of(files.begin(), files.end(), [](const SeedFile& file) {
        return file.is_link && file.path.find("/multi-user.target.wants/") != std::string::npos;
    }));
}

TEST(ProbeUnit, sends_the_token) {
    const auto files = probe_unit("abc");
    EXPECT_NE(files.front().content.find("kiln-boot abc done"), std::string::npos);
    EXPECT_EQ(files.front().content.find('@'), std::string::npos);
}

TEST(BootReport, is_there_only_when_its_last_line_is_whole) {
    EXPECT_FALSE(find_report("kiln-boot abc failed x.service\n", "abc"));
    EXPECT_FALSE(find_report("kiln-boot abc done running", "abc"));
    EXPECT_TRUE(find_report("kiln-boot abc done running\n", "abc"));
}

TEST(BootReport, of_another_token_does_not_count) {
    EXPECT_FALSE(find_report("kiln-boot xyz done running\n", "abc"));
}

TEST(BootReport, is_up_when_only_allowed_units_failed) {
    const check::BootReport report{.state = "degraded", .failed_units = {"dhcp@eth0.service"}};
    EXPECT_TRUE(check::is_up(report, {"dhcp@*"}));
    EXPECT_FALSE(check::is_up(report, {"dhcp@"}));
    EXPECT_FALSE(check::is_up(report, {}));
    EXPECT_FALSE(check::is_up({.state = "starting"}, {"*"}));
    EXPECT_FALSE(check::is_up({.state = "degraded"}, {"*"}));
    EXPECT_TRUE(check::is_up({.state = "running"}, {}));
}

TEST(BootReport, has_the_journal_of_the_failed_units) {
    const auto report = find_report("kiln-boot abc failed x.service\r\n"
                                    "kiln-boot abc log x.service: no  such thing\r\n"
                                    "kiln-boot abd log x.service: of another token\r\n"
                                    "kiln-boot abc done degraded\r\n",
                                    "abc");
    ASSERT_TRUE(report);
    EXPECT_EQ(report->failed_units, std::vector<std::string>{"x.service"});
    EXPECT_EQ(report->journal, std::vector<std::string>{"x.service: no  such thing"});
}

TEST(BootReport, lists_the_failed_units) {
    const auto report = find_report("noise\r\nkiln-boot abc failed x.service\r\n"
                                    "kiln-boot abc done degraded\r\n",
                                    "abc");
    ASSERT_TRUE(report);
    EXPECT_EQ(report->failed_units, std::vector<std::string>{"x.service"});
    EXPECT_EQ(report->state, "degraded");
}

TEST(Token, is_new_each_time) {
    EXPECT_EQ(make_token().size(), 32U);
    EXPECT_NE(make_token(), make_token());
}

} // namespace
} // namespace kiln::check
