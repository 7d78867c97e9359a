#include "build/secret_scan.hpp"
#include "process/secrets.hpp"
#include "support/memory_reporter.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using process::Redactor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::vector<process::Secret> k_secrets = {{.variable = "X", .value = "canary-0815"}};

std::vector<std::string> names(const std::vector<process::Secret>& secrets) {
    std::vector<std::string> result;
    for (const process::Secret& secret : secrets) {
        result.push_back(secret.variable + "=" + secret.value);
    }
    return result;
}

TEST(Secrets, AreValuesOfVariablesWithSecretNamesAndPasswordsInUrls) {
    EXPECT_THAT(names(process::secrets_of({{"DIB_DEV_USER_PASSWORD", "hunter22"},
                                           {"http_proxy", "http://me:proxy-pass@proxy:3128/"},
                                           {"DIB_RELEASE", "bookworm"},
                                           {"no_proxy", "http://proxy/"}})),
                ElementsAre("DIB_DEV_USER_PASSWORD=hunter22", "http_proxy=proxy-pass"));
}

TEST(Secrets, AreThePasswordsOfAllUrlsOfAValue) {
    EXPECT_THAT(
        names(process::secrets_of(
            {{"DIB_URLS", "http://host:80 https://me:first-one@a/ https://b:other-one@c"}})),
        ElementsAre("DIB_URLS=first-one", "DIB_URLS=other-one"));
}

TEST(Secrets, AreTokensInTheUsersPlaceOfAUrlButNoNamesOfUsers) {
    EXPECT_THAT(
        names(process::secrets_of({{"DIB_REPOLOCATION_a", "https://ghp_0123456789abcdef@h/r"},
                                   {"DIB_REPOLOCATION_b", "ssh://somebody@h/r"}})),
        ElementsAre("DIB_REPOLOCATION_a=ghp_0123456789abcdef"));
}

TEST(Secrets, AreWhatTheUserNames) {
    EXPECT_THAT(names(process::secrets_of(
                    {{"KILN_SECRET_VARIABLES", "DIB_A, DIB_B"}, {"DIB_A", "first-one"}})),
                ElementsAre("DIB_A=first-one"));
}

TEST(Secrets, AreNeitherPlacesNorWhatIsTooShortToFind) {
    EXPECT_THAT(process::secrets_of({{"DIB_DEV_USER_AUTHORIZED_KEYS", "ssh-ed25519 AAAA me@here"},
                                     {"DIB_SIGNING_KEY", "/home/me/key"},
                                     {"DIB_TOKEN", "yes"}}),
                IsEmpty());
    EXPECT_EQ(process::secrets_of({{"DIB_DEV_USER_PASSWORD", "/slash1234"}}).size(), 1U);
}

TEST(Secrets, MayBeAllowedInTheImageButStayOutOfLogs) {
    const process::Environment environment = {{"DIB_TOKEN", "long-enough"},
                                              {"KILN_ALLOWED_SECRETS", "DIB_TOKEN"}};
    EXPECT_THAT(process::forbidden_secrets(environment), IsEmpty());
    EXPECT_EQ(process::secrets_of(environment).size(), 1U);
}

TEST(Redactor, HidesASecretPlainAndInBase64) {
    const Redactor redactor(k_secrets);
    EXPECT_EQ(redactor.redact(std::string("login canary-0815!")), "login <hidden>!");
    // echo -n canary-0815 | base64, with nothing, "a:" and "ab:" before it.
    for (const char* text : {"Y2FuYXJ5LTA4MTU=", "YTpjYW5hcnktMDgxNQ==", "YWI6Y2FuYXJ5LTA4MTU="}) {
        EXPECT_THAT(redactor.redact(std::string(text)), HasSubstr("<hidden>")) << text;
    }
    EXPECT_EQ(redactor.redact(std::string("nothing here")), "nothing here");
}

TEST(Redactor, HidesEachLineOfASecretOfMany) {
    const std::vector<process::Secret> key = {
        {.variable = "X", .value = "-----BEGIN-----\nb3BlbnNzaC1rZX\nend\n"}};
    const Redactor redactor(key);
    EXPECT_EQ(redactor.redact(std::string("b3BlbnNzaC1rZX")), "<hidden>");
    EXPECT_EQ(redactor.redact(std::string("the end")), "the end");
}

TEST(Redactor, HidesInAllPartsOfAnError) {
    const Redactor redactor(k_secrets);
    const util::ErrorInfo info = redactor.redact(util::ErrorInfo{
        .what = "canary-0815", .hint = "canary-0815", .excerpt = {"a canary-0815"}});
    EXPECT_EQ(info.what, "<hidden>");
    EXPECT_EQ(info.hint, "<hidden>");
    EXPECT_THAT(info.excerpt, ElementsAre("a <hidden>"));
}

TEST(Redactor, HidesInEvents) {
    const Redactor redactor(k_secrets);
    MemoryReporter memory;
    process::RedactingReporter reporter(redactor, memory);
    reporter.handle({.kind = report::EventKind::output, .text = "+ echo canary-0815"});
    EXPECT_THAT(memory.texts(report::EventKind::output), ElementsAre("+ echo <hidden>"));
}

class SecretScan : public testing::Test {
protected:
    [[nodiscard]] std::vector<std::string> leaks() const {
        std::vector<std::string> result;
        for (const build::LeakedSecret& leak : build::find_secrets(files / "tree", k_secrets)) {
            result.push_back(leak.variable + " " + leak.path);
        }
        return result;
    }

    TestFiles files{};
};

TEST_F(SecretScan, FindsThemInTheMiddleOfAFile) {
    files.write("tree/etc/conf", "user x canary-0815");
    files.write("tree/etc/other", "user x canary-081");
    EXPECT_THAT(leaks(), ElementsAre("X /etc/conf"));
}

TEST_F(SecretScan, FindsThemAcrossTheBlocksThatAreRead) {
    std::string text(std::size_t{1024} * 1024 - 5, 'x');
    files.write("tree/large", text + "canary-0815");
    EXPECT_THAT(leaks(), ElementsAre("X /large"));
}

TEST_F(SecretScan, FindsThemInBase64) {
    files.write("tree/netrc", "auth: YTpjYW5hcnktMDgxNQ==");
    EXPECT_THAT(leaks(), ElementsAre("X /netrc"));
}

TEST_F(SecretScan, IsNotEndedByALinkThatGoesInACircle) {
    files.link("link", "tree/link");
    files.write("tree/zeta", "canary-0815");
    EXPECT_THAT(leaks(), ElementsAre("X /zeta"));
}

TEST_F(SecretScan, FollowsNoLink) {
    files.write("outside", "canary-0815");
    files.directory("tree");
    std::filesystem::create_symlink(files / "outside", files / "tree/link");
    EXPECT_THAT(leaks(), IsEmpty());
}

TEST_F(SecretScan, NamesFileAndVariableInItsErrorButNotTheSecret) {
    files.write("tree/etc/conf", "canary-0815");
    const util::ErrorInfo error = error_of(
        [&] { build::require_no_secrets(build::find_secrets(files / "tree", k_secrets)); });
    EXPECT_EQ(error.code, util::ExitCode::hook);
    EXPECT_THAT(error.what, HasSubstr("'X' in '/etc/conf'"));
    EXPECT_THAT(error.what, Not(HasSubstr("canary")));
    EXPECT_THAT(error.hint, HasSubstr("KILN_ALLOWED_SECRETS"));
}

} // namespace
} // namespace kiln::tests
