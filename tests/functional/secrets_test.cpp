#include "process/secrets.hpp"
#include "util/fd.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace kiln::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Marks that are put where secrets are; none may come out anywhere.
const std::vector<std::string> k_canaries = {"canary-of-a-password-4711",
                                             "canary-of-a-proxy-4712",
                                             "canary-of-an-option-4713",
                                             "canary-of-the-caller-4714",
                                             "canary-of-the-home-4715",
                                             "canary-of-a-repository-4716"};

/// "FILE: CANARY" for every file below folder that holds one, plain or in base64.
std::vector<std::string> canaries_below(const std::string& folder) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file() || entry.is_symlink()) {
            continue;
        }
        const std::string text = util::read_file(entry.path());
        for (const std::string& canary : k_canaries) {
            const std::vector<std::string> traces = process::traces_of(canary);
            if (std::any_of(traces.begin(), traces.end(), [&](const std::string& trace) {
                    return text.find(trace) != std::string::npos;
                })) {
                found.push_back(entry.path().string() + ": " + canary);
            }
        }
    }
    return found;
}

class Canary : public AsUser {
protected:
    /// A workspace with a canary in every input.
    static void fill(Workspace& space) {
        space.environment["DIB_DEV_USER_PASSWORD"] = k_canaries[0];
        space.environment["http_proxy"] = "http://me:" + k_canaries[1] + "@127.0.0.1:9/";
        space.environment["OS_PASSWORD"] = k_canaries[3];
        space.environment["AWS_SECRET_ACCESS_KEY"] = k_canaries[3];
        space.environment["DIB_REPOLOCATION_tool"] =
            "https://me:" + k_canaries[5] + "@127.0.0.1/tool.git";
        space.write("home/.netrc", "machine x login y password " + k_canaries[4] + "\n");
        space.write("home/.ssh/id_rsa", k_canaries[4] + "\n");
        space.write("home/.config/openstack/clouds.yaml", "password: " + k_canaries[4] + "\n");
    }

    static std::vector<std::string> words(std::vector<std::string> more) {
        std::vector<std::string> all = {"-x", "--env", "MY_TOKEN=" + k_canaries[2], "fake-os"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
};

INSTANTIATE_TEST_SUITE_P(As, Canary, testing::Values(User::root, User::plain), user_name);

TEST_P(Canary, ComesOutNowhere) {
    Workspace space(GetParam());
    fill(space);
    // Hooks that say all they know, as with traces on.
    for (const char* phase : {"root", "extra-data", "install", "finalise", "cleanup"}) {
        space.hook("talker",
                   std::string(phase) + ".d/70-talk",
                   "set -x\nenv\nenv | base64 -w0\n: \"${MY_TOKEN-}\"\n"
                   "cat ~/.netrc ~/.ssh/id_rsa 2>&1 || true");
    }
    const Finished result = space.build(
        words({"talker", "manifests", "element-manifest", "--logfile", space / "out/log"}));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out + result.err, Not(HasSubstr("canary")));
    EXPECT_THAT(canaries_below(space / "out"), IsEmpty());
    EXPECT_THAT(canaries_below(space / "state"), IsEmpty());
    EXPECT_THAT(canaries_below(space / "cache"), IsEmpty());
    EXPECT_TRUE(space.has("out/image.d/dib-manifests/dib_environment"));
}

TEST_P(Canary, OfAFailedHookStaysOutOfTheMessage) {
    Workspace space(GetParam());
    fill(space);
    space.hook("broken", "install.d/50-broken", "echo \"login $DIB_DEV_USER_PASSWORD\"; exit 1");
    const Finished result = space.build(words({"broken"}));
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("login <hidden>"));
    EXPECT_THAT(result.err, Not(HasSubstr("canary")));
    EXPECT_THAT(canaries_below(space / "state"), IsEmpty());
}

TEST_P(Canary, InTheTreeStopsTheBuild) {
    Workspace space(GetParam());
    fill(space);
    space.hook("leaky", "install.d/50-leaky", "echo \"pw=$DIB_DEV_USER_PASSWORD\" > /etc/leak");
    const Finished result = space.build(words({"leaky"}));
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("'DIB_DEV_USER_PASSWORD' in '/etc/leak'"));
    EXPECT_THAT(result.err, HasSubstr("KILN_ALLOWED_SECRETS"));
    EXPECT_THAT(space.list("out"), IsEmpty());
}

TEST_P(Canary, IsAllowedWhereTheUserSaysSo) {
    Workspace space(GetParam());
    fill(space);
    space.environment["KILN_ALLOWED_SECRETS"] = "DIB_DEV_USER_PASSWORD";
    space.hook("leaky", "install.d/50-leaky", "echo \"pw=$DIB_DEV_USER_PASSWORD\" > /etc/leak");
    space.must_build(words({"leaky"}));
}

} // namespace
} // namespace kiln::tests
