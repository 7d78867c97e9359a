#include "ends.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace kiln::tests {
namespace {

using Case = std::tuple<Stop, Blow, User>;

/// Every place of a build, every way to end it, both users.
class EveryEnd : public testing::TestWithParam<Case> {};

std::string case_name(const testing::TestParamInfo<Case>& info) {
    const auto& [stop, blow, user] = info.param;
    std::string name =
        stop_name(stop) + "_" + blow_name(blow) + (user == User::root ? "_root" : "_plain");
    for (char& letter : name) {
        letter = letter == '-' ? '_' : letter;
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(Of,
                         EveryEnd,
                         testing::Combine(testing::Values(Stop::root,
                                                          Stop::extra_data,
                                                          Stop::pre_install,
                                                          Stop::install,
                                                          Stop::finalise,
                                                          Stop::writing_disk,
                                                          Stop::writing_qcow2),
                                          testing::Values(Blow::interrupt,
                                                          Blow::terminate,
                                                          Blow::kill_kiln,
                                                          Blow::kill_init,
                                                          Blow::kill_worker,
                                                          Blow::kill_work),
                                          testing::Values(User::root, User::plain)),
                         case_name);

TEST_P(EveryEnd, LeavesNothing) {
    const auto& [stop, blow, user] = GetParam();
    if (!reason_to_skip(user).empty()) {
        GTEST_SKIP() << reason_to_skip(user);
    }
    end_a_build(stop, blow, user);
}

} // namespace
} // namespace kiln::tests
