#include "process/tools/mksquashfs.hpp"

#include <gtest/gtest.h>

namespace kiln::process {
namespace {

TEST(Mksquashfs, reads_a_tar_and_knows_no_time_but_the_epoch) {
    const Command command =
        mksquashfs_command({.target = "/out/a.squash", .epoch = 1704067200, .mode = 040750});
    const std::vector<std::string> expected = {"mksquashfs",
                                               "-",
                                               "/out/a.squash",
                                               "-tar",
                                               "-noappend",
                                               "-quiet",
                                               "-no-progress",
                                               "-reproducible",
                                               "-comp",
                                               "xz",
                                               "-root-mode",
                                               "0750",
                                               "-root-uid",
                                               "0",
                                               "-root-gid",
                                               "0"};
    EXPECT_EQ(command.argv, expected);
    EXPECT_EQ(command.environment.at("SOURCE_DATE_EPOCH"), "1704067200");
}

} // namespace
} // namespace kiln::process
