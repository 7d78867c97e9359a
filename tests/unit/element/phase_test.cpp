#include "element/phase.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using element::Phase;
using element::Side;

TEST(Phases, RunInTheClassicOrder) {
    std::string order;
    for (const element::PhaseInfo& info : element::phases()) {
        order += info.name + " ";
    }
    EXPECT_EQ(order,
              "root extra-data pre-install install post-install post-root block-device-size "
              "block-device pre-finalise finalise cleanup first-boot ");
}

TEST(Phases, AreFoundByNameAndByFolder) {
    EXPECT_EQ(element::phase_by_name("pre-install"), Phase::pre_install);
    EXPECT_EQ(element::phase_by_name("pre-install.d"), Phase::pre_install);
    EXPECT_EQ(element::phase_by_name("instal"), std::nullopt);
    for (const element::PhaseInfo& info : element::phases()) {
        EXPECT_EQ(element::phase_info(info.phase).name, info.name);
        EXPECT_EQ(element::phase_by_name(element::hook_directory(info.phase)), info.phase);
    }
}

TEST(Phases, KnowWhereTheirHooksRun) {
    EXPECT_EQ(element::phase_info(Phase::root).side, Side::host);
    EXPECT_EQ(element::phase_info(Phase::install).side, Side::chroot);
    EXPECT_EQ(element::phase_info(Phase::finalise).side, Side::chroot);
    EXPECT_EQ(element::phase_info(Phase::first_boot).side, Side::guest);
}

} // namespace
} // namespace kiln::tests
