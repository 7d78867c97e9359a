#include "process/tools/supermin.hpp"

#include <gtest/gtest.h>

namespace kiln::process {
namespace {

TEST(Supermin, is_called_as_libguestfs_calls_it_and_has_a_time_limit) {
    const Command command = supermin_command({.source = "/lib/supermin.d", .target = "/new"});
    const std::vector<std::string> expected = {"supermin",
                                               "--build",
                                               "--copy-kernel",
                                               "--format",
                                               "ext2",
                                               "/lib/supermin.d",
                                               "-o",
                                               "/new"};
    EXPECT_EQ(command.argv, expected);
    EXPECT_EQ(command.timeout, std::chrono::minutes(5));
}

} // namespace
} // namespace kiln::process
