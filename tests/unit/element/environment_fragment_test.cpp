#include "element/environment_fragment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using element::EnvironmentFragment;
using element::read_environment_fragment;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(EnvironmentFragment, ThatSetsVariablesOfElementsCountsWhereTheyAreNamed) {
    const EnvironmentFragment fragment =
        read_environment_fragment("# shellcheck shell=bash\n"
                                  "export DIB_A=${DIB_A:-1}\n"
                                  "if [ -z \"${DIB_B:-}\" ]; then DIB_B=2; fi\n"
                                  "[ \"$DIB_A\" = 1 ] || export DISTRO_NAME=x\n"
                                  "case $ARCH in\n  a | b) echo no >&2; exit 1 ;;\nesac\n"
                                  "unset DIB_C\nset -eu\nset +o xtrace\n");
    EXPECT_EQ(fragment.counts_always, "");
    EXPECT_THAT(fragment.sets, ElementsAre("DIB_A", "DIB_B", "DIB_C", "DISTRO_NAME"));
}

TEST(EnvironmentFragment, FunctionsCountWhereTheyAreNamed) {
    const EnvironmentFragment fragment =
        read_environment_fragment("pick() {\n  echo 1\n}\npick >/dev/null\n");
    EXPECT_EQ(fragment.counts_always, "");
    EXPECT_THAT(fragment.sets, ElementsAre("pick"));
}

TEST(EnvironmentFragment, ThatProgramsNoticeCountsAlways) {
    for (const char* script : {"export PATH=/x:$PATH\n",
                               "LC_ALL=C.UTF-8\n",
                               "export LD_PRELOAD=x\n",
                               "export MY_OWN=1\n",
                               "unset LANG\n",
                               "umask 027\n",
                               "shopt -s extglob\n",
                               "set -a\n",
                               "set -o posix\n",
                               "trap x EXIT\n",
                               "DIB_A=$(uname -r)\n",
                               "cd /tmp\n",
                               "touch x\n",
                               "echo x >/etc/y\n",
                               "export -f x\n",
                               "source /x\n",
                               "eval \"$x\"\n",
                               "DIB_A='not closed\n"}) {
        EXPECT_THAT(read_environment_fragment(script).counts_always, Not(IsEmpty())) << script;
    }
}

TEST(EnvironmentFragment, ProgramsReadWhatIsNotOfElements) {
    for (const char* name :
         {"PATH", "LC_ALL", "SOURCE_DATE_EPOCH", "container", "ARCH", "MY_OWN"}) {
        EXPECT_TRUE(element::is_read_by_programs(name)) << name;
    }
    for (const char* name : {"DIB_A", "KILN_A", "GRUB_OPTS", "IMAGE_NAME", "DISTRO_NAME"}) {
        EXPECT_FALSE(element::is_read_by_programs(name)) << name;
    }
}

} // namespace
} // namespace kiln::tests
