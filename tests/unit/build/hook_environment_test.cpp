#include "build/hook_environment.hpp"
#include "build_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using build::hook_environment;
using build::is_allowed_variable;
using build::user_environment;
using element::Phase;
using process::Environment;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

TEST(AllowedVariable, IsWhatElementsDocument) {
    for (const char* name : {"DIB_RELEASE",
                             "ARCH",
                             "http_proxy",
                             "NO_PROXY",
                             "GRUB_CMDLINE_LINUX",
                             "SOURCE_DATE_EPOCH",
                             "break"}) {
        EXPECT_TRUE(is_allowed_variable(name)) << name;
    }
}

TEST(AllowedVariable, IsNoCredentialNorAPlaceOfTheCaller) {
    for (const char* name : {"OS_PASSWORD",
                             "OS_TOKEN",
                             "OS_AUTH_URL",
                             "AWS_SECRET_ACCESS_KEY",
                             "AWS_SESSION_TOKEN",
                             "GITHUB_TOKEN",
                             "CI_JOB_TOKEN",
                             "VAULT_TOKEN",
                             "SSH_AUTH_SOCK",
                             "KRB5CCNAME",
                             "GPG_AGENT_INFO",
                             "PGPASSWORD",
                             "HOME",
                             "USER",
                             "PATH",
                             "LD_PRELOAD",
                             "LD_LIBRARY_PATH",
                             "BASH_ENV",
                             "ENV",
                             "SHELLOPTS",
                             "PYTHONPATH",
                             "TMPDIR",
                             "TZ",
                             "XDG_RUNTIME_DIR",
                             "DBUS_SESSION_BUS_ADDRESS",
                             "DIB",
                             "dib_release",
                             "ARCHITECTURE",
                             ""}) {
        EXPECT_FALSE(is_allowed_variable(name)) << name;
    }
}

TEST(UserEnvironment, TakesTheAllowedOnesOnly) {
    const Environment caller = {{"DIB_RELEASE", "bookworm"}, {"OS_PASSWORD", "x"}};
    EXPECT_EQ(user_environment(caller, {}), (Environment{{"DIB_RELEASE", "bookworm"}}));
}

TEST(UserEnvironment, TakesWhatIsAskedFor) {
    const Environment caller = {{"MY_FLAG", "1"}, {"OTHER", "2"}};
    EXPECT_EQ(user_environment(caller, {"MY_FLAG", "A=b=c", "EMPTY="}),
              (Environment{{"MY_FLAG", "1"}, {"A", "b=c"}, {"EMPTY", ""}}));
}

TEST(UserEnvironment, RefusesAVariableThatIsNotSet) {
    const util::ErrorInfo error = error_of([] { user_environment({}, {"MISSING"}); });
    EXPECT_EQ(error.code, util::ExitCode::usage);
    EXPECT_THAT(error.what, HasSubstr("--env MISSING"));
}

TEST(UserEnvironment, RefusesWhatIsNoName) {
    for (const char* word : {"", "=x", "1A=x", "A-B=x", "A B", "A%%=x"}) {
        EXPECT_EQ(error_of([&] { user_environment({}, {word}); }).code, util::ExitCode::usage)
            << word;
    }
}

class HookEnvironmentTest : public BuildTest {
protected:
    [[nodiscard]] Environment of(Phase phase) const {
        return hook_environment(context, element::phase_info(phase));
    }
};

TEST_F(HookEnvironmentTest, HasConstantPlaces) {
    const Environment environment = of(Phase::extra_data);
    EXPECT_THAT(environment, Contains(Pair("TMP_MOUNT_PATH", "/kiln/build/mnt")));
    EXPECT_THAT(environment, Contains(Pair("TMP_HOOKS_PATH", "/kiln/build/hooks")));
    EXPECT_THAT(environment, Contains(Pair("IMAGE_NAME", "web")));
    EXPECT_THAT(environment, Not(Contains(Key("TARGET_ROOT"))));
}

TEST_F(HookEnvironmentTest, NamesTheRootWhereAPhaseWritesIt) {
    EXPECT_THAT(of(Phase::root), Contains(Pair("TARGET_ROOT", "/kiln/build/mnt")));
    EXPECT_THAT(of(Phase::cleanup), Contains(Pair("TARGET_ROOT", "/kiln/build/mnt")));
}

TEST_F(HookEnvironmentTest, InTheChrootIsThatOfTheTree) {
    const Environment environment = of(Phase::install);
    EXPECT_THAT(environment, Contains(Pair("HOME", "/root")));
    EXPECT_THAT(environment.at("PATH"), Not(HasSubstr("/kiln/")));
    EXPECT_THAT(environment, Not(Contains(Key("container"))));
    EXPECT_THAT(environment, Not(Contains(Key("KILN"))));
}

TEST_F(HookEnvironmentTest, OfTheHostSideFindsShimsFirst) {
    const Environment environment = of(Phase::root);
    EXPECT_THAT(environment.at("PATH"), ::testing::StartsWith("/kiln/build/shims:"));
    EXPECT_THAT(environment, Contains(Pair("KILN", "/usr/bin/kiln")));
    EXPECT_THAT(environment, Contains(Pair("container", "lxc")));
}

TEST_F(HookEnvironmentTest, HandsOnWhatTheUserSetButNotOverThePlaces) {
    context.options.environment = {{"MY_FLAG", "1"}, {"PATH", "/evil"}, {"TMP_MOUNT_PATH", "/"}};
    const Environment environment = of(Phase::install);
    EXPECT_THAT(environment, Contains(Pair("MY_FLAG", "1")));
    EXPECT_THAT(environment.at("PATH"), Not(HasSubstr("evil")));
    EXPECT_THAT(environment, Contains(Pair("TMP_MOUNT_PATH", "/kiln/build/mnt")));
}

} // namespace
} // namespace kiln::tests
